import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SqlSearchedMender } from '@sallyport/app-gateway/adapters/database/sql-searched-mender.ts';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { admitted, NOON_MS, sourceOf } from '../../ports/audit-records.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { openLedger } from './owned-ledger.ts';

const DAY_MS = 86_400_000;
const DAY = new Date(NOON_MS).toISOString().slice(0, 10);
/** Three pieces of ten thousand. */
const RECORDS = 20_001;

describe('a day with more records than are counted at a time', () => {
  let opened: Awaited<ReturnType<typeof openLedger>>;
  const total = async () => {
    const counts = unwrap(await (opened.ledger as LedgerStore).typeCounts({}));
    return counts.reduce((sum, { records }) => sum + records, 0);
  };
  const spoil = () => opened.pglite.exec('update audit_type_count set records = 1');
  before(async () => {
    opened = await openLedger();
    const source = sourceOf('edge-1');
    for (let first = 0; first < RECORDS; first += 5000) {
      const records = Array.from({ length: Math.min(5000, RECORDS - first) }, (_, at) =>
        admitted(first + at, { callId: `c${first + at}` }, NOON_MS),
      );
      unwrap(await opened.ledger.append([{ source, records: Buffer.concat(records) }], NOON_MS));
    }
    const next = admitted(RECORDS, { callId: 'next' }, NOON_MS + DAY_MS);
    unwrap(await opened.ledger.append([{ source, records: next }], NOON_MS + DAY_MS));
  });
  after(() => opened.db.destroy());

  it('is counted piece by piece, each going on where the one before ended', async () => {
    const mender = new SqlSearchedMender(opened.db, 0);
    await spoil();
    const said = [];
    for (let piece = 0; piece < 4; piece++) said.push(unwrap(await mender.recount(DAY)));
    assert.deepEqual(said, ['counting', 'counting', 'changed', 'counting']);
    assert.equal(await total(), RECORDS + 1);
  });

  it('is counted anew once a row of it was written meanwhile', async () => {
    const mender = new SqlSearchedMender(opened.db, 0);
    unwrap(await mender.recount(DAY));
    const { rows } = unwrap(await opened.ledger.searched.rows(0, 1));
    unwrap(await mender.mend(rows.map((row) => ({ ...row, standsIn: row.day }))));
    await spoil();
    const said = [];
    for (let piece = 0; piece < 3; piece++) said.push(unwrap(await mender.recount(DAY)));
    assert.deepEqual(said, ['counting', 'counting', 'changed']);
    assert.equal(await total(), RECORDS + 1);
  });
});
