import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HoldDesk } from '@sallyport/app-gateway/ledger/hold-desk.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { NOON_MS } from '../ports/audit-records.ts';

const HOLD = {
  name: 'case-7',
  firstDay: '2026-11-01',
  lastDay: '2026-11-30',
  reason: 'court order',
  setBy: 'ann',
  setAtMs: NOON_MS,
};

describe('holds', () => {
  let said: string[];
  let isFree: boolean;
  let desk: HoldDesk;
  beforeEach(() => {
    said = [];
    isFree = true;
    const done = (what: string) => {
      said.push(what);
      return isFree ? ok(undefined) : err({ code: 'conflict' as const });
    };
    desk = new HoldDesk(
      {
        setHold: async ({ name }) => done(`set ${name}`),
        liftHold: async (name, by, nowMs) => done(`lifted ${name} by ${by} at ${nowMs}`),
      },
      async (type, fields) => {
        said.push(`${type} ${JSON.stringify(fields)}`);
        return true;
      },
    );
  });

  it('are set, and put on record', async () => {
    assert.ok((await desk.set(HOLD)).ok);
    assert.deepEqual(said, [
      'set case-7',
      'hold-set {"hold":"case-7","author":"ann","note":"court order","firstDay":"2026-11-01","lastDay":"2026-11-30"}',
    ]);
  });

  it('are lifted, and put on record', async () => {
    assert.ok((await desk.lift('case-7', 'bob', 'settled', NOON_MS)).ok);
    assert.deepEqual(said, [
      `lifted case-7 by bob at ${NOON_MS}`,
      'hold-lifted {"hold":"case-7","author":"bob","note":"settled"}',
    ]);
  });

  it('that are refused are not on record', async () => {
    isFree = false;
    assert.equal((await desk.set(HOLD)).ok, false);
    assert.equal((await desk.lift('case-7', 'bob', '', NOON_MS)).ok, false);
    assert.equal(said.length, 2);
  });
});
