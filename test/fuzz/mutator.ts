/** Pseudo-random numbers that a seed repeats (xorshift32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

const FRAGMENTS: readonly Buffer[] = [
  ...[
    '\r\n',
    '\r',
    '\n',
    '\0',
    '\t',
    ' ',
    '"',
    '\\',
    '\\"',
    '<',
    '>',
    ',',
    ';',
    ';;',
    ':',
    '::',
    '@',
    '%',
    '%00',
    '%zz',
  ],
  ...[
    '[',
    ']',
    '[::1]',
    ':::',
    '?',
    '=',
    '&',
    '*',
    '/',
    'SIP/2.0',
    'sip:',
    'sips:',
    'tel:',
    '\r\n ',
    '\r\n\r\n',
  ],
  ...[
    'Content-Length: 0\r\n',
    'l: 5\r\n',
    'Content-Length: 99999999999999999999\r\n',
    'l: -1\r\n',
    'Via: x\r\n',
  ],
  ...[
    'v: SIP/2.0/TLS a.example;branch=z9hG4bK1\r\n',
    'To: <sip:x@y.example>\r\n',
    'CSeq: 1 ACK\r\n',
    'm: *\r\n',
  ],
  ...[
    ';received=192.0.2.9',
    ';rport',
    ';rport=1',
    ';tag=',
    ';tag=1;tag=2',
    ';maddr=[::1]',
    ';ttl=256',
    ';lr',
    '4294967296',
  ],
  ...[
    'x'.repeat(600),
    ';a=b'.repeat(80),
    '<<<<<<<<',
    '"'.repeat(40),
    '%41'.repeat(60),
    '\u00e9\u20ac',
    '1.2.3.4',
    '-',
    '.',
  ],
].map((text) => Buffer.from(text));

/** A mutated copy of one of the seeds, written into `into`; returns its length. */
export function mutate(random: SeededRandom, seeds: readonly Buffer[], into: Buffer): number {
  let length = random.pick(seeds).copy(into);
  for (let turn = 1 + random.below(4); turn > 0; turn--) {
    length = mutateOnce(random, seeds, into, length);
  }
  return length;
}

function mutateOnce(
  random: SeededRandom,
  seeds: readonly Buffer[],
  into: Buffer,
  length: number,
): number {
  const at = random.below(length + 1);
  switch (random.below(10)) {
    case 0:
    case 1:
      into[at] = (into[at] as number) ^ (1 << random.below(8));
      return Math.max(length, Math.min(at + 1, into.length));
    case 2:
      into[random.below(length + 1)] = random.below(256);
      return length;
    case 3:
    case 4:
    case 5:
      return insert(into, length, at, random.pick(FRAGMENTS));
    case 6:
      return removed(into, length, at, 1 + random.below(20));
    case 7:
      return at;
    case 8:
      return insert(
        into,
        length,
        lineStart(into, at),
        lineAt(into, random.below(length + 1), length),
      );
    default: {
      const other = random.pick(seeds);
      const from = random.below(other.length);
      return insert(into, length, at, other.subarray(from, from + random.below(200)));
    }
  }
}

function insert(into: Buffer, length: number, at: number, piece: Uint8Array): number {
  if (length + piece.length > into.length) return length;
  into.copyWithin(at + piece.length, at, length);
  into.set(piece, at);
  return length + piece.length;
}

function removed(into: Buffer, length: number, at: number, count: number): number {
  const end = Math.min(length, at + count);
  into.copyWithin(at, end, length);
  return length - (end - at);
}

function lineStart(bytes: Buffer, at: number): number {
  const before = at === 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1);
  return before + 1;
}

/** A copy, since it is inserted where it came from. */
function lineAt(bytes: Buffer, at: number, length: number): Buffer {
  const start = lineStart(bytes, at);
  const end = bytes.indexOf(0x0a, at);
  return Buffer.from(bytes.subarray(start, end < 0 || end >= length ? length : end + 1));
}
