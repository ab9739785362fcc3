import {
  arm,
  clear,
  constantTurn,
  FAIL_TRANSPORT,
  SEND_LAST_RESPONSE,
  SEND_RESPONSE,
  SEND_TRYING,
  type Turn,
} from './transaction-effect.ts';

export type State = 'trying' | 'proceeding' | 'terminated';

/**
 * `request` is the same request again; `respond` comes from above, as does `abandon`: no answer will follow.
 * `transport-failed`: a response could not be sent.
 */
export type Input =
  | { readonly type: 'request' }
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'abandon' }
  | { readonly type: 'timer-trying' }
  | { readonly type: 'transport-failed' };

/** The turn that creates the transaction; its request has gone up already. */
export const START: Turn<State> = constantTurn('trying', arm('trying'));

const FIRST_PROVISIONAL: Turn<State> = constantTurn('proceeding', clear('trying'), SEND_RESPONSE);
const FIRST_FINAL: Turn<State> = constantTurn('terminated', clear('trying'), SEND_RESPONSE);
const FIRST_SILENCE: Turn<State> = constantTurn('terminated', clear('trying'));
const PROVISIONAL: Turn<State> = constantTurn('proceeding', SEND_RESPONSE);
const FINAL: Turn<State> = constantTurn('terminated', SEND_RESPONSE);
const SLOW: Turn<State> = constantTurn('proceeding', SEND_TRYING);
const AGAIN: Turn<State> = constantTurn('proceeding', SEND_LAST_RESPONSE);
const TRYING_NOT_SENT: Turn<State> = constantTurn('trying', FAIL_TRANSPORT);
const PROCEEDING_NOT_SENT: Turn<State> = constantTurn('proceeding', FAIL_TRANSPORT);
const TRYING: Turn<State> = constantTurn('trying');
const PROCEEDING: Turn<State> = constantTurn('proceeding');
const TERMINATED: Turn<State> = constantTurn('terminated');

/**
 * One turn of the non-INVITE server transaction on a reliable transport (RFC 3261 §17.2.2, RFC 4320 §4).
 *
 * A 408 and a provisional response other than 100 never leave (RFC 4320 §4.1, §4.2); the 100 is due once a client
 * would repeat at its slowest, so a quick answer costs no second message. The state "completed" is absent on
 * purpose: timer J is zero on a reliable transport. The layer above must end every transaction, by answer or `abandon`.
 */
export function step(state: State, input: Input): Turn<State> {
  switch (state) {
    case 'trying':
      return stepTrying(input);
    case 'proceeding':
      return stepProceeding(input);
    case 'terminated':
      return TERMINATED;
  }
}

function stepTrying(input: Input): Turn<State> {
  switch (input.type) {
    case 'respond':
      if (input.status >= 200) return input.status === 408 ? FIRST_SILENCE : FIRST_FINAL;
      return input.status === 100 ? FIRST_PROVISIONAL : TRYING;
    case 'abandon':
      return FIRST_SILENCE;
    case 'timer-trying':
      return SLOW;
    case 'transport-failed':
      return TRYING_NOT_SENT;
    case 'request':
      return TRYING;
  }
}

function stepProceeding(input: Input): Turn<State> {
  switch (input.type) {
    case 'respond':
      if (input.status >= 200) return input.status === 408 ? TERMINATED : FINAL;
      return input.status === 100 ? PROVISIONAL : PROCEEDING;
    case 'abandon':
      return TERMINATED;
    case 'request':
      return AGAIN;
    case 'transport-failed':
      return PROCEEDING_NOT_SENT;
    case 'timer-trying':
      return PROCEEDING;
  }
}
