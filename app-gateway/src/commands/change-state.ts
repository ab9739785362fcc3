import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { State, StateChange, StoreFailure } from '../ports/state-store.ts';
import type { Applied, CommandContext } from './command-context.ts';
import type { CommandRefusal } from './command-refusal.ts';
import { changedPosture } from './state/changed-posture.ts';
import { changedSize } from './state/changed-size.ts';

const TRIES_MAX = 4;

/** Makes of the newest state what a command wants written, and what it will answer once it is. */
export type Decide<Answer> = (
  state: State,
) => Result<{ readonly change: StateChange; readonly answer: Answer }, CommandRefusal>;

/** A change that is written. */
export interface Committed<Answer> {
  readonly answer: Answer;
  readonly revision: number;
}

/**
 * Loads, decides, commits: the way of every change.
 *
 * The decision is made anew on the newest state when somebody else was first, three times at most, so that it
 * never rests on what is no longer so. Where the site is given, a change that would bring it below the posture that it
 * demands is refused.
 */
export async function changeState<Answer>(
  context: Pick<CommandContext, 'store' | 'nowMs'> & Partial<Pick<CommandContext, 'site'>>,
  decide: Decide<Answer>,
): Promise<Result<Committed<Answer>, CommandRefusal>> {
  for (let tried = 1; ; tried++) {
    const state = await readState(context);
    if (!state.ok) return state;
    const decided = decide(state.value);
    if (!decided.ok) return decided;
    const { change, answer } = decided.value;
    const posture = context.site && changedPosture(context.site, state.value, change);
    if (posture?.ok === false) return posture;
    const size = changedSize(state.value, change);
    if (!size.ok) return size;
    const revision = await context.store.commit(state.value.revision, change, context.nowMs());
    if (revision.ok) return ok({ answer, revision: revision.value });
    if (revision.error.code !== 'conflict' || tried >= TRIES_MAX) {
      return err(storeRefusal(revision.error));
    }
  }
}

/** The same, and the proxies are told: the answer has what they said. */
export async function changeAndApply<Answer extends object>(
  context: CommandContext,
  decide: Decide<Answer>,
): Promise<Result<Answer & { readonly applied: Applied }, CommandRefusal>> {
  const done = await changeState(context, decide);
  if (!done.ok) return done;
  return ok({ ...done.value.answer, applied: await context.running.apply(done.value.revision) });
}

/** The state, or why there is none. */
export async function readState({
  store,
}: Pick<CommandContext, 'store'>): Promise<Result<State, CommandRefusal>> {
  const state = await store.load();
  return state.ok ? state : err(storeRefusal(state.error));
}

/** What a failure of the store is to an operator. */
export function storeRefusal(failure: StoreFailure): CommandRefusal {
  switch (failure.code) {
    case 'conflict':
      return {
        code: 'conflict',
        message: 'others changed the state again and again meanwhile; nothing was done',
        next: 'give the command once more',
      };
    case 'replayed':
      return {
        code: 'replayed',
        message: 'this very command was carried out before; it is not done twice',
        next: 'to do it again, sign it anew: give the command once more',
      };
    case 'read-only':
      return {
        code: 'partners-in-files',
        message: 'this site keeps its partners in files (database: files); nothing was changed',
        next: 'edit partners/*.yaml and reload, or set "database: { kind: embedded }" in site.yaml',
      };
    case 'unavailable':
      return {
        code: 'store-unavailable',
        message: `the database does not answer: ${failure.reason}`,
        next: 'see the log of the gateway; nothing was done if the next "show" does not show it',
      };
  }
}
