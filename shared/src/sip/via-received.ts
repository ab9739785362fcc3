import { Header } from './header-name.ts';
import { comparableAddress } from './ip-address.ts';
import type { MessageIndex } from './message-index.ts';
import { ViaSpans } from './via-spans.ts';

const spans = new ViaSpans();

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
  const { bytes } = index;
  const start = index.valueStart[line] as number;
  const end = index.valueEnd[line] as number;
  const valueEnd = spans.scan(bytes, start, end);
  if (valueEnd < 0) return undefined;
  const isReceivedNeeded = spans.rportStart >= 0 || !isSentBy(bytes, sourceAddress);
  if (!isReceivedNeeded && spans.receivedStart < 0) return undefined;
  const rport = spans.rportStart < 0 ? '' : `;rport=${sourcePort}`;
  const received = isReceivedNeeded ? `;received=${receivedAddress(sourceAddress)}` : '';
  const kept = keptText(bytes, start, valueEnd);
  return `Via: ${kept}${received}${rport}${latin1(bytes, valueEnd, end)}\r\n`;
}

/** The topmost value without its `received` and `rport`. */
function keptText(bytes: Buffer, start: number, end: number): string {
  const { receivedStart, receivedEnd, rportStart, rportEnd } = spans;
  if (receivedStart < 0 && rportStart < 0) return latin1(bytes, start, end).trimEnd();
  const isReceivedFirst = rportStart < 0 || (receivedStart >= 0 && receivedStart < rportStart);
  const firstStart = isReceivedFirst ? receivedStart : rportStart;
  const firstEnd = isReceivedFirst ? receivedEnd : rportEnd;
  const secondStart = isReceivedFirst ? rportStart : receivedStart;
  const secondEnd = isReceivedFirst ? rportEnd : receivedEnd;
  const head = latin1(bytes, start, firstStart);
  if (secondStart < 0) return (head + latin1(bytes, firstEnd, end)).trimEnd();
  const middle = latin1(bytes, firstEnd, secondStart);
  return (head + middle + latin1(bytes, secondEnd, end)).trimEnd();
}

function isSentBy(bytes: Buffer, sourceAddress: string): boolean {
  const host = latin1(bytes, spans.hostStart, spans.hostEnd);
  if (host === sourceAddress) return true;
  const address = comparableAddress(host);
  return address !== undefined && address === comparableAddress(sourceAddress);
}

/** Without brackets (RFC 5118 §4.5) and without an interface's name. */
function receivedAddress(sourceAddress: string): string {
  const zone = sourceAddress.indexOf('%');
  return zone < 0 ? sourceAddress : sourceAddress.slice(0, zone);
}

function latin1(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
