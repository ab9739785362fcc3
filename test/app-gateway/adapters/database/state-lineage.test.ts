import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { StateLineage } from '@sallyport/app-gateway/adapters/database/state-lineage.ts';
import type { ChangeEvent } from '@sallyport/app-gateway/domain/exchange/change-event.ts';
import type { EventQuery, StoreFailure } from '@sallyport/app-gateway/ports/state-store.ts';
import { err, ok } from '@sallyport/shared/result.ts';

const change = (sequence: number, atMs = sequence * 1000): ChangeEvent => ({
  sequence,
  atMs,
  author: { kind: 'program', node: 'gateway-1' },
  kind: 'partner-severed',
  subject: 'partner/globex',
  detail: {},
});

describe('the history of a database that a gateway goes by', () => {
  let history: readonly ChangeEvent[];
  let failure: StoreFailure | undefined;
  let lineage: StateLineage;
  beforeEach(() => {
    history = [1, 2, 3].map((sequence) => change(sequence));
    failure = undefined;
    lineage = new StateLineage({
      events: async ({ beforeSequence = Number.POSITIVE_INFINITY, limit }: EventQuery) => {
        if (failure !== undefined) return err(failure);
        const older = history.filter(({ sequence }) => sequence < beforeSequence);
        return ok(older.toReversed().slice(0, limit));
      },
    });
  });
  const lost = async () => {
    const answer = await lineage.lost();
    return answer.ok ? answer.value?.sequence : answer.error.code;
  };

  it('goes on while it grows, and where nothing has ever changed', async () => {
    history = [];
    assert.equal(await lost(), undefined);
    history = [change(1)];
    assert.equal(await lost(), undefined);
    history = [change(1), change(2), change(3)];
    assert.equal(await lost(), undefined);
    assert.equal(await lost(), undefined);
  });

  const rows: readonly (readonly [string, readonly ChangeEvent[]])[] = [
    ['lacks the newest change', [change(1), change(2)]],
    ['has another in its place', [change(1), change(2), change(3, 3500)]],
    ['has gone on from an earlier one', [change(1), change(2), change(3, 3500), change(4)]],
    ['is empty', []],
  ];
  for (const [what, found] of rows) {
    it(`does not where it ${what}, however often it is asked, until it is back`, async () => {
      await lost();
      const before = history;
      history = found;
      assert.equal(await lost(), 3);
      assert.equal(await lost(), 3);
      history = [...before, change(4)];
      assert.equal(await lost(), undefined);
    });
  }

  it('is not lost where the database does not answer', async () => {
    await lost();
    failure = { code: 'unavailable', reason: '' };
    assert.equal(await lost(), 'unavailable');
    failure = undefined;
    assert.equal(await lost(), undefined);
  });
});
