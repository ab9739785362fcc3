import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Why a sealed file does not open; a wrong passphrase and a changed first piece look the same. */
export type SealedFileFault = 'not-sealed' | 'passphrase-or-damage' | 'cut-off' | 'goes-on';

const MAGIC = Buffer.from('sallyport sealed file 1\n', 'latin1');
const SALT_OCTETS = 16;
const PREFIX_OCTETS = 7;
const HEADER_OCTETS = MAGIC.length + SALT_OCTETS + PREFIX_OCTETS;
const TAG_OCTETS = 16;
const LENGTH_OCTETS = 4;
const PIECE_OCTETS = 262_144;
const LAST = 0x80_00_00_00;
const PIECES_MAX = 0xff_ff_ff_ff;
/** As for sealed keys (sealed-key.ts): part of the format, so that no file can ask for more. */
const SCRYPT = { N: 131_072, r: 8, p: 1, maxmem: 268_435_456 } as const;

/**
 * Seals a file of any length with a passphrase, piece by piece: scrypt (RFC 7914) and AES-256-GCM.
 *
 * The nonce of each piece is a random prefix of the file, the piece's number, and whether it is the last (the STREAM
 * construction), so that pieces that were swapped, dropped or cut off do not open.
 */
export class SealedFileWriter {
  readonly #write: (bytes: Buffer) => Promise<void>;
  readonly #header: Buffer;
  readonly #key: Buffer;
  #held: Buffer[] = [];
  #heldOctets = 0;
  #number = 0;
  #hasHeader = false;

  constructor(passphrase: string, write: (bytes: Buffer) => Promise<void>) {
    const salt = randomBytes(SALT_OCTETS);
    this.#write = write;
    this.#header = Buffer.concat([MAGIC, salt, randomBytes(PREFIX_OCTETS)]);
    this.#key = keyOf(passphrase, salt);
  }

  async add(bytes: Buffer): Promise<void> {
    this.#held.push(bytes);
    this.#heldOctets += bytes.length;
    if (this.#heldOctets <= PIECE_OCTETS) return;
    const held = Buffer.concat(this.#held);
    let at = 0;
    // What is left is the beginning of the next piece, and never nothing: the last one is told apart by name.
    for (; held.length - at > PIECE_OCTETS; at += PIECE_OCTETS) {
      await this.#piece(held.subarray(at, at + PIECE_OCTETS), false);
    }
    this.#held = [held.subarray(at)];
    this.#heldOctets = held.length - at;
  }

  /** Writes what is left; nothing can be added after it. */
  async end(): Promise<void> {
    await this.#piece(Buffer.concat(this.#held), true);
  }

  async #piece(bytes: Buffer, isLast: boolean): Promise<void> {
    if (!this.#hasHeader) await this.#write(this.#header);
    this.#hasHeader = true;
    const cipher = createCipheriv(
      'aes-256-gcm',
      this.#key,
      nonce(this.#header, this.#number, isLast),
    );
    cipher.setAAD(this.#header);
    const length = Buffer.alloc(LENGTH_OCTETS);
    length.writeUInt32BE(bytes.length + (isLast ? LAST : 0));
    const sealed = [cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
    await this.#write(Buffer.concat([length, ...sealed]));
    this.#number++;
  }
}

/** Opens a sealed file as it is read; the first fault is the last that comes. */
export async function* openSealedFile(
  input: AsyncIterable<Buffer>,
  passphrase: string,
): AsyncGenerator<Result<Buffer, SealedFileFault>> {
  const bytes = new Bytes(input[Symbol.asyncIterator]());
  const header = await bytes.take(HEADER_OCTETS);
  if (header === undefined || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    return yield err('not-sealed');
  }
  const key = keyOf(passphrase, header.subarray(MAGIC.length, MAGIC.length + SALT_OCTETS));
  for (let number = 0; number < PIECES_MAX; number++) {
    const head = (await bytes.take(LENGTH_OCTETS))?.readUInt32BE();
    if (head === undefined) return yield err('cut-off');
    const isLast = head >= LAST;
    const length = isLast ? head - LAST : head;
    if (length > PIECE_OCTETS) return yield err('passphrase-or-damage');
    const sealed = await bytes.take(length + TAG_OCTETS);
    if (sealed === undefined) return yield err('cut-off');
    const opened = openPiece(key, header, number, isLast, sealed);
    if (opened === undefined) return yield err('passphrase-or-damage');
    yield ok(opened);
    if (!isLast) continue;
    if ((await bytes.take(1)) !== undefined) yield err('goes-on');
    return;
  }
}

function openPiece(
  key: Buffer,
  header: Buffer,
  number: number,
  isLast: boolean,
  sealed: Buffer,
): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(header, number, isLast), {
    authTagLength: TAG_OCTETS,
  });
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(-TAG_OCTETS));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_OCTETS)), decipher.final()]);
  } catch {
    // The one way in which authenticated decryption says no.
    return undefined;
  }
}

function nonce(header: Buffer, number: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(PREFIX_OCTETS + LENGTH_OCTETS + 1);
  header.copy(bytes, 0, HEADER_OCTETS - PREFIX_OCTETS);
  bytes.writeUInt32BE(number, PREFIX_OCTETS);
  bytes[PREFIX_OCTETS + LENGTH_OCTETS] = isLast ? 1 : 0;
  return bytes;
}

function keyOf(passphrase: string, salt: Buffer): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, 32, SCRYPT);
}

/** So many octets at a time from an input that comes in pieces of its own. */
class Bytes {
  readonly #input: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(input: AsyncIterator<Buffer>) {
    this.#input = input;
  }

  /** Undefined: there are fewer. */
  async take(count: number): Promise<Buffer | undefined> {
    const pieces = [this.#held];
    let octets = this.#held.length;
    while (octets < count) {
      const next = await this.#input.next();
      if (next.done === true) return undefined;
      pieces.push(next.value);
      octets += next.value.length;
    }
    const all = pieces.length === 1 ? this.#held : Buffer.concat(pieces);
    this.#held = all.subarray(count);
    return all.subarray(0, count);
  }
}
