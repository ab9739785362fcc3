import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readKeyFile } from '@sallyport/certs/key-file.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sallyport-key-'));
after(() => rmSync(FOLDER, { recursive: true }));

const KEY = Buffer.alloc(32, 7);
const LINE = `${KEY.toString('base64')}\n`;

//  text, mode, what is read
const rows: readonly (readonly [name: string, text: string, mode: number, found: string])[] = [
  ['its owner may read and write', LINE, 0o600, 'key'],
  ['its owner may read', LINE, 0o400, 'key'],
  ['without a line end', LINE.trim(), 0o600, 'key'],
  ['its group may read', LINE, 0o640, 'key-file-open-to-others'],
  ['all may read', LINE, 0o604, 'key-file-open-to-others'],
  ['31 octets', `${KEY.subarray(1).toString('base64')}\n`, 0o600, 'key-file-malformed'],
  ['33 octets', `${Buffer.alloc(33).toString('base64')}\n`, 0o600, 'key-file-malformed'],
  ['no base64', 'x'.repeat(43), 0o600, 'key-file-malformed'],
  ['empty', '', 0o600, 'key-file-malformed'],
  ['much too long', LINE + ' '.repeat(1000), 0o600, 'key-file-malformed'],
];

describe('key file', () => {
  for (const [n, [name, text, mode, found]] of rows.entries()) {
    it(`${name}: ${found}`, () => {
      const path = join(FOLDER, `${n}.key`);
      writeFileSync(path, text);
      chmodSync(path, mode);
      const key = readKeyFile(path);
      assert.equal(key.ok ? 'key' : key.error, found);
      if (key.ok) assert.deepEqual(key.value, KEY);
    });
  }

  it('that is not there, or is a folder', () => {
    const missing = readKeyFile(join(FOLDER, 'missing'));
    assert.equal(missing.ok ? '' : missing.error, 'key-file-missing');
    const folder = readKeyFile(FOLDER);
    assert.equal(folder.ok ? '' : folder.error, 'key-file-malformed');
  });
});
