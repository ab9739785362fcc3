const LINE_FEED = 0x0a;
const COLON = 0x3a;

const STATUS_LINE = Buffer.from('SIP/2.0 200 OK\r\n', 'latin1');
const TAG = Buffer.from(';tag=sink5f3a\r\n', 'latin1');
const END = Buffer.from('Server: channel-sink\r\nContent-Length: 0\r\n\r\n', 'latin1');

/** By how much an answer can be longer than the request it is written from. */
export const ANSWER_EXTRA_BYTES = STATUS_LINE.length + TAG.length + END.length;

/**
 * Writes 200 to a request: its Via, From, To with a tag, Call-ID and CSeq lines, copied as they are.
 *
 * For requests of our own load generator, which come through a proxy that has checked them; long names
 * and no tag in To are taken for granted. Returns the end.
 */
export function writeAnswer(
  request: Buffer,
  start: number,
  end: number,
  into: Buffer,
  at: number,
): number {
  let to = at + STATUS_LINE.copy(into, at);
  let line = request.indexOf(LINE_FEED, start) + 1;
  while (line > 0 && line < end) {
    const next = request.indexOf(LINE_FEED, line) + 1;
    if (next <= line + 2 || next > end) break;
    const kind = kindOf(request, line);
    if (kind !== 'other') to += request.copy(into, to, line, next);
    if (kind === 'to') to += TAG.copy(into, to - 2) - 2;
    line = next;
  }
  return to + END.copy(into, to);
}

/** By first letter and length of the name: Via, From, To, CSeq, Call-ID. */
function kindOf(bytes: Buffer, line: number): 'to' | 'copied' | 'other' {
  switch (bytes[line]) {
    case 0x54: // To
      return bytes[line + 2] === COLON ? 'to' : 'other';
    case 0x56: // Via
      return bytes[line + 3] === COLON ? 'copied' : 'other';
    case 0x46: // From
      return bytes[line + 4] === COLON ? 'copied' : 'other';
    case 0x43: // CSeq, Call-ID
      return bytes[line + 4] === COLON || bytes[line + 7] === COLON ? 'copied' : 'other';
    default:
      return 'other';
  }
}
