import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { openSealedFile, SealedFileWriter } from '@sallyport/certs/sealed-file.ts';

const PIECE = 262_144;
const PASSPHRASE = 'four words of a sentence';
/** With the cost that is part of the format; see light-scrypt.ts for its passphrase. */
const OF_EARLIER_VERSION =
  'c2FsbHlwb3J0IHNlYWxlZCBmaWxlIDEKiB+A29KseniBwuJMagMmIP/ERSN3xDOAAAAOL/FpCS9w0/BTpjmruL9ply6RWNriRcN//mviIaiS';

async function sealed(...parts: readonly Buffer[]): Promise<Buffer> {
  const written: Buffer[] = [];
  const writer = new SealedFileWriter(PASSPHRASE, async (bytes) => {
    written.push(bytes);
  });
  for (const part of parts) await writer.add(part);
  await writer.end();
  return Buffer.concat(written);
}

/** Cut anywhere, as a disk gives it. */
async function* pieces(file: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

async function opened(
  file: Buffer,
  passphrase: string = PASSPHRASE,
  size = 65_536,
): Promise<Buffer | string> {
  const found: Buffer[] = [];
  for await (const piece of openSealedFile(pieces(file, size), passphrase)) {
    if (!piece.ok) return piece.error;
    found.push(piece.value);
  }
  return Buffer.concat(found);
}

describe('a sealed file', () => {
  for (const octets of [0, PIECE, PIECE + 1, 3 * PIECE]) {
    it(`of ${octets} octets opens with its passphrase`, async () => {
      const content = randomBytes(octets);
      assert.deepEqual(await opened(await sealed(content)), content);
    });
  }

  it('of an earlier version opens', async () => {
    const file = Buffer.from(OF_EARLIER_VERSION, 'base64');
    assert.equal(String(await opened(file, `in full: ${PASSPHRASE}`)), 'kept for years');
  });

  it('opens however it was put together, and however it is read', async () => {
    const parts = [1, 100, PIECE, 5, 2 * PIECE].map((octets) => randomBytes(octets));
    const file = await sealed(...parts);
    for (const size of [1000, 4096, file.length]) {
      assert.deepEqual(await opened(file, PASSPHRASE, size), Buffer.concat(parts));
    }
  });

  it('never holds the text, and is another each time', async () => {
    const file = await sealed(Buffer.from('a text that must not be seen'));
    assert.equal(file.includes('must not be seen'), false);
    assert.notDeepEqual(await sealed(Buffer.from('a text that must not be seen')), file);
  });

  it('does not open with another passphrase', async () => {
    assert.equal(
      await opened(await sealed(Buffer.from('x')), 'another passphrase'),
      'passphrase-or-damage',
    );
  });

  //  what was done to it        how                                                fault
  const HEADER = 47;
  const SEALED = 4 + PIECE + 16;
  const table: readonly (readonly [string, (file: Buffer) => Buffer, string])[] = [
    [
      'another first line',
      (file) => Buffer.concat([Buffer.from('S'), file.subarray(1)]),
      'not-sealed',
    ],
    ['nothing but half a header', (file) => file.subarray(0, 20), 'not-sealed'],
    ['a bit turned in a piece', (file) => turned(file, HEADER + 100), 'passphrase-or-damage'],
    ['a bit turned in the salt', (file) => turned(file, 30), 'passphrase-or-damage'],
    ['the last piece dropped', (file) => file.subarray(0, HEADER + 2 * SEALED), 'cut-off'],
    ['half of the last piece dropped', (file) => file.subarray(0, -10), 'cut-off'],
    [
      'two pieces swapped',
      (file) =>
        Buffer.concat([
          file.subarray(0, HEADER),
          file.subarray(HEADER + SEALED, HEADER + 2 * SEALED),
          file.subarray(HEADER, HEADER + SEALED),
          file.subarray(HEADER + 2 * SEALED),
        ]),
      'passphrase-or-damage',
    ],
    [
      'a piece dropped',
      (file) => Buffer.concat([file.subarray(0, HEADER), file.subarray(HEADER + SEALED)]),
      'passphrase-or-damage',
    ],
    ['a piece said to be the last', (file) => turned(file, HEADER, 0x80), 'passphrase-or-damage'],
    ['a length beyond all', (file) => turned(file, HEADER, 0x7f), 'passphrase-or-damage'],
    ['something behind the end', (file) => Buffer.concat([file, Buffer.from('x')]), 'goes-on'],
  ];
  // Made once: finding the key takes half a second on purpose.
  const whole = sealed(randomBytes(2 * PIECE + 50));
  for (const [words, change, fault] of table) {
    it(`with ${words} is refused as ${fault}`, async () => {
      const file = await whole;
      assert.equal(file.length, HEADER + 2 * SEALED + 4 + 50 + 16);
      assert.equal(await opened(change(file)), fault);
    });
  }
});

function turned(file: Buffer, at: number, mask = 1): Buffer {
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}
