import { betterFinal } from './best-response.ts';
import {
  ABANDON,
  ARM_C,
  CANCEL_AFTER_TIMER_C,
  CANCEL_BRANCH,
  type ContextEffect,
  DROP_BRANCH,
  DROP_REPLY_408,
  DROP_REPLY_487,
  type Ending,
  FORWARD_AND_CANCEL,
  FORWARD_FINAL,
  FORWARD_LATE_2XX,
  FORWARD_PROVISIONAL,
  FORWARD_RINGING,
  NO_TARGET,
  NO_TARGET_FOR_ANYONE,
  NOTHING,
  REPLY_408,
  REPLY_487,
  REPLY_500,
  REPLY_503,
  TRY_FIRST,
  TRY_FIRST_INVITE,
} from './response-context-effect.ts';

/**
 * One proxied request between its server transaction and the client transactions that carry it on
 * (RFC 3261 §16.7 to §16.10).
 *
 * `target` is the one being tried, from 0. `best` is the best failure so far that no response stands for (408 or 503).
 */
export interface ResponseContext {
  readonly phase: 'idle' | 'trying' | 'done';
  readonly isInvite: boolean;
  readonly targets: number;
  readonly target: number;
  readonly isProvisionalSeen: boolean;
  readonly cancel: 'none' | 'waiting' | 'caller' | 'timer-c';
  readonly best: number;
  readonly unavailableStatus: 500 | 503;
}

/**
 * What happened to the request.
 *
 * `provisional` and `final` are responses to the current target; `transport-failed` and `timeout` (timer B or F) are
 * the end of its client transaction. `unavailableStatus` says what a caller gets who meets only 503s and dead connections:
 * 500, or 503 (with Retry-After) where every other request would fare the same (§16.7 step 6). Without any target it is
 * 480 (§16.5), or that 503.
 */
export type ContextInput =
  | {
      readonly type: 'start';
      readonly targets: number;
      readonly isInvite: boolean;
      readonly unavailableStatus: 500 | 503;
    }
  | { readonly type: 'provisional'; readonly status: number }
  | { readonly type: 'final'; readonly status: number }
  | { readonly type: 'transport-failed' }
  | { readonly type: 'timeout' }
  | { readonly type: 'cancel-received' }
  | { readonly type: 'timer-c' }
  | { readonly type: 'timer-cancel' };

export interface ContextTurn {
  readonly state: ResponseContext;
  readonly effects: readonly ContextEffect[];
}

/** The context before its `start`. */
export const IDLE: ResponseContext = Object.freeze({
  phase: 'idle',
  isInvite: false,
  targets: 0,
  target: 0,
  isProvisionalSeen: false,
  cancel: 'none',
  best: 0,
  unavailableStatus: 500,
});

/**
 * One turn of the response context: one target at a time, the next one only when that failed.
 *
 * Forking is absent on purpose: an edge knows one place per domain, and its targets are the addresses of that
 * place (RFC 3263 §4.3). The next address is tried after a transport failure or a timeout before any response, and after a 503.
 * A 503 fails over even where a ringing was forwarded: that branch is over, and the caller sees a serial fork, as in
 * RFC 3261 §16.7. A timeout of a non-INVITE is never followed by another try, because the caller's own timer F has run
 * out with ours: it is abandoned (RFC 4320 §4.2). Nothing fails over after a CANCEL.
 * Collecting challenges (§16.7 step 7) is absent too: a 401 or 407 ends the search, so there is one at most.
 */
export function step(state: ResponseContext, input: ContextInput): ContextTurn {
  switch (state.phase) {
    case 'idle':
      return input.type === 'start' ? start(input) : { state, effects: NOTHING };
    case 'trying':
      return stepTrying(state, input);
    case 'done':
      return stepDone(state, input);
  }
}

function start(input: ContextInput & { type: 'start' }): ContextTurn {
  const { targets, isInvite, unavailableStatus } = input;
  const state: ResponseContext = {
    phase: 'trying',
    isInvite,
    targets,
    target: 0,
    isProvisionalSeen: false,
    cancel: 'none',
    best: 0,
    unavailableStatus,
  };
  if (targets <= 0) {
    const effects = unavailableStatus === 503 ? NO_TARGET_FOR_ANYONE : NO_TARGET;
    return { state: { ...state, phase: 'done' }, effects };
  }
  return { state, effects: isInvite ? TRY_FIRST_INVITE : TRY_FIRST };
}

function stepTrying(state: ResponseContext, input: ContextInput): ContextTurn {
  switch (input.type) {
    case 'provisional':
      return provisional(state, input.status);
    case 'final':
      return final(state, input.status);
    case 'transport-failed':
      return failed(state, 503, !state.isProvisionalSeen);
    case 'timeout':
      if (!state.isInvite) return finish(state, ABANDON);
      return failed(state, 408, !state.isProvisionalSeen);
    case 'cancel-received':
      return cancelReceived(state);
    case 'timer-c':
      return timerC(state);
    case 'timer-cancel':
      return timerCancel(state);
    case 'start':
      return { state, effects: NOTHING };
  }
}

/** A 2xx to an INVITE is the callee's word and reaches the caller however late (RFC 3261 §16.7 step 5). */
function stepDone(state: ResponseContext, input: ContextInput): ContextTurn {
  const isLate = state.isInvite && input.type === 'final' && isSuccess(input.status);
  return { state, effects: isLate ? FORWARD_LATE_2XX : NOTHING };
}

/**
 * A 100 is for this hop only, and to a non-INVITE nothing else may be sent (RFC 3261 §16.7 step 5, RFC 4320 §4.1).
 * A CANCEL that had to wait leaves now (RFC 3261 §9.1).
 */
function provisional(state: ResponseContext, status: number): ContextTurn {
  const next = state.isProvisionalSeen ? state : { ...state, isProvisionalSeen: true };
  if (!state.isInvite) return { state: next, effects: NOTHING };
  const isForwarded = status > 100;
  if (state.cancel === 'waiting') {
    const cancelled: ResponseContext = { ...next, cancel: 'caller' };
    return { state: cancelled, effects: isForwarded ? FORWARD_AND_CANCEL : CANCEL_BRANCH };
  }
  if (!isForwarded) return { state: next, effects: NOTHING };
  return { state: next, effects: state.cancel === 'none' ? FORWARD_RINGING : FORWARD_PROVISIONAL };
}

function final(state: ResponseContext, status: number): ContextTurn {
  if (status === 503) return failed(state, 503, true);
  if (!state.isInvite && status === 408) return finish(state, ABANDON);
  const best = betterFinal(state.best, status);
  return best === status ? finish(state, FORWARD_FINAL) : reply(state, best);
}

/** The current target is lost: on to the next, or to the best answer there is. */
function failed(state: ResponseContext, status: number, isNextAllowed: boolean): ContextTurn {
  const best = betterFinal(state.best, status);
  if (state.cancel === 'waiting' || state.cancel === 'caller') return finish(state, REPLY_487);
  const target = state.target + 1;
  if (!isNextAllowed || state.cancel !== 'none' || target >= state.targets)
    return reply(state, best);
  const next: ResponseContext = { ...state, target, best, isProvisionalSeen: false };
  const tryTarget: ContextEffect = { type: 'try-target', target };
  return { state: next, effects: state.isInvite ? [ARM_C, tryTarget] : [tryTarget] };
}

/** Never ahead of a provisional response: the CANCEL could overtake the INVITE (RFC 3261 §9.1). */
function cancelReceived(state: ResponseContext): ContextTurn {
  if (!state.isInvite || state.cancel === 'waiting' || state.cancel === 'caller')
    return { state, effects: NOTHING };
  if (state.cancel === 'timer-c')
    return { state: { ...state, cancel: 'caller' }, effects: NOTHING };
  if (!state.isProvisionalSeen) return { state: { ...state, cancel: 'waiting' }, effects: NOTHING };
  return { state: { ...state, cancel: 'caller' }, effects: CANCEL_BRANCH };
}

/** It has rung too long: CANCEL, or as if a 408 had come where nobody ever answered (RFC 3261 §16.8). */
function timerC(state: ResponseContext): ContextTurn {
  if (!state.isInvite || state.cancel === 'caller' || state.cancel === 'timer-c')
    return { state, effects: NOTHING };
  if (state.isProvisionalSeen) {
    return { state: { ...state, cancel: 'timer-c' }, effects: CANCEL_AFTER_TIMER_C };
  }
  const turn = failed(state, 408, true);
  return { state: turn.state, effects: [DROP_BRANCH, ...turn.effects] };
}

/** Our CANCEL brought no final response within 64*T1, so the branch counts as cancelled (RFC 3261 §9.1). */
function timerCancel(state: ResponseContext): ContextTurn {
  if (state.cancel !== 'caller' && state.cancel !== 'timer-c') return { state, effects: NOTHING };
  return finish(state, state.cancel === 'caller' ? DROP_REPLY_487 : DROP_REPLY_408);
}

/** A 503 would say that this proxy is overloaded, so it leaves as the status agreed at the start (§16.7 step 6). */
function reply(state: ResponseContext, status: number): ContextTurn {
  if (status === 408 && !state.isInvite) return finish(state, ABANDON);
  if (status === 408) return finish(state, REPLY_408);
  return finish(state, state.unavailableStatus === 503 ? REPLY_503 : REPLY_500);
}

function finish(state: ResponseContext, ending: Ending): ContextTurn {
  const done: ResponseContext = { ...state, phase: 'done' };
  if (!state.isInvite) return { state: done, effects: ending.plain };
  const isCancelled = state.cancel === 'caller' || state.cancel === 'timer-c';
  return { state: done, effects: isCancelled ? ending.withTimerCancel : ending.withTimerC };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
