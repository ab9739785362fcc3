import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { admitted, NOON_MS, sourceOf, span } from './audit-records.ts';
import type { OwnedLedger } from './ledger-tamper-contract.ts';
import { unwrap } from './unwrap.ts';

interface SharedLedger extends OwnedLedger {
  /** As another process has it. */
  another(): Promise<LedgerStore>;
}

const DAY_MS = 86_400_000;

/** Records come again after a kill, a change of gateways or a start: once is enough, and never is too few. */
export function ledgerToldAgainContract(name: string, open: () => Promise<SharedLedger>): void {
  describe(`records that are told again: ${name}`, () => {
    let owned: SharedLedger;
    beforeEach(async () => {
      owned = await open();
      unwrap(await owned.ledger.append([span(sourceOf('edge-1'), 0, 100)], NOON_MS));
      unwrap(await owned.ledger.append([span(sourceOf('edge-1'), 300, 400)], NOON_MS));
    });
    afterEach(() => owned.close());

    const added = async (ledger: LedgerStore, first: number, end: number, nowMs = NOON_MS) =>
      unwrap(await ledger.append([span(sourceOf('edge-1'), first, end)], nowMs)).added;

    it('are taken once, also where they come twice in one go', async () => {
      const other = await owned.another();
      assert.equal(await added(other, 0, 100), 0);
      assert.equal(await added(other, 50, 350), 200);
      const twice = [span(sourceOf('edge-2'), 0, 50), span(sourceOf('edge-2'), 20, 60)];
      assert.equal(unwrap(await other.append([...twice, ...twice], NOON_MS)).added, 60);
    });

    it('are not missed on days that were dropped', async () => {
      const next = NOON_MS + DAY_MS;
      unwrap(await owned.ledger.append([span(sourceOf('edge-2'), 0, 1)], next));
      unwrap(await owned.ledger.dropDay('2026-11-21', next));
      assert.equal(await added(await owned.another(), 0, 100), 0);
    });

    for (const [what, ranges, first, end, lacking] of [
      ['all that is to come', '[[0, 4000000000]]', 400, 420, 20],
      ['the next few', '[[0, 100], [300, 405]]', 390, 420, 20],
      ['what comes late, between others', '[[0, 400]]', 150, 350, 150],
    ] as const) {
      it(`are not believed to be here where they are not: ${what}`, async () => {
        await owned.execute(`update audit_stream set ranges = '${ranges}'`);
        const other = await owned.another();
        const batch = span(sourceOf('edge-1'), first, end);
        assert.equal(unwrap(await other.append([batch, batch], NOON_MS)).added, lacking);
        assert.equal(unwrap(await other.append([batch], NOON_MS)).added, 0);
        const entries = unwrap(await other.entries(200, 200 + lacking));
        const seqs = entries.map(({ seq }) => seq).toSorted((a, b) => a - b);
        const late = lacking === 150 ? 150 : 400;
        assert.deepEqual(
          seqs,
          Array.from({ length: lacking }, (_, at) => late + at),
        );
      });
    }

    it('are evidence where another one has their number', async () => {
      const record = admitted(20, {}, NOON_MS + 99);
      const second = { source: sourceOf('edge-1'), records: record };
      const other = await owned.another();
      assert.equal(unwrap(await other.append([second], NOON_MS)).added, 1);
      assert.equal(unwrap(await other.append([second], NOON_MS)).added, 0);
      const [entry] = unwrap(await other.entries(200, 201));
      assert.deepEqual([entry?.seq, entry?.record], [20, record]);
    });

    it('are evidence where another one has their number in the same batch', async () => {
      const source = sourceOf('edge-2');
      const record = admitted(5, {}, NOON_MS + 99);
      const batch = [span(source, 0, 10), { source, records: record }, span(source, 0, 10)];
      const twice = [...batch, { source, records: record }];
      assert.equal(unwrap(await owned.ledger.append(twice, NOON_MS)).added, 11);
      const seqs = unwrap(await owned.ledger.entries(200, 211)).map(({ seq }) => seq);
      assert.deepEqual(seqs, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5]);
    });
  });
}
