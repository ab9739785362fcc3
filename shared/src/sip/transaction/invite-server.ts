import {
  arm,
  clear,
  constantTurn,
  FAIL_TIMEOUT,
  FAIL_TRANSPORT,
  PASS_ACK_UP,
  SEND_LAST_RESPONSE,
  SEND_RESPONSE,
  SEND_TRYING,
  type Turn,
} from './transaction-effect.ts';

export type State = 'proceeding' | 'accepted' | 'completed' | 'terminated';

/**
 * `request` is the same INVITE again; `respond` comes from above. `transport-failed`: a response could not be sent.
 */
export type Input =
  | { readonly type: 'request' }
  | { readonly type: 'ack' }
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'timer-h' }
  | { readonly type: 'timer-l' }
  | { readonly type: 'transport-failed' };

/**
 * The turn that creates the transaction; its INVITE has gone up already.
 *
 * The 100 leaves at once, which RFC 3261 §17.2.1 allows and which is cheaper than a timer of 200 ms per call.
 */
export const START: Turn<State> = constantTurn('proceeding', SEND_TRYING);

const PROVISIONAL: Turn<State> = constantTurn('proceeding', SEND_RESPONSE);
const SUCCESS: Turn<State> = constantTurn('accepted', SEND_RESPONSE, arm('L'));
const REJECTION: Turn<State> = constantTurn('completed', SEND_RESPONSE, arm('H'));
const PROCEEDING_AGAIN: Turn<State> = constantTurn('proceeding', SEND_LAST_RESPONSE);
const PROCEEDING_NOT_SENT: Turn<State> = constantTurn('proceeding', FAIL_TRANSPORT);
const SUCCESS_AGAIN: Turn<State> = constantTurn('accepted', SEND_RESPONSE);
const ACCEPTED_ACK: Turn<State> = constantTurn('accepted', PASS_ACK_UP);
const ACCEPTED_NOT_SENT: Turn<State> = constantTurn('accepted', FAIL_TRANSPORT);
const COMPLETED_AGAIN: Turn<State> = constantTurn('completed', SEND_LAST_RESPONSE);
const COMPLETED_NOT_SENT: Turn<State> = constantTurn('completed', FAIL_TRANSPORT);
const ACKNOWLEDGED: Turn<State> = constantTurn('terminated', clear('H'));
const UNACKNOWLEDGED: Turn<State> = constantTurn('terminated', FAIL_TIMEOUT);
const PROCEEDING: Turn<State> = constantTurn('proceeding');
const ACCEPTED: Turn<State> = constantTurn('accepted');
const COMPLETED: Turn<State> = constantTurn('completed');
const TERMINATED: Turn<State> = constantTurn('terminated');

/**
 * One turn of the INVITE server transaction on a reliable transport (RFC 3261 §17.2.1, RFC 6026 §7.1).
 *
 * A 2xx does not end it: while timer L runs, repetitions of the INVITE are absorbed, ACKs go up, and every further
 * 2xx is sent. A send failure is told above and changes no state (RFC 6026 §8). Timer G and the state "confirmed"
 * are absent on purpose: nothing is retransmitted and timer I is zero.
 */
export function step(state: State, input: Input): Turn<State> {
  switch (state) {
    case 'proceeding':
      return stepProceeding(input);
    case 'accepted':
      return stepAccepted(input);
    case 'completed':
      return stepCompleted(input);
    case 'terminated':
      return TERMINATED;
  }
}

function stepProceeding(input: Input): Turn<State> {
  switch (input.type) {
    case 'respond':
      if (input.status < 200) return PROVISIONAL;
      return input.status < 300 ? SUCCESS : REJECTION;
    case 'request':
      return PROCEEDING_AGAIN;
    case 'transport-failed':
      return PROCEEDING_NOT_SENT;
    case 'ack':
    case 'timer-h':
    case 'timer-l':
      return PROCEEDING;
  }
}

function stepAccepted(input: Input): Turn<State> {
  switch (input.type) {
    case 'respond':
      return input.status >= 200 && input.status < 300 ? SUCCESS_AGAIN : ACCEPTED;
    case 'ack':
      return ACCEPTED_ACK;
    case 'timer-l':
      return TERMINATED;
    case 'transport-failed':
      return ACCEPTED_NOT_SENT;
    case 'request':
    case 'timer-h':
      return ACCEPTED;
  }
}

function stepCompleted(input: Input): Turn<State> {
  switch (input.type) {
    case 'request':
      return COMPLETED_AGAIN;
    case 'ack':
      return ACKNOWLEDGED;
    case 'timer-h':
      return UNACKNOWLEDGED;
    case 'transport-failed':
      return COMPLETED_NOT_SENT;
    case 'respond':
    case 'timer-l':
      return COMPLETED;
  }
}
