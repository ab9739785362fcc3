import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BackupFrame,
  encodeFrame,
  FrameReader,
} from '@sallyport/app-gateway/backup/backup-frame.ts';
import fc from 'fast-check';

const FRAMES: readonly BackupFrame[] = [
  {
    kind: 'file',
    file: { path: 'partners/globex.yaml', mode: 0o600, mtimeMs: 5, folderMtimeMs: 6 },
    content: Buffer.from('id: globex\n'),
  },
  { kind: 'rows', table: 'partner', rows: ['{"id":"globex"}', '{"id":"größe"}'] },
  { kind: 'rows', table: 'audit_body', rows: [] },
  {
    kind: 'manifest',
    manifest: {
      format: 'sallyport-backup',
      version: 1,
      site: 'acme',
      node: 'gateway-1',
      program: '1.0.0',
      createdAtMs: 1,
      tables: { partner: { rows: 2, sha256: 'ab'.repeat(32) } },
      files: [],
    },
  },
];
const BYTES = Buffer.concat(FRAMES.map(encodeFrame));

function read(bytes: Buffer, cuts: readonly number[]): readonly BackupFrame[] | string {
  const reader = new FrameReader();
  const found: BackupFrame[] = [];
  let from = 0;
  for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    const frames = reader.push(bytes.subarray(from, to));
    if (!frames.ok) return frames.error;
    found.push(...frames.value);
    from = to;
  }
  return reader.isEmpty ? found : 'something is left';
}

describe('parts of a backup', () => {
  it('are read as they were written, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(BYTES.length), { maxLength: 20 }), (cuts) => {
        assert.deepEqual(read(BYTES, cuts), FRAMES);
      }),
      { seed: 7 },
    );
  });

  it('that end too early leave something over', () => {
    assert.equal(read(BYTES.subarray(0, -1), []), 'something is left');
  });

  function framed(type: number, head: unknown): Buffer {
    const json = Buffer.from(JSON.stringify(head));
    const bytes = Buffer.alloc(9);
    bytes[0] = type;
    bytes.writeUInt32BE(4 + json.length + 2, 1);
    bytes.writeUInt32BE(json.length, 5);
    // Nothing, deflated.
    return Buffer.concat([bytes, json, Buffer.from([0x03, 0x00])]);
  }
  const file = { path: 'a', mode: 0o600, mtimeMs: 1, folderMtimeMs: 1 };
  //  a part                            understood
  const table: readonly (readonly [string, Buffer, boolean])[] = [
    ['a file', framed(1, file), true],
    ['a file of a folder above', framed(1, { ...file, path: '../a' }), false],
    ['a file of the whole host', framed(1, { ...file, path: '/etc/passwd' }), false],
    ['a file with an empty step', framed(1, { ...file, path: 'a//b' }), false],
    ['a file that becomes another user', framed(1, { ...file, mode: 0o4755 }), false],
    ['rows of no table', framed(2, {}), false],
    ['a manifest of later', framed(3, { format: 'sallyport-backup', version: 2 }), false],
    ['a part of another kind', framed(4, {}), false],
    ['a length beyond all', Buffer.from([2, 0xff, 0xff, 0xff, 0xff]), false],
  ];
  for (const [words, bytes, isUnderstood] of table) {
    it(`${words} is ${isUnderstood ? '' : 'not '}understood`, () => {
      assert.equal(typeof read(bytes, []) !== 'string', isUnderstood);
    });
  }
});
