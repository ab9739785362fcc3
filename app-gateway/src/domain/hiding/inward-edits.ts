import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { formatNameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import type { RouteTokens } from '../route-token.ts';
import { unmaskCallId, unmaskLeadingCallId } from './call-id-masking.ts';
import { revealUri } from './contact-hiding.ts';
import { NEVER_ENTERS, NEVER_ENTERS_BY_NAME } from './hidden-headers.ts';

/**
 * Takes off what a partner must not bring in, and turns our tokens in its header fields back into what they
 * stand for. The same for requests and responses.
 */
export function editInward(
  edit: MessageEdit,
  index: MessageIndex,
  partner: string,
  tokens: RouteTokens,
): void {
  for (const id of NEVER_ENTERS) if (index.count(id) > 0) edit.removeAll(id);
  for (let line = 0; line < index.headerCount; line++) {
    if (index.ids[line] === Header.other && isTrustMark(index, line)) edit.removeLine(line);
  }
  if (!index.isRequest) return;
  const referTo = index.first(Header.referTo);
  if (referTo >= 0) edit.replaceLine(referTo, revealReferTo(index.value(referTo), partner, tokens));
  for (const [id, name] of [
    [Header.replaces, 'Replaces'],
    [Header.inReplyTo, 'In-Reply-To'],
  ] as const) {
    const line = index.first(id);
    if (line < 0) continue;
    edit.replaceLine(
      line,
      `${name}: ${unmaskLeadingCallId(index.value(line), partner, tokens)}\r\n`,
    );
  }
}

/** The Call-ID line as the inside knows it, or undefined where the partner's is it already. */
export function inwardCallId(
  index: MessageIndex,
  partner: string,
  tokens: RouteTokens,
): string | undefined {
  const callId = index.valueOf(Header.callId) ?? '';
  const inner = unmaskCallId(callId, partner, tokens);
  return inner === callId ? undefined : `Call-ID: ${inner}\r\n`;
}

function revealReferTo(value: string, partner: string, tokens: RouteTokens): string {
  const nameAddr = parseNameAddr(value);
  if (!nameAddr.ok) return `Refer-To: ${value}\r\n`;
  const uri = revealUri(nameAddr.value.uri, partner, tokens);
  return `Refer-To: ${formatNameAddr({ ...nameAddr.value, uri })}\r\n`;
}

/** Names of trust marks are 13 to 30 bytes long: most unknown lines are let go by their first letter. */
function isTrustMark(index: MessageIndex, line: number): boolean {
  const start = index.lineStart[line] ?? 0;
  const first = (index.bytes[start] ?? 0) | 0x20;
  if (first !== 0x6d && first !== 0x70) return false;
  const text = index.bytes.toString('latin1', start, index.valueStart[line]);
  return NEVER_ENTERS_BY_NAME.has(text.slice(0, text.indexOf(':')).trimEnd().toLowerCase());
}
