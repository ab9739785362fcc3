import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeState, storeRefusal } from '@sallyport/app-gateway/commands/change-state.ts';
import type { CommandContext } from '@sallyport/app-gateway/commands/command-context.ts';
import type { State, StateChange, StoreFailure } from '@sallyport/app-gateway/ports/state-store.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

const EVENT: StateChange['events'][0] = {
  atMs: 1,
  author: { kind: 'program', node: 'gateway-1' },
  kind: 'imported',
  subject: 'partner/globex',
  detail: {},
};

/** A store in which somebody else is first so many times. */
function contested(conflicts: number, failure?: StoreFailure) {
  let revision = 10;
  let left = conflicts;
  const seen: number[] = [];
  const store = {
    load: (): Promise<Result<State, StoreFailure>> =>
      Promise.resolve(ok({ revision, partners: [], identities: [], operators: [], nodes: [] })),
    commit: (expected: number): Promise<Result<number, StoreFailure>> => {
      seen.push(expected);
      if (failure !== undefined) return Promise.resolve(err(failure));
      if (left-- > 0) {
        revision++;
        return Promise.resolve(err({ code: 'conflict' }));
      }
      return Promise.resolve(ok(revision + 1));
    },
  };
  return { seen, context: { store, nowMs: () => 1 } as unknown as CommandContext };
}

const decide = (state: State) =>
  ok({ change: { events: [EVENT] as const }, answer: state.revision });

describe('changing the state', () => {
  const rows = [
    [0, [10], 11],
    [1, [10, 11], 12],
    [3, [10, 11, 12, 13], 14],
  ] as const;
  for (const [conflicts, seen, revision] of rows) {
    it(`decides anew on the newest state after ${conflicts} conflicts`, async () => {
      const stage = contested(conflicts);
      const done = await changeState(stage.context, decide);
      assert.deepEqual(done, ok({ answer: seen.at(-1), revision }));
      assert.deepEqual(stage.seen, seen);
    });
  }

  it('gives up after three new tries', async () => {
    const stage = contested(4);
    const done = await changeState(stage.context, decide);
    assert.equal(!done.ok && done.error.code, 'conflict');
    assert.equal(stage.seen.length, 4);
  });

  it('writes nothing when the decision refuses', async () => {
    const stage = contested(0);
    const refusal = { code: 'no', message: 'no', next: 'no' };
    assert.deepEqual(await changeState(stage.context, () => err(refusal)), err(refusal));
    assert.deepEqual(stage.seen, []);
  });

  const failures = [
    [{ code: 'replayed' }, 'replayed'],
    [{ code: 'read-only' }, 'partners-in-files'],
    [{ code: 'unavailable', reason: 'gone' }, 'store-unavailable'],
  ] as const;
  for (const [failure, code] of failures) {
    it(`says what a store's "${failure.code}" means and what to do`, async () => {
      const done = await changeState(contested(0, failure).context, decide);
      assert.deepEqual(done, err(storeRefusal(failure)));
      assert.equal(!done.ok && done.error.code, code);
    });
  }
});
