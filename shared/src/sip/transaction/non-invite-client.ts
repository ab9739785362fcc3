import {
  arm,
  clear,
  constantTurn,
  FAIL_TIMEOUT,
  FAIL_TRANSPORT,
  PASS_RESPONSE_UP,
  SEND_REQUEST,
  type Turn,
} from './transaction-effect.ts';

export type State = 'trying' | 'proceeding' | 'terminated';

/** `transport-failed`: the request could not be sent, or its connection was lost. */
export type Input =
  | { readonly type: 'response'; readonly status: number }
  | { readonly type: 'timer-f' }
  | { readonly type: 'transport-failed' };

/** The turn that creates the transaction; the timer first, since sending may fail at once. */
export const START: Turn<State> = constantTurn('trying', arm('F'), SEND_REQUEST);

const PROVISIONAL: Turn<State> = constantTurn('proceeding', PASS_RESPONSE_UP);
const FINAL: Turn<State> = constantTurn('terminated', clear('F'), PASS_RESPONSE_UP);
const TIMED_OUT: Turn<State> = constantTurn('terminated', FAIL_TIMEOUT);
const NOT_SENT: Turn<State> = constantTurn('terminated', clear('F'), FAIL_TRANSPORT);
const PROCEEDING: Turn<State> = constantTurn('proceeding');
const TERMINATED: Turn<State> = constantTurn('terminated');

/**
 * One turn of the non-INVITE client transaction on a reliable transport (RFC 3261 §17.1.2.2).
 *
 * Timer E and the state "completed" are absent on purpose: a reliable transport never retransmits and its timer K
 * is zero. Losing the connection after a provisional response is no failure: the next hop has the request and
 * sends its answer over another connection (§18.2.2), and timer F bounds the wait.
 */
export function step(state: State, input: Input): Turn<State> {
  if (state === 'terminated') return TERMINATED;
  switch (input.type) {
    case 'response':
      return input.status < 200 ? PROVISIONAL : FINAL;
    case 'timer-f':
      return TIMED_OUT;
    case 'transport-failed':
      return state === 'trying' ? NOT_SENT : PROCEEDING;
  }
}
