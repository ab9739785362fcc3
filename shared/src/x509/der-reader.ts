/** Universal and context tags that certificates use (X.690 §8.1.2), as whole identifier octets. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

const DEPTH_MAX = 16;
const LENGTH_OCTETS_MAX = 3;
const OBJECT_IDENTIFIER_BYTES_MAX = 64;
const NAMED_OCTETS_MAX = 2;
const EMPTY = Buffer.alloc(0);

/** Identifier octet of a context-specific element `[number]`. */
export function contextTag(number: number, constructed: boolean): number {
  return 0x80 | (constructed ? 0x20 : 0) | number;
}

/**
 * Cursor over one DER value (X.690 §10), shared by every X.509 structure.
 *
 * The first breach sticks: it marks the whole tree of readers as failed and all later reads give
 * empty values, so a parser reads straight down and asks `failed` once. Refused are indefinite and
 * non-minimal lengths, multi-byte tags, more than 16 levels, and anything left over at `finish`.
 * Returned buffers are views, not copies.
 */
export class DerReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #depth: number;
  readonly #trouble: { failed: boolean };
  #at: number;
  #contentStart = 0;

  private constructor(
    bytes: Buffer,
    at: number,
    end: number,
    depth: number,
    trouble: { failed: boolean },
  ) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#depth = depth;
    this.#trouble = trouble;
  }

  /** A reader that fails alone: nobody else's verdict depends on these bytes yet. */
  static over(bytes: Buffer): DerReader {
    return new DerReader(bytes, 0, bytes.length, 0, { failed: false });
  }

  /** A reader over bytes that were found inside this one's: a breach there is a breach here. */
  inside(bytes: Buffer): DerReader {
    return new DerReader(bytes, 0, bytes.length, this.#depth + 1, this.#trouble);
  }

  /** Whether this reader or any that shares its fate met a breach. */
  get failed(): boolean {
    return this.#trouble.failed;
  }

  /** Whether another element follows; false after a breach, so that loops end. */
  get hasMore(): boolean {
    return !this.#trouble.failed && this.#at < this.#end;
  }

  /** Identifier octet of the next element, or -1 at the end. */
  peek(): number {
    return this.hasMore ? (this.#bytes[this.#at] as number) : -1;
  }

  /** Records a breach that only the caller can see, such as a value out of range. */
  fail(): void {
    this.#trouble.failed = true;
    this.#at = this.#end;
  }

  /** Demands that nothing follows. */
  finish(): void {
    if (this.hasMore) this.fail();
  }

  /** Steps into a constructed element and past it. */
  enter(tag: number): DerReader {
    const start = this.#element(tag);
    if (this.#depth >= DEPTH_MAX) this.fail();
    const end = this.failed ? start : this.#at;
    return new DerReader(this.#bytes, start, end, this.#depth + 1, this.#trouble);
  }

  /** The content octets of the next element, uninterpreted. */
  content(tag: number): Buffer {
    const start = this.#element(tag);
    return this.failed ? EMPTY : this.#bytes.subarray(start, this.#at);
  }

  /** The next element with its header, as hashed, signed and compared. */
  whole(tag: number): Buffer {
    const from = this.#at;
    this.#element(tag);
    return this.failed ? EMPTY : this.#bytes.subarray(from, this.#at);
  }

  /** Content of an INTEGER in two's complement; refuses padding (X.690 §8.3.2). */
  integer(tag: number = Tag.integer): Buffer {
    const content = this.content(tag);
    const [first, second] = content;
    const isPadded = second !== undefined && first === (second < 0x80 ? 0 : 0xff);
    if (first === undefined || isPadded) this.fail();
    return content;
  }

  /** A non-negative INTEGER of at most `max`. */
  smallInteger(max: number, tag: number = Tag.integer): number {
    const content = this.integer(tag);
    const value =
      content.length === 0 || content.length > 4 ? -1 : content.readIntBE(0, content.length);
    if (value < 0 || value > max) this.fail();
    return this.failed ? 0 : value;
  }

  /** A BOOLEAN, whose only true is 0xff (X.690 §11.1). */
  boolean(tag: number = Tag.boolean): boolean {
    const content = this.content(tag);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) this.fail();
    return content[0] === 0xff;
  }

  /** A BIT STRING that holds whole octets, such as keys and signatures. */
  octetsOfBitString(): Buffer {
    const content = this.content(Tag.bitString);
    if (content[0] !== 0) this.fail();
    return this.failed ? EMPTY : content.subarray(1);
  }

  /** Content of a BIT STRING, behind the number of its unused bits, which are zero (X.690 §8.6.2, §11.2.1). */
  bits(tag: number = Tag.bitString): Buffer {
    const content = this.content(tag);
    const unused = content[0] ?? 8;
    const last = content[content.length - 1] ?? 0;
    const isSound =
      content.length === 1 ? unused === 0 : unused <= 7 && (last & ((1 << unused) - 1)) === 0;
    if (!isSound) this.fail();
    return this.failed ? EMPTY : content;
  }

  /**
   * A BIT STRING of named bits as a number, first bit lowest; none behind the 16th may be set.
   *
   * Trailing zero bits, which DER leaves out (X.690 §11.2.2), are read: they say nothing, and roots that the whole
   * web trusts and older Windows write them, up to whole octets.
   */
  namedBits(): number {
    const content = this.bits();
    const spare = content.subarray(1 + NAMED_OCTETS_MAX);
    if (spare.some((octet) => octet !== 0)) this.fail();
    if (this.failed) return 0;
    let bits = 0;
    for (let n = 0; n < Math.min(content.length - 1, NAMED_OCTETS_MAX) * 8; n++) {
      if (((content[1 + (n >> 3)] as number) & (0x80 >> (n & 7))) !== 0) bits |= 1 << n;
    }
    return bits;
  }

  /** An OBJECT IDENTIFIER of at most 64 octets in dotted form; an arc may be a UUID (ITU-T X.667 §7). */
  objectIdentifier(): string {
    const content = this.content(Tag.objectIdentifier);
    const last = content[content.length - 1] ?? 0x80;
    if (last >= 0x80 || content.length > OBJECT_IDENTIFIER_BYTES_MAX) this.fail();
    if (this.failed) return '';
    let text = '';
    let start = 0;
    for (let at = 0; at < content.length; at++) {
      if ((content[at] as number) >= 0x80) continue;
      if (content[start] === 0x80) {
        this.fail();
        return '';
      }
      const arc = arcOf(content, start, at);
      text += text === '' ? firstArcs(arc) : `.${arc}`;
      start = at + 1;
    }
    return text;
  }

  /** Reads a header, moves past the element and returns where its content starts. */
  #element(tag: number): number {
    if (this.peek() !== tag || (tag & 0x1f) === 0x1f || !this.#readLength()) {
      this.fail();
      return this.#end;
    }
    return this.#contentStart;
  }

  #readLength(): boolean {
    const first = this.#bytes[this.#at + 1];
    if (first === undefined || this.#at + 1 >= this.#end) return false;
    let start = this.#at + 2;
    let length = first;
    if (first >= 0x80) {
      const octets = first & 0x7f;
      if (octets === 0 || octets > LENGTH_OCTETS_MAX || start + octets > this.#end) return false;
      length = this.#bytes.readUIntBE(start, octets);
      if (length < 0x80 || length < 2 ** (8 * (octets - 1))) return false;
      start += octets;
    }
    if (length > this.#end - start) return false;
    this.#contentStart = start;
    this.#at = start + length;
    return true;
  }
}

/** Seven bits an octet (X.690 §8.19.2), and seven octets at a time: what a number holds for certain. */
function arcOf(content: Buffer, from: number, to: number): number | bigint {
  let arc: number | bigint = 0;
  let group = 0;
  for (let at = from; at <= to; at++) {
    group = group * 128 + ((content[at] as number) & 0x7f);
    if ((to - at) % 7 > 0) continue;
    arc = arc === 0 ? group : (BigInt(arc) << 49n) | BigInt(group);
    group = 0;
  }
  return arc;
}

/** The first octets carry two arcs (X.690 §8.19.4). */
function firstArcs(value: number | bigint): string {
  const first = value < 40 ? 0 : value < 80 ? 1 : 2;
  const second = typeof value === 'bigint' ? value - 80n : value - first * 40;
  return `${first}.${second}`;
}

/** What is signed, how, and the signature, as they stand in certificates, lists and requests. */
export interface SignedSequence {
  /** Over the whole; it has failed where one of the three cannot be read, or something stands behind them. */
  readonly whole: DerReader;
  readonly tbs: Buffer;
  readonly algorithm: Buffer;
  readonly signature: Buffer;
}

/** Reads the SEQUENCE of three that everything signed has (RFC 5280 §4.1, §5.1; RFC 2986 §4.2). */
export function readSigned(der: Buffer): SignedSequence {
  const whole = DerReader.over(der);
  const outer = whole.enter(Tag.sequence);
  whole.finish();
  const tbs = outer.whole(Tag.sequence);
  const algorithm = outer.whole(Tag.sequence);
  const signature = outer.octetsOfBitString();
  outer.finish();
  return { whole, tbs, algorithm, signature };
}
