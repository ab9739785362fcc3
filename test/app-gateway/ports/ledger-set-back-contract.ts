import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { NOON_MS, sourceOf, span } from './audit-records.ts';
import type { OwnedLedger } from './ledger-tamper-contract.ts';
import { unwrap } from './unwrap.ts';

const TABLES = ['audit_head', 'audit_entry', 'audit_tile', 'audit_stream', 'audit_day'];
const OWNER = 'set session_replication_role = replica;';

interface SharedLedger extends OwnedLedger {
  /** As another process has it. */
  another(): Promise<LedgerStore>;
}

/** Another copy of the database takes the place of the one that was written to: one that was a second behind, or a dump of last night. */
export function ledgerSetBackContract(name: string, open: () => Promise<SharedLedger>): void {
  describe(`a ledger that was set back: ${name}`, () => {
    let owned: SharedLedger;
    beforeEach(async () => {
      owned = await open();
      await append('edge-1', 0, 300);
    });
    afterEach(() => owned.close());

    const append = async (node: string, first: number, end: number) =>
      unwrap(await owned.ledger.append([span(sourceOf(node), first, end)], NOON_MS));
    const keep = () =>
      owned.execute(
        TABLES.map((table) => `create table kept_${table} as select * from ${table};`).join(' '),
      );
    const putBack = () =>
      owned.execute(
        [
          OWNER,
          ...TABLES.map((table) => `delete from ${table};`),
          ...TABLES.map((table) => `insert into ${table} select * from kept_${table};`),
        ].join(' '),
      );

    it('is told from one that goes on, and the records that it lacks are taken once more', async () => {
      await keep();
      await append('edge-1', 300, 340);
      await putBack();
      const found = await append('edge-1', 340, 341);
      assert.deepEqual(found.setBack, { from: 340, to: 300 });
      assert.deepEqual([found.head.size, found.added], [301, 1]);
      const again = await append('edge-1', 0, 341);
      assert.deepEqual([again.head.size, again.added, again.setBack], [341, 40, undefined]);
    });

    for (const [what, others] of [
      ['to a shorter one', 39],
      ['to the same size', 40],
      ['past it', 900],
    ] as const) {
      it(`is told where others have made it grow ${what} meanwhile`, async () => {
        await keep();
        await append('edge-1', 300, 340);
        await putBack();
        // To another process nothing is known of what this one has written.
        const other = await owned.another();
        unwrap(await other.append([span(sourceOf('edge-2'), 0, others)], NOON_MS));
        const found = await append('edge-1', 340, 341);
        assert.deepEqual(found.setBack, { from: 340, to: 300 + others });
        assert.equal((await append('edge-1', 341, 342)).setBack, undefined);
      });
    }

    it('is not what others append to, nor one that fails for a while', async () => {
      const other = await owned.another();
      for (let round = 0; round < 5; round++) {
        const at = round * 130;
        unwrap(await other.append([span(sourceOf('edge-2'), at, at + 130)], NOON_MS));
        const { setBack } = await append('edge-1', 300 + round * 7, 307 + round * 7);
        assert.equal(setBack, undefined, `round ${round}`);
      }
      await owned.execute('alter table audit_head rename to away');
      assert.equal(
        (await owned.ledger.append([span(sourceOf('edge-1'), 400, 401)], NOON_MS)).ok,
        false,
      );
      await owned.execute('alter table away rename to audit_head');
      assert.equal((await append('edge-1', 400, 401)).setBack, undefined);
    });
  });
}
