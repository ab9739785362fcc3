import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { AUDIT_TYPE, type AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { admitted, answered, NOON_MS, sourceOf } from './audit-records.ts';
import { unwrap } from './unwrap.ts';

/** What is found by records alone, and what is put back because of them. */
export function toldContract(ledger: () => LedgerStore): void {
  it('tells records of some types by themselves, of places', async () => {
    const records = [admitted(0), answered(1, 0), admitted(2), answered(3, 2)];
    const span = { source: sourceOf('told'), records: Buffer.concat(records) };
    const end = unwrap(await ledger().append([span], NOON_MS)).head.size;
    const first = end - records.length;
    const told = async (names: readonly AuditTypeName[], from: number, to: number) => {
      const types = names.map((type) => AUDIT_TYPE[type]);
      const found = unwrap(await ledger().told(types, from, to));
      return found.map(({ index, seq, source, record }) => {
        assert.deepEqual([source, record], [span.source, records[seq]]);
        return [index - first, seq];
      });
    };
    const answers = ['message-answered'] as const;
    assert.deepEqual(await told(answers, first, end), [
      [1, 1],
      [3, 3],
    ]);
    assert.deepEqual(await told(answers, first + 2, end - 1), []);
    assert.equal((await told([...answers, 'message-admitted'], first, end + 9)).length, 4);
    assert.deepEqual(await told(['hold-set'], 0, end), []);
  });

  it('puts back a hold, wherever it was, of all its days', async () => {
    const hold = { name: 'case 9', reason: 'court order', setBy: 'ann', setAtMs: NOON_MS };
    const one = { ...hold, firstDay: '2026-01-02', lastDay: '2026-01-02' };
    const standing = async () =>
      unwrap(await ledger().holds()).filter(({ name }) => name === hold.name);
    unwrap(await ledger().putBackHold(one));
    assert.deepEqual(await standing(), [one]);
    unwrap(await ledger().liftHold(hold.name, 'bob', NOON_MS));
    unwrap(await ledger().putBackHold({ ...one, firstDay: '2026-01-01', lastDay: '2026-01-01' }));
    assert.deepEqual(await standing(), [{ ...one, firstDay: '2026-01-01' }]);
  });
}
