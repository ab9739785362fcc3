import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { PARTNERS_BYTES_MAX, partnersBytes, tooManyBytes } from '../../config/partners-size.ts';
import type { State, StateChange } from '../../ports/state-store.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { partnersLetIn, stateAfter } from './changed-posture.ts';

/** Refuses a change after which no proxy could be told of all partners; one that makes them fewer is never held up. */
export function changedSize(
  state: State,
  change: StateChange,
  bytesMax = PARTNERS_BYTES_MAX,
): Result<undefined, CommandRefusal> {
  if (change.partners === undefined) return ok(undefined);
  const bytes = partnersBytes(partnersLetIn(stateAfter(state, change)));
  if (bytes <= bytesMax || bytes <= partnersBytes(partnersLetIn(state))) return ok(undefined);
  return err({
    code: 'partners-too-large',
    message: tooManyBytes(bytes),
    next: 'give the partner shorter revocation lists, or none and have them fetched',
  });
}
