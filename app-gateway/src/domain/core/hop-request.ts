import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { lowerCaseName } from '../hiding/hidden-headers.ts';
import { tellsInside } from '../hiding/inner-names.ts';
import type { Outgoing } from '../signalling.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { OutgoingText } from './local-reply.ts';

/**
 * CANCEL for an INVITE that we sent on: same Request-URI, Call-ID, To, From, CSeq number and Route, and the
 * one Via of that try (RFC 3261 §9.1). `reasonLines` are those of the CANCEL that it passes on.
 */
export function cancelFor(
  invite: MessageIndex,
  plan: ForwardingPlan,
  viaLine: string,
  reasonLines: string,
): Outgoing {
  const to = invite.valueOf(Header.to) ?? '';
  return hopRequest('CANCEL', invite, plan, viaLine + reasonLines, to);
}

/**
 * Why a call is cancelled, in the lines of a CANCEL that came: that it was answered elsewhere is no missed call
 * (RFC 3326 §2). What names the inside does not leave.
 */
export function reasonLines(cancel: MessageIndex, plan: ForwardingPlan): string {
  let text = '';
  for (let line = 0; line < cancel.headerCount; line++) {
    if (cancel.ids[line] !== Header.other || lowerCaseName(cancel, line) !== 'reason') continue;
    const value = cancel.value(line);
    if (plan.direction === 'outward' && tellsInside(value, plan.hiding.site)) continue;
    text += `Reason: ${value}\r\n`;
  }
  return text;
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
      (plan.fromLine ?? `From: ${invite.valueOf(Header.from) ?? ''}\r\n`) +
      `To: ${to}\r\n` +
      (plan.callIdLine ?? `Call-ID: ${invite.valueOf(Header.callId) ?? ''}\r\n`) +
      `CSeq: ${cseq} ${method}\r\nContent-Length: 0\r\n\r\n`,
  );
}
