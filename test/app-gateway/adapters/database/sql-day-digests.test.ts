import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SqlDayDigests } from '@sallyport/app-gateway/adapters/database/sql-day-digests.ts';
import { admitted, NOON_MS, sourceOf } from '../../ports/audit-records.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { openLedger } from './owned-ledger.ts';

const DAY_MS = 86_400_000;
/** Two pieces each. */
const RECORDS_A_DAY = 1500;

describe('days that two gateways note', () => {
  let opened: Awaited<ReturnType<typeof openLedger>>;
  before(async () => {
    opened = await openLedger();
    for (let day = 0; day < 3; day++) {
      const nowMs = NOON_MS + day * DAY_MS;
      const records = Array.from({ length: RECORDS_A_DAY }, (_, at) =>
        admitted(day * RECORDS_A_DAY + at, { callId: `c${at}` }, nowMs),
      );
      const span = { source: sourceOf('edge-1'), records: Buffer.concat(records) };
      unwrap(await opened.ledger.append([span], nowMs));
    }
  });
  after(() => opened.db.destroy());
  const noted = async () => {
    const { rows } = await opened.pglite.query<{ text: string }>(
      `select day || ' ' || count(*) || ' ' || sum(length(bits)) as text from audit_digest
       group by day order by day`,
    );
    return rows.map(({ text }) => text);
  };

  it('are each noted by one of them, and what one of them left behind by the other', async () => {
    const [gone, here] = [new SqlDayDigests(opened.db), new SqlDayDigests(opened.db)];
    await gone.makeOn();
    assert.deepEqual(await noted(), ['2026-11-22 1 16']);
    for (let piece = 0; piece < 2; piece++) assert.ok(await here.makeOn());
    assert.deepEqual(await noted(), ['2026-11-21 64 8192', '2026-11-22 1 16']);
    for (let piece = 0; piece < 2; piece++) assert.ok(await here.makeOn());
    const all = ['2026-11-21 64 8192', '2026-11-22 64 8192'];
    assert.deepEqual(await noted(), all);
    assert.equal(await here.makeOn(), false);
    assert.ok(await gone.makeOn(), 'too late, and nobody minds');
    assert.equal(await gone.makeOn(), false);
    assert.deepEqual(await noted(), all);
  });
});
