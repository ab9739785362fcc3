import { isCallId } from './call-id.ts';
import { startOfCseqMethod } from './cseq.ts';
import { Header, type HeaderId } from './header-name.ts';
import type { MessageIndex } from './message-index.ts';
import { NameAddrSpans } from './name-addr-spans.ts';
import { isReadAlike, isViaList } from './syntax-check.ts';
import { receivedEdit } from './via-received.ts';

/** What an element answers by itself. */
export interface Reply {
  readonly status: number;
  readonly reasonPhrase: string;
  /** For the To field where the request has no tag; none for 100 (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  /** Further lines without CRLF. */
  readonly headers?: readonly string[];
  /** Where the request came from, for the topmost Via (RFC 3261 §18.2.1). */
  readonly source?: { readonly address: string; readonly port: number };
}

const spans = new NameAddrSpans();

/**
 * A whole response to the indexed request (RFC 3261 §8.2.6): its Via lines in order, From, To, Call-ID and CSeq.
 *
 * The request may be a faulty one. A line is copied only where it is sane by itself, so that no response
 * carries what a peer has mangled; the rest is left out. Empty for an ACK and for a response, which nobody
 * answers whatever is wrong with them (RFC 3261 §17.1.1.3).
 */
export function formatReply(index: MessageIndex, reply: Reply): Buffer {
  if (!index.isRequest || index.method() === 'ACK') return Buffer.alloc(0);
  let text = `SIP/2.0 ${reply.status} ${reply.reasonPhrase}\r\n`;
  for (let line = 0; line < index.headerCount; line++) {
    if (index.ids[line] === Header.via && isSane(index, line, isViaList)) {
      text += viaLine(index, line, reply);
    }
  }
  text += copied(index, Header.from, 'From', isNameAddr);
  const to = copied(index, Header.to, 'To', isNameAddr);
  text +=
    to === '' || reply.toTag === undefined || spans.tagStart >= 0 ? to : tagged(to, reply.toTag);
  text += copied(index, Header.callId, 'Call-ID', isCallId);
  text += copied(index, Header.cseq, 'CSeq', isCseq);
  for (const header of reply.headers ?? []) text += `${header}\r\n`;
  return Buffer.from(`${text}Content-Length: 0\r\n\r\n`, 'latin1');
}

function viaLine(index: MessageIndex, line: number, { source }: Reply): string {
  const isTopmost = line === index.first(Header.via);
  const edited = isTopmost && source ? receivedEdit(index, source.address, source.port) : undefined;
  return edited ?? `Via: ${index.value(line)}\r\n`;
}

type Check = (bytes: Buffer, start: number, end: number) => boolean;

/** The first line of that name, unfolded, or nothing where it is absent or not sane. */
function copied(index: MessageIndex, id: HeaderId, name: string, check: Check): string {
  const line = index.first(id);
  return line >= 0 && isSane(index, line, check) ? `${name}: ${index.value(line)}\r\n` : '';
}

function isSane(index: MessageIndex, line: number, check: Check): boolean {
  return check(index.bytes, index.valueStart[line] as number, index.valueEnd[line] as number);
}

function isNameAddr(bytes: Buffer, start: number, end: number): boolean {
  return spans.scan(bytes, start, end) === end && isReadAlike(spans);
}

function isCseq(bytes: Buffer, start: number, end: number): boolean {
  return startOfCseqMethod(bytes, start, end) >= 0;
}

function tagged(toLine: string, tag: string): string {
  return `${toLine.slice(0, -2)};tag=${tag}\r\n`;
}
