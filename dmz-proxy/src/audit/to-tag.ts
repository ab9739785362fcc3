const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const LESS = 0x3c;
const GREATER = 0x3e;
const BACKSLASH = 0x5c;

/**
 * Finds the tag of the To field in a response of our own gateway, `bytes[start, end)`; false where it has none.
 *
 * The message is well-formed: it was built by us. Only lines are walked over, and only To is looked into: first at its
 * end, where the tag nearly always is. A value that is folded behind its address is passed over.
 */
export function findToTag(
  bytes: Buffer,
  start: number,
  end: number,
  tag: { start: number; end: number },
): boolean {
  for (let line = nextLine(bytes, start, end); line < end; line = nextLine(bytes, line, end)) {
    const first = bytes[line] as number;
    if (first === CR) return false;
    if ((first | 0x20) !== 0x74) continue;
    const isLong = ((bytes[line + 1] as number) | 0x20) === 0x6f;
    const colon = pastSpace(bytes, isLong ? line + 2 : line + 1, end);
    if (bytes[colon] !== COLON) continue;
    return tagAtEnd(bytes, colon + 1, end, tag) || tagIn(bytes, colon + 1, end, tag);
  }
  return false;
}

function nextLine(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(LF, start);
  return at < 0 ? end : at + 1;
}

/** Whether the line ends with `>;tag=` and a token. */
function tagAtEnd(
  bytes: Buffer,
  start: number,
  end: number,
  tag: { start: number; end: number },
): boolean {
  const lineEnd = nextLine(bytes, start, end) - 2;
  if (lineEnd < start || lineEnd >= end || bytes[lineEnd] !== CR) return false;
  let at = lineEnd - 1;
  while (at > start && isTokenByte(bytes[at] as number)) at--;
  const isSingle = at - 4 > start && at < lineEnd - 1 && bytes[at] === EQUALS;
  if (!isSingle || bytes[at - 4] !== SEMICOLON || !isTag(bytes, at - 3)) return false;
  if (bytes[at - 5] !== GREATER) return false;
  tag.start = at + 1;
  tag.end = lineEnd;
  return true;
}

/** Letters, digits and what else a tag is likely made of (RFC 3261 §25.1): anything but what has a meaning here. */
function isTokenByte(byte: number): boolean {
  const letter = byte | 0x20;
  const isAlphanumeric = (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
  return isAlphanumeric || byte === 0x2d || byte === 0x2e || byte === 0x5f || byte === 0x2b;
}

/** Parameters stand behind the address: quotes and brackets are passed over as wholes. */
function tagIn(
  bytes: Buffer,
  start: number,
  end: number,
  tag: { start: number; end: number },
): boolean {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte === CR) return false;
    if (byte === QUOTE) at = pastQuote(bytes, at, end);
    else if (byte === LESS) at = past(bytes, at, end, GREATER);
    else if (byte === SEMICOLON && isTag(bytes, pastSpace(bytes, at + 1, end))) {
      at = pastSpace(bytes, pastSpace(bytes, at + 1, end) + 3, end);
      if (bytes[at] !== EQUALS) continue;
      tag.start = pastSpace(bytes, at + 1, end);
      tag.end = tag.start;
      while (tag.end < end && !endsValue(bytes[tag.end] as number)) tag.end++;
      return tag.end > tag.start;
    } else at++;
  }
  return false;
}

function isTag(bytes: Buffer, at: number): boolean {
  return (
    ((bytes[at] as number) | 0x20) === 0x74 &&
    ((bytes[at + 1] as number) | 0x20) === 0x61 &&
    ((bytes[at + 2] as number) | 0x20) === 0x67
  );
}

function endsValue(byte: number): boolean {
  return byte === SEMICOLON || byte === CR || byte === SP || byte === TAB;
}

function pastSpace(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SP || bytes[at] === TAB)) at++;
  return at;
}

function past(bytes: Buffer, start: number, end: number, until: number): number {
  let at = start;
  while (at < end && bytes[at] !== until) at++;
  return at + 1;
}

function pastQuote(bytes: Buffer, start: number, end: number): number {
  let at = start + 1;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}
