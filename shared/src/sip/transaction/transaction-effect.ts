import type { TimerName } from './transaction-timers.ts';

/**
 * What a transaction asks of its driver.
 *
 * `send-response` sends the response that came with the input; `send-last-response` the last one again;
 * `send-trying` a 100 of our own. `send-ack` acknowledges a non-2xx final response hop by hop, with the branch
 * of the INVITE (RFC 3261 §17.1.1.3). `fail` tells the layer above; it is the last word of a client transaction,
 * and mere news from a server transaction (it stays in its state, RFC 6026 §8). Arming a timer that runs starts
 * it afresh; clearing one that does not run is no error.
 */
export type TransactionEffect =
  | { readonly type: 'arm-timer'; readonly timer: TimerName }
  | { readonly type: 'clear-timer'; readonly timer: TimerName }
  | { readonly type: 'send-request' }
  | { readonly type: 'send-ack' }
  | { readonly type: 'send-trying' }
  | { readonly type: 'send-response' }
  | { readonly type: 'send-last-response' }
  | { readonly type: 'pass-response-up' }
  | { readonly type: 'pass-ack-up' }
  | { readonly type: 'fail'; readonly reason: TransactionFailure };

/** Why a transaction failed: nobody answered in time, or the message could not be sent. */
export type TransactionFailure = 'timeout' | 'transport';

/** The state after an input, and the effects to carry out in their order. */
export interface Turn<State> {
  readonly state: State;
  readonly effects: readonly TransactionEffect[];
}

/** A turn that is made once and shared by all transactions, so that a step allocates nothing. */
export function constantTurn<State>(
  state: State,
  ...effects: readonly TransactionEffect[]
): Turn<State> {
  for (const effect of effects) Object.freeze(effect);
  return Object.freeze({ state, effects: Object.freeze(effects) });
}

export const SEND_REQUEST: TransactionEffect = { type: 'send-request' };
export const SEND_ACK: TransactionEffect = { type: 'send-ack' };
export const SEND_TRYING: TransactionEffect = { type: 'send-trying' };
export const SEND_RESPONSE: TransactionEffect = { type: 'send-response' };
export const SEND_LAST_RESPONSE: TransactionEffect = { type: 'send-last-response' };
export const PASS_RESPONSE_UP: TransactionEffect = { type: 'pass-response-up' };
export const PASS_ACK_UP: TransactionEffect = { type: 'pass-ack-up' };
export const FAIL_TIMEOUT: TransactionEffect = { type: 'fail', reason: 'timeout' };
export const FAIL_TRANSPORT: TransactionEffect = { type: 'fail', reason: 'transport' };

export function arm(timer: TimerName): TransactionEffect {
  return { type: 'arm-timer', timer };
}

export function clear(timer: TimerName): TransactionEffect {
  return { type: 'clear-timer', timer };
}
