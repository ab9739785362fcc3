import {
  type Input as InviteClientInput,
  type State as InviteClientState,
  step as stepInviteClient,
} from '@sallyport/shared/sip/transaction/invite-client.ts';
import {
  type Input as InviteServerInput,
  type State as InviteServerState,
  step as stepInviteServer,
} from '@sallyport/shared/sip/transaction/invite-server.ts';
import {
  type Input as NonInviteClientInput,
  type State as NonInviteClientState,
  step as stepNonInviteClient,
} from '@sallyport/shared/sip/transaction/non-invite-client.ts';
import {
  type Input as NonInviteServerInput,
  type State as NonInviteServerState,
  step as stepNonInviteServer,
} from '@sallyport/shared/sip/transaction/non-invite-server.ts';
import type { Turn } from '@sallyport/shared/sip/transaction/transaction-effect.ts';

export type ServerState = InviteServerState | NonInviteServerState;
export type ClientState = InviteClientState | NonInviteClientState;
export type ServerInput = InviteServerInput | NonInviteServerInput;
export type ClientInput = InviteClientInput | NonInviteClientInput;

/** One turn of the server transaction that fits the method. */
export function stepServer(
  isInvite: boolean,
  state: ServerState,
  input: ServerInput,
): Turn<ServerState> {
  return isInvite
    ? stepInviteServer(state as InviteServerState, input as InviteServerInput)
    : stepNonInviteServer(state as NonInviteServerState, input as NonInviteServerInput);
}

/** One turn of the client transaction that fits the method. */
export function stepClient(
  isInvite: boolean,
  state: ClientState,
  input: ClientInput,
): Turn<ClientState> {
  return isInvite
    ? stepInviteClient(state as InviteClientState, input as InviteClientInput)
    : stepNonInviteClient(state as NonInviteClientState, input as NonInviteClientInput);
}
