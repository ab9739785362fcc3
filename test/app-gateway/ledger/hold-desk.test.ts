import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HoldDesk } from '@sallyport/app-gateway/ledger/hold-desk.ts';
import type { Orderer } from '@sallyport/app-gateway/ledger/orderer.ts';
import type { LegalHold } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { NOON_MS } from '../ports/audit-records.ts';

const HOLD = {
  name: 'case-7',
  firstDay: '2026-11-01',
  lastDay: '2026-11-30',
  reason: 'court order',
  setAtMs: NOON_MS,
};
const [ANN, BOB] = ['ann', 'bob'].map((author) => ({
  author,
  approval: { payload: `signed by ${author}`, signature: Buffer.alloc(64, 7).toString('base64') },
})) as [Orderer, Orderer];

describe('holds', () => {
  let said: string[];
  let isFree: boolean;
  let isOnRecord: boolean;
  let held: readonly LegalHold[];
  let desk: HoldDesk;
  beforeEach(() => {
    said = [];
    isFree = true;
    isOnRecord = true;
    held = [{ ...HOLD, setBy: 'ann' }];
    const done = (what: string) => {
      said.push(what);
      return isFree ? ok(undefined) : err({ code: 'conflict' as const });
    };
    desk = new HoldDesk(
      {
        holds: async () => ok(held),
        setHold: async ({ name, setBy }) => done(`set ${name} by ${setBy}`),
        liftHold: async (name, by, nowMs) => done(`lifted ${name} by ${by} at ${nowMs}`),
      },
      async (type, { authorSignature, ...fields }) => {
        said.push(`${type} ${JSON.stringify(fields)} ${authorSignature?.length}`);
        return isOnRecord;
      },
    );
  });

  it('are set, and put on record', async () => {
    assert.ok((await desk.set(HOLD, ANN)).ok);
    assert.deepEqual(said, [
      'set case-7 by ann',
      'hold-set {"hold":"case-7","author":"ann","signedText":"signed by ann","note":"court order","firstDay":"2026-11-01","lastDay":"2026-11-30"} 64',
    ]);
  });

  it('are lifted once that is on record', async () => {
    assert.ok((await desk.lift('case-7', BOB, 'settled', NOON_MS)).ok);
    assert.deepEqual(said, [
      'hold-lifted {"hold":"case-7","author":"bob","signedText":"signed by bob","note":"settled"} 64',
      `lifted case-7 by bob at ${NOON_MS}`,
    ]);
  });

  it('that are refused are not on record', async () => {
    isFree = false;
    assert.equal((await desk.set(HOLD, ANN)).ok, false);
    held = [{ ...HOLD, setBy: 'ann', liftedBy: 'bob', liftedAtMs: NOON_MS }];
    assert.deepEqual(await desk.lift('case-7', BOB, '', NOON_MS), err({ code: 'conflict' }));
    assert.deepEqual(said, ['set case-7 by ann']);
  });

  it('stay where it cannot be put on record that they are lifted', async () => {
    isOnRecord = false;
    assert.deepEqual(await desk.lift('case-7', BOB, '', NOON_MS), err('not-on-record'));
    assert.equal(
      said.some((line) => line.startsWith('lifted')),
      false,
    );
  });

  it('that no record tells of are said to be so', async () => {
    isOnRecord = false;
    assert.deepEqual(await desk.set(HOLD, ANN), err('held-not-on-record'));
  });
});
