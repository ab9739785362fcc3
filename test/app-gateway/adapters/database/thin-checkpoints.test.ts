import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOON_MS } from '../../ports/audit-records.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { openLedger } from './owned-ledger.ts';

const HOUR_MS = 3_600_000;
const HOURS = 8;
const SIZE = HOURS * 3600;

describe('checkpoints of a ledger that was signed every second', () => {
  it('are one an hour in the end, piece by piece, and guarded as before', async (t) => {
    const { pglite, db, ledger } = await openLedger();
    t.after(() => db.destroy());
    await pglite.query(
      `insert into audit_checkpoint (size, at_ms, note)
        select n, $1::bigint + n * 1000, 'note' from generate_series(1, ${SIZE}) n`,
      [NOON_MS - 1000],
    );
    await pglite.exec(`insert into audit_cosignature (size, name, line)
      select n, 'edge-1', 'line' from generate_series(1800, ${SIZE}, 3600) n`);
    let [after, removed, pieces] = [0, 0, 0];
    for (;;) {
      const done = unwrap(await ledger.thinCheckpoints(after, NOON_MS + HOURS * HOUR_MS));
      [after, removed, pieces] = [done.upTo, removed + done.removed, pieces + 1];
      if (!done.isMore) break;
    }
    assert.deepEqual([after, removed], [SIZE, SIZE - HOURS]);
    assert.ok(pieces > 2, `${pieces} pieces`);
    const left = unwrap(await ledger.checkpoints({ limit: 100 }));
    assert.deepEqual(
      left.map(({ size, cosignatures }) => [size, Object.keys(cosignatures).length]),
      Array.from({ length: HOURS }, (_, hour) => [1800 + (HOURS - 1 - hour) * 3600, 1]),
    );
    for (const table of ['audit_checkpoint', 'audit_cosignature']) {
      await assert.rejects(pglite.exec(`delete from ${table}`), /append-only/);
    }
  });
});
