import {
  arm,
  clear,
  constantTurn,
  FAIL_TIMEOUT,
  FAIL_TRANSPORT,
  PASS_RESPONSE_UP,
  SEND_ACK,
  SEND_REQUEST,
  type Turn,
} from './transaction-effect.ts';

export type State = 'calling' | 'proceeding' | 'accepted' | 'terminated';

/** `transport-failed`: the request could not be sent, or its connection was lost. */
export type Input =
  | { readonly type: 'response'; readonly status: number }
  | { readonly type: 'timer-b' }
  | { readonly type: 'timer-m' }
  | { readonly type: 'transport-failed' };

/** The turn that creates the transaction; the timer first, since sending may fail at once. */
export const START: Turn<State> = constantTurn('calling', arm('B'), SEND_REQUEST);

const FIRST_PROVISIONAL: Turn<State> = constantTurn('proceeding', clear('B'), PASS_RESPONSE_UP);
const FIRST_SUCCESS: Turn<State> = constantTurn('accepted', clear('B'), arm('M'), PASS_RESPONSE_UP);
const FIRST_REJECTION: Turn<State> = constantTurn(
  'terminated',
  clear('B'),
  SEND_ACK,
  PASS_RESPONSE_UP,
);
const PROVISIONAL: Turn<State> = constantTurn('proceeding', PASS_RESPONSE_UP);
const SUCCESS: Turn<State> = constantTurn('accepted', arm('M'), PASS_RESPONSE_UP);
const REJECTION: Turn<State> = constantTurn('terminated', SEND_ACK, PASS_RESPONSE_UP);
const SUCCESS_AGAIN: Turn<State> = constantTurn('accepted', PASS_RESPONSE_UP);
const TIMED_OUT: Turn<State> = constantTurn('terminated', FAIL_TIMEOUT);
const NOT_SENT: Turn<State> = constantTurn('terminated', clear('B'), FAIL_TRANSPORT);
const CALLING: Turn<State> = constantTurn('calling');
const PROCEEDING: Turn<State> = constantTurn('proceeding');
const ACCEPTED: Turn<State> = constantTurn('accepted');
const TERMINATED: Turn<State> = constantTurn('terminated');

/**
 * One turn of the INVITE client transaction on a reliable transport (RFC 3261 §17.1.1.2, RFC 6026 §7.2).
 *
 * Every 2xx goes up while timer M runs, since each one needs an ACK of the caller's own. Timer A and the state
 * "completed" are absent on purpose: nothing is retransmitted and timer D is zero, so the ACK to a rejection ends
 * the transaction. Nothing bounds "proceeding" here: that is timer C of the response context.
 */
export function step(state: State, input: Input): Turn<State> {
  switch (state) {
    case 'calling':
      return stepCalling(input);
    case 'proceeding':
      return stepProceeding(input);
    case 'accepted':
      return stepAccepted(input);
    case 'terminated':
      return TERMINATED;
  }
}

function stepCalling(input: Input): Turn<State> {
  switch (input.type) {
    case 'response':
      if (input.status < 200) return FIRST_PROVISIONAL;
      return input.status < 300 ? FIRST_SUCCESS : FIRST_REJECTION;
    case 'timer-b':
      return TIMED_OUT;
    case 'transport-failed':
      return NOT_SENT;
    case 'timer-m':
      return CALLING;
  }
}

/** A lost connection is absorbed: the next hop has the request and answers over another (RFC 3261 §18.2.2). */
function stepProceeding(input: Input): Turn<State> {
  if (input.type !== 'response') return PROCEEDING;
  if (input.status < 200) return PROVISIONAL;
  return input.status < 300 ? SUCCESS : REJECTION;
}

function stepAccepted(input: Input): Turn<State> {
  if (input.type === 'timer-m') return TERMINATED;
  const isSuccess = input.type === 'response' && input.status >= 200 && input.status < 300;
  return isSuccess ? SUCCESS_AGAIN : ACCEPTED;
}
