import { topVia } from './first-field.ts';
import { Header } from './header-name.ts';
import { comparableAddress } from './ip-address.ts';
import type { MessageIndex } from './message-index.ts';
import { plainText } from './plain-text.ts';
import { Wording } from './wording.ts';

const { spans } = topVia;

/**
 * The line that takes the place of the topmost Via line, with the address that the request really came from;
 * undefined where the line can stay.
 *
 * `received` is set where sent-by is a name or another address (RFC 3261 §18.2.1), and always where the client
 * asked for `rport`, which is then filled (RFC 3581 §4). What the peer itself wrote in either is thrown away,
 * so that nobody can send a response elsewhere. Further values of the line stay as they are.
 */
export function receivedEdit(
  index: MessageIndex,
  sourceAddress: string,
  sourcePort: number,
): string | undefined {
  const line = index.first(Header.via);
  if (line < 0) return undefined;
  const valueEnd = topVia.read(index);
  if (valueEnd < 0) return undefined;
  const start = index.valueStart[line] as number;
  const end = index.valueEnd[line] as number;
  const isReceivedNeeded = spans.rportStart >= 0 || !isSentBy(index, sourceAddress);
  if (!isReceivedNeeded && spans.receivedStart < 0) return undefined;
  const rport = spans.rportStart < 0 ? '' : `;rport=${sourcePort}`;
  const received = isReceivedNeeded ? `;received=${receivedAddress(sourceAddress)}` : '';
  const kept = keptText(index, start, valueEnd);
  const text = `Via: ${kept}${received}${rport}${index.textAt(valueEnd, end)}`;
  return `${index.wording[line] === Wording.plain ? text : plainText(text)}\r\n`;
}

/** The topmost value without its `received` and `rport`. */
function keptText(index: MessageIndex, start: number, end: number): string {
  const { receivedStart, receivedEnd, rportStart, rportEnd } = spans;
  if (receivedStart < 0 && rportStart < 0) return index.textAt(start, end).trimEnd();
  const isReceivedFirst = rportStart < 0 || (receivedStart >= 0 && receivedStart < rportStart);
  const firstStart = isReceivedFirst ? receivedStart : rportStart;
  const firstEnd = isReceivedFirst ? receivedEnd : rportEnd;
  const secondStart = isReceivedFirst ? rportStart : receivedStart;
  const secondEnd = isReceivedFirst ? rportEnd : receivedEnd;
  const head = index.textAt(start, firstStart);
  if (secondStart < 0) return (head + index.textAt(firstEnd, end)).trimEnd();
  const middle = index.textAt(firstEnd, secondStart);
  return (head + middle + index.textAt(secondEnd, end)).trimEnd();
}

function isSentBy(index: MessageIndex, sourceAddress: string): boolean {
  const host = index.textAt(spans.hostStart, spans.hostEnd);
  if (host === sourceAddress) return true;
  const address = comparableAddress(host);
  return address !== undefined && address === comparableAddress(sourceAddress);
}

/** Without brackets (RFC 5118 §4.5) and without an interface's name. */
function receivedAddress(sourceAddress: string): string {
  const zone = sourceAddress.indexOf('%');
  return zone < 0 ? sourceAddress : sourceAddress.slice(0, zone);
}
