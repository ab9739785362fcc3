import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Outgoing } from '../../ports/signalling.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { OutgoingText } from './local-reply.ts';

/**
 * CANCEL for an INVITE that we sent on: same Request-URI, Call-ID, To, From, CSeq number and Route, and the
 * one Via of that try (RFC 3261 §9.1).
 */
export function cancelFor(invite: MessageIndex, plan: ForwardingPlan, viaLine: string): Outgoing {
  return hopRequest('CANCEL', invite, plan, viaLine, invite.valueOf(Header.to) ?? '');
}

/** ACK for a rejection of an INVITE that we sent on; its To is the response's (RFC 3261 §17.1.1.3). */
export function ackFor(
  invite: MessageIndex,
  response: MessageIndex,
  plan: ForwardingPlan,
  viaLine: string,
): Outgoing {
  return hopRequest('ACK', invite, plan, viaLine, response.valueOf(Header.to) ?? '');
}

function hopRequest(
  method: string,
  invite: MessageIndex,
  plan: ForwardingPlan,
  viaLine: string,
  to: string,
): Outgoing {
  const cseq = Number.parseInt(invite.valueOf(Header.cseq) ?? '0', 10);
  return new OutgoingText(
    `${method} ${plan.requestUri} SIP/2.0\r\n${viaLine}${plan.routeLines}Max-Forwards: 70\r\n` +
      `From: ${invite.valueOf(Header.from) ?? ''}\r\nTo: ${to}\r\n` +
      (plan.callIdLine ?? `Call-ID: ${invite.valueOf(Header.callId) ?? ''}\r\n`) +
      `CSeq: ${cseq} ${method}\r\nContent-Length: 0\r\n\r\n`,
  );
}
