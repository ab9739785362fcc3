/**
 * An IP address as four 32-bit words, so that comparing with a network is arithmetic.
 *
 * IPv4 sits in the last word and, like an IPv4-mapped IPv6 address, in family 4:
 * a dual-stack socket reports `::ffff:192.0.2.1` for a peer that every list names
 * `192.0.2.1`, and a rule must not be dodged by the spelling (RFC 4291 §2.5.5.2).
 */
export interface Address {
  readonly family: 4 | 6;
  readonly words: AddressWords;
}

/** Most significant word first; each 0 to 2^32 - 1. */
export type AddressWords = readonly [number, number, number, number];

/**
 * IPv4 in four plain decimal numbers or IPv6 (RFC 4291 §2.2), without brackets, zone or spaces.
 *
 * Octal and shortened IPv4 (`010.1`, `127.1`) are refused: programs differ on what they mean.
 */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const word = parseIpv4(text);
    return word === undefined ? undefined : { family: 4, words: [0, 0, 0, word] };
  }
  const words = parseIpv6(text);
  if (!words) return undefined;
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xff_ff;
  return mapped ? { family: 4, words: [0, 0, 0, words[3]] } : { family: 6, words };
}

/** The one text of an address: dotted IPv4, or IPv6 in lower case with zeros shortened (RFC 5952 §4). */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    const word = address.words[3];
    return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
  }
  const groups = address.words.flatMap((word) => [word >>> 16, word & 0xff_ff]);
  const run = longestZeroRun(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return run.length < 2
    ? text(0, 8)
    : `${text(0, run.start)}::${text(run.start + run.length, groups.length)}`;
}

/**
 * The one text of what a socket calls its peer: `::ffff:192.0.2.1` becomes `192.0.2.1`.
 *
 * The zone of a link-local address (`fe80::1%eth0`) is dropped: it names our interface, not the peer.
 */
export function normalizeAddress(text: string): string | undefined {
  const percent = text.indexOf('%');
  const address = parseAddress(percent < 0 ? text : text.slice(0, percent));
  return address && formatAddress(address);
}

/** The one text of an address in its 4 or 16 bytes, as they lie in `bytes[start, end)`. */
export function formatAddressBytes(bytes: Uint8Array, start: number, end: number): string {
  const word = (at: number) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  };
  if (end - start === 4) return formatAddress({ family: 4, words: [0, 0, 0, word(start)] });
  const words = [word(start), word(start + 4), word(start + 8), word(start + 12)] as const;
  return formatAddress({ family: 6, words });
}

function parseIpv4(text: string): number | undefined {
  const match = DOTTED.exec(text);
  if (!match) return undefined;
  let word = 0;
  for (let i = 1; i <= 4; i++) word = word * 256 + Number(match[i]);
  return word;
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const DOTTED = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

function parseIpv6(text: string): AddressWords | undefined {
  if (text.length > IPV6_CHARS_MAX) return undefined;
  const parts = text.split('::');
  if (parts.length > 2) return undefined;
  const [left = '', right] = parts;
  const before = left === '' ? [] : groupsOf(left, right === undefined);
  const after = right === undefined || right === '' ? [] : groupsOf(right, true);
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<number>(missing).fill(0), ...after];
  const word = (i: number) => (groups[2 * i] ?? 0) * 0x1_00_00 + (groups[2 * i + 1] ?? 0);
  return [word(0), word(1), word(2), word(3)];
}

const IPV6_CHARS_MAX = '0000:0000:0000:0000:0000:0000:255.255.255.255'.length;

function groupsOf(text: string, last: boolean): number[] | undefined {
  const groups: number[] = [];
  const pieces = text.split(':');
  for (const [i, piece] of pieces.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(piece)) {
      groups.push(Number.parseInt(piece, 16));
      continue;
    }
    const word = last && i === pieces.length - 1 ? parseIpv4(piece) : undefined;
    if (word === undefined) return undefined;
    groups.push(word >>> 16, word & 0xff_ff);
  }
  return groups;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
