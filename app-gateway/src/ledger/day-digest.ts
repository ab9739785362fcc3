import { hash } from 'node:crypto';

/** A digest is kept in so many parts: who looks for something reads one of each day. */
export const DIGEST_PARTS = 64;
/** A text leaves all its marks in one block of a part, which is read alone where the part is long. */
export const BLOCK_BYTES = 64;
/** Bits that a text sets in its block. */
export const BITS_OF_TEXT = 8;

/** 32 bits a record: of 100,000 texts that a day has not, one is taken to be there. */
const RECORDS_A_BLOCK = (DIGEST_PARTS * BLOCK_BYTES * 8) / 32;

/** Where in a digest a text leaves its marks. */
export interface DigestMarks {
  readonly part: number;
  /** Below 2^31: of as many blocks as there are, the remainder. */
  readonly block: number;
  /** Below 512, from the lowest bit of the first octet on. */
  readonly bits: readonly number[];
}

export function digestMarks(text: string): DigestMarks {
  const octets = hash('sha256', text, 'buffer');
  const bits: number[] = [];
  for (let at = 0; at < BITS_OF_TEXT; at++) {
    bits.push(octets.readUInt16BE(5 + 2 * at) % (BLOCK_BYTES * 8));
  }
  const part = (octets[0] as number) % DIGEST_PARTS;
  return { part, block: octets.readUInt32BE(1) >>> 1, bits };
}

/** Which texts are in the records of a day: that one is not there is certain, that it is there is not (a Bloom filter). */
export class DayDigest {
  readonly #blocks: number;
  readonly #octets: Buffer;

  /** For a day of so many records, each of which has a text or two. */
  constructor(records: number) {
    this.#blocks = Math.max(1, Math.ceil(records / RECORDS_A_BLOCK));
    this.#octets = Buffer.alloc(DIGEST_PARTS * this.#blocks * BLOCK_BYTES);
  }

  add(text: string): void {
    const { part, block, bits } = digestMarks(text);
    const start = (part * this.#blocks + (block % this.#blocks)) * BLOCK_BYTES;
    for (const bit of bits) {
      const at = start + (bit >>> 3);
      this.#octets[at] = (this.#octets[at] as number) | (1 << (bit & 7));
    }
  }

  /** Equally long, of whole blocks. */
  get parts(): readonly Buffer[] {
    const bytes = this.#blocks * BLOCK_BYTES;
    return Array.from({ length: DIGEST_PARTS }, (_, part) =>
      this.#octets.subarray(part * bytes, (part + 1) * bytes),
    );
  }
}

/** What a digest knows of a Call-ID, as a column has it. */
export function callText(callId: string): string {
  return `call ${callId}`;
}

/** Of a user on either side, as a column has it. */
export function userText(user: string): string {
  return `user ${user}`;
}

/** Of records that refer to a request by its number. */
export function requestText(stream: number, seq: number): string {
  return `request ${stream} ${seq}`;
}
