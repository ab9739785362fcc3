/**
 * What the driver does, in this order.
 *
 * `forward-*` concern the response that came with the input; `forward-late-2xx` is one after a final response has gone
 * upstream. `reply` makes a response of our own. `cancel-branch` sends a CANCEL to the current target; `drop-branch`
 * ends its client transaction, which hangs. `abandon` ends the server transaction without an answer (RFC 4320 §4.2).
 * After `done` nothing but late INVITE 2xx follows.
 */
export type ContextEffect =
  | { readonly type: 'try-target'; readonly target: number }
  | { readonly type: 'forward-provisional' }
  | { readonly type: 'forward-final' }
  | { readonly type: 'forward-late-2xx' }
  | { readonly type: 'reply'; readonly status: LocalStatus }
  | { readonly type: 'cancel-branch' }
  | { readonly type: 'drop-branch' }
  | { readonly type: 'abandon' }
  | { readonly type: 'arm-timer'; readonly timer: 'C' | 'cancel' }
  | { readonly type: 'clear-timer'; readonly timer: 'C' | 'cancel' }
  | { readonly type: 'done' };

/** Final responses that the context makes itself. */
export type LocalStatus = 408 | 480 | 487 | 500 | 503;

/** The last effects of a context; an INVITE has a timer to clear, C or `cancel`. */
export interface Ending {
  readonly plain: readonly ContextEffect[];
  readonly withTimerC: readonly ContextEffect[];
  readonly withTimerCancel: readonly ContextEffect[];
}

export const ARM_C: ContextEffect = { type: 'arm-timer', timer: 'C' };
const CLEAR_C: ContextEffect = { type: 'clear-timer', timer: 'C' };
const ARM_CANCEL: ContextEffect = { type: 'arm-timer', timer: 'cancel' };
const CLEAR_CANCEL: ContextEffect = { type: 'clear-timer', timer: 'cancel' };
const FORWARD: ContextEffect = { type: 'forward-provisional' };
const CANCEL: ContextEffect = { type: 'cancel-branch' };
const FIRST: ContextEffect = { type: 'try-target', target: 0 };
const DONE: ContextEffect = { type: 'done' };
export const DROP_BRANCH: ContextEffect = { type: 'drop-branch' };

export const NOTHING = list();
export const TRY_FIRST = list(FIRST);
/** The timer first, so that a try that fails at once finds everything in place. */
export const TRY_FIRST_INVITE = list(ARM_C, FIRST);
export const NO_TARGET = list(replyWith(480), DONE);
export const NO_TARGET_FOR_ANYONE = list(replyWith(503), DONE);
export const FORWARD_PROVISIONAL = list(FORWARD);
/** Timer C starts afresh with each 101 to 199 (RFC 3261 §16.7 step 2). */
export const FORWARD_RINGING = list(ARM_C, FORWARD);
export const CANCEL_BRANCH = list(CANCEL, CLEAR_C, ARM_CANCEL);
export const FORWARD_AND_CANCEL = list(FORWARD, CANCEL, CLEAR_C, ARM_CANCEL);
export const CANCEL_AFTER_TIMER_C = list(CANCEL, ARM_CANCEL);
export const FORWARD_LATE_2XX = list({ type: 'forward-late-2xx' });
export const FORWARD_FINAL = ending({ type: 'forward-final' });
export const ABANDON = ending({ type: 'abandon' });
export const REPLY_408 = ending(replyWith(408));
export const REPLY_487 = ending(replyWith(487));
export const REPLY_500 = ending(replyWith(500));
export const REPLY_503 = ending(replyWith(503));
export const DROP_REPLY_408 = ending(DROP_BRANCH, replyWith(408));
export const DROP_REPLY_487 = ending(DROP_BRANCH, replyWith(487));

function list(...effects: readonly ContextEffect[]): readonly ContextEffect[] {
  for (const effect of effects) Object.freeze(effect);
  return Object.freeze(effects);
}

function ending(...effects: readonly ContextEffect[]): Ending {
  return {
    plain: list(...effects, DONE),
    withTimerC: list(...effects, CLEAR_C, DONE),
    withTimerCancel: list(...effects, CLEAR_CANCEL, DONE),
  };
}

function replyWith(status: LocalStatus): ContextEffect {
  return { type: 'reply', status };
}
