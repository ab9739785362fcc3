import { DerReader, Tag } from './der-reader.ts';
import { type RevocationReason, revocationReason } from './revocation-reason.ts';
import { readValidityTime } from './validity-time.ts';

/** What a list says of one certificate. */
export interface RevokedEntry {
  readonly reason: RevocationReason;
  readonly revokedAtMs: number;
}

/** Why the entries of a list cannot be used. */
export type RevokedEntriesFault =
  | 'list-entries-malformed'
  | 'list-entries-too-many'
  | 'list-entry-critical-extension'
  | 'list-indirect';

/** Entries of one list, whatever its bytes. */
export const REVOKED_ENTRIES_MAX = 1_000_000;

const SERIAL_BYTES_MAX = 64;
const TIME_BYTES_MAX = 15;
const REASON_CODE = '2.5.29.21';
const INVALIDITY_DATE = '2.5.29.24';
const CERTIFICATE_ISSUER = '2.5.29.29';
/** As nearly every entry has it: one extension, the reason, in DER up to the number itself. */
const REASON_ALONE = Buffer.from('300c300a0603551d1504030a01', 'hex');
/** 2^20, above the number of any entry: hash and number together fit the 53 bits of a double. */
const NUMBERS = 1_048_576;
const FNV_OFFSET = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;

/**
 * The revoked serial numbers of a list, in twelve bytes an entry beside the list's own.
 *
 * Kept are hashes of the serials in order, each with its entry's number; a look-up is a binary search and then a
 * comparison of the very bytes. Who forges equal hashes slows down only questions about his own certificates.
 */
export class RevokedEntries {
  /** The content of revokedCertificates. */
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;
  readonly #keys: Float64Array;

  private constructor(bytes: Buffer, starts: Uint32Array, keys: Float64Array) {
    this.#bytes = bytes;
    this.#starts = starts;
    this.#keys = keys;
  }

  /** Reads the content of revokedCertificates; every entry is checked now, none is kept as an object. */
  static read(content: Buffer): { entries: RevokedEntries } | { fault: RevokedEntriesFault } {
    const scan = new EntryScan(content);
    const starts = new GrowingNumbers();
    while (scan.at < content.length) {
      if (starts.length >= REVOKED_ENTRIES_MAX) return { fault: 'list-entries-too-many' };
      starts.push(scan.at);
      const fault = scan.step();
      if (fault !== undefined) return { fault };
    }
    const kept = starts.take();
    const keys = new Float64Array(kept.length);
    for (let n = 0; n < kept.length; n++) {
      scan.at = kept[n] as number;
      scan.step();
      keys[n] = hashOf(content, scan.serialStart, scan.serialEnd) * NUMBERS + n;
    }
    return { entries: new RevokedEntries(content, kept, keys.sort()) };
  }

  get size(): number {
    return this.#starts.length;
  }

  /** Memory that the look-up takes beside the list itself. */
  get indexBytes(): number {
    return this.#starts.byteLength + this.#keys.byteLength;
  }

  /**
   * What the list says of a serial number, given as the content octets of its INTEGER.
   *
   * Of two entries for one number, which no list should have, a hold yields to the other.
   */
  find(serial: Buffer): RevokedEntry | undefined {
    let held: RevokedEntry | undefined;
    const wanted = hashOf(serial, 0, serial.length);
    const scan = new EntryScan(this.#bytes);
    for (let at = this.#firstAt(wanted * NUMBERS); at < this.#keys.length; at++) {
      const key = this.#keys[at] as number;
      if (Math.floor(key / NUMBERS) !== wanted) break;
      scan.at = this.#starts[key % NUMBERS] as number;
      scan.step();
      if (this.#bytes.compare(serial, 0, serial.length, scan.serialStart, scan.serialEnd) === 0) {
        const found = { reason: scan.reason, revokedAtMs: scan.revokedAtMs() };
        if (found.reason !== 'certificateHold') return found;
        held ??= found;
      }
    }
    return held;
  }

  #firstAt(key: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Walks over entries in place: a list has hundreds of thousands, and an object for each would be its weight twice. */
class EntryScan {
  at = 0;
  serialStart = 0;
  serialEnd = 0;
  reason: RevocationReason = 'unspecified';
  readonly #bytes: Buffer;
  #timeStart = 0;
  #timeEnd = 0;
  #contentAt = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Reads one entry and moves past it. */
  step(): RevokedEntriesFault | undefined {
    const end = this.#element(this.at, this.#bytes.length, Tag.sequence);
    if (end < 0) return 'list-entries-malformed';
    const serialEnd = this.#element(this.#contentAt, end, Tag.integer);
    this.serialStart = this.#contentAt;
    this.serialEnd = serialEnd;
    if (serialEnd < 0 || !this.#isSerial()) return 'list-entries-malformed';
    this.#timeStart = serialEnd;
    const tag = this.#bytes[serialEnd] === Tag.utcTime ? Tag.utcTime : Tag.generalizedTime;
    this.#timeEnd = this.#element(serialEnd, end, tag);
    if (this.#timeEnd < 0 || !this.#isTime()) return 'list-entries-malformed';
    this.reason = 'unspecified';
    this.at = end;
    return this.#timeEnd === end ? undefined : this.#extensions(this.#timeEnd, end);
  }

  revokedAtMs(): number {
    return readValidityTime(DerReader.over(this.#bytes.subarray(this.#timeStart, this.#timeEnd)));
  }

  /** The end of the element at `at`, its content's start left in `#contentAt`; -1 when it is not one of that tag. */
  #element(at: number, end: number, tag: number): number {
    const bytes = this.#bytes;
    if (at + 2 > end || bytes[at] !== tag) return -1;
    let length = bytes[at + 1] as number;
    this.#contentAt = at + 2;
    if (length === 0x81 || length === 0x82) {
      const octets = length - 0x80;
      if (at + 2 + octets > end) return -1;
      length = bytes.readUIntBE(at + 2, octets);
      if (length < (octets === 1 ? 0x80 : 0x1_00)) return -1;
      this.#contentAt += octets;
    } else if (length >= 0x80) return -1;
    return this.#contentAt + length <= end ? this.#contentAt + length : -1;
  }

  /** Not padded. One below zero or over 20 octets is a CA's mistake, whose list must be readable (RFC 5280 §4.1.2.2). */
  #isSerial(): boolean {
    const length = this.serialEnd - this.serialStart;
    if (length < 1 || length > SERIAL_BYTES_MAX) return false;
    const [first, second] = this.#bytes.subarray(this.serialStart, this.serialEnd);
    return second === undefined || first !== (second < 0x80 ? 0 : 0xff);
  }

  /** Digits and a `Z`; whether there was such a day is asked only of an entry that is found. */
  #isTime(): boolean {
    const start = this.#contentAt;
    const last = this.#timeEnd - 1;
    const length = this.#timeEnd - start;
    const isGeneralized = this.#bytes[this.#timeStart] === Tag.generalizedTime;
    if (length !== (isGeneralized ? TIME_BYTES_MAX : TIME_BYTES_MAX - 2)) return false;
    for (let at = start; at < last; at++) {
      const digit = this.#bytes[at] as number;
      if (digit < 0x30 || digit > 0x39) return false;
    }
    return this.#bytes[last] === 0x5a;
  }

  #extensions(start: number, end: number): RevokedEntriesFault | undefined {
    const usual = start + REASON_ALONE.length;
    const number = end === usual + 1 ? (this.#bytes[usual] as number) : 0x80;
    if (number < 0x80 && this.#bytes.compare(REASON_ALONE, 0, undefined, start, usual) === 0) {
      return this.#noteReason(number);
    }
    return this.#otherExtensions(DerReader.over(this.#bytes.subarray(start, end)));
  }

  #otherExtensions(whole: DerReader): RevokedEntriesFault | undefined {
    const sequence = whole.enter(Tag.sequence);
    whole.finish();
    const seen = new Set<string>();
    while (sequence.hasMore) {
      const extension = sequence.enter(Tag.sequence);
      const type = extension.objectIdentifier();
      const isCritical = extension.peek() === Tag.boolean && extension.boolean();
      const value = extension.content(Tag.octetString);
      extension.finish();
      if (whole.failed || seen.has(type)) return 'list-entries-malformed';
      seen.add(type);
      if (type === CERTIFICATE_ISSUER) return 'list-indirect';
      if (type === REASON_CODE) {
        const reader = DerReader.over(value);
        const fault = this.#noteReason(reader.smallInteger(127, Tag.enumerated));
        reader.finish();
        if (reader.failed || fault !== undefined) return fault ?? 'list-entries-malformed';
      } else if (isCritical && type !== INVALIDITY_DATE) return 'list-entry-critical-extension';
    }
    // Some authorities write an empty sequence where there should be none; unread, their list would revoke nothing.
    return whole.failed ? 'list-entries-malformed' : undefined;
  }

  /** `removeFromCRL` has a meaning in delta lists only (RFC 5280 §5.3.1); in others, its readers differ about it. */
  #noteReason(number: number): RevokedEntriesFault | undefined {
    const reason = revocationReason(number);
    if (reason === 'removeFromCRL') return 'list-entries-malformed';
    this.reason = reason;
    return undefined;
  }
}

/** Offsets of entries whose number is not known in advance. */
class GrowingNumbers {
  length = 0;
  #numbers = new Uint32Array(64);

  push(value: number): void {
    if (this.length === this.#numbers.length) {
      const wider = new Uint32Array(this.length * 2);
      wider.set(this.#numbers);
      this.#numbers = wider;
    }
    this.#numbers[this.length++] = value;
  }

  take(): Uint32Array {
    return this.#numbers.slice(0, this.length);
  }
}

/** 32-bit FNV-1a. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
  return hash >>> 0;
}
