import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { readSecret } from '@sallyport/app-gateway/cli/keys/terminal-secret.ts';
import type { Result } from '@sallyport/shared/result.ts';
import { surroundingsOf, terminal } from '../test-surroundings.ts';

const WHAT = { what: 'passphrase' };
const secretOf = (secret: Result<string, { code: string }>) =>
  secret.ok ? secret.value : secret.error.code;

describe('a secret', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'secret-'));
    writeFileSync(join(folder, 'pass'), 'from file\nsecond line\n');
    writeFileSync(join(folder, 'empty'), '\n');
    writeFileSync(join(folder, 'largest'), 'x'.repeat(4096));
    writeFileSync(join(folder, 'larger'), 'x'.repeat(4097));
  });
  after(() => rmSync(folder, { recursive: true }));

  const typed = [
    ['hunter2\r', 'hunter2'],
    ['hunterr\u007f2\r', 'hunter2'],
    ['h\u00e4nde\n', 'h\u00e4nde'],
    ['\r', 'secret-missing'],
    ['hun\u0003', 'interrupted'],
  ] as const;
  for (const [keys, secret] of typed) {
    it(`is read from the terminal without being shown: ${JSON.stringify(keys)}`, async () => {
      const input = terminal(keys);
      const surroundings = surroundingsOf(folder, { input });
      assert.equal(secretOf(await readSecret(WHAT, surroundings)), secret);
      assert.equal(surroundings.shown(), 'passphrase: \n');
      assert.equal(input.isRaw, false);
    });
  }

  it('is asked twice when it is new', async () => {
    const ask = (...lines: string[]) => {
      const surroundings = surroundingsOf(folder, { input: terminal(...lines) });
      return readSecret({ ...WHAT, isNew: true }, surroundings);
    };
    assert.equal(secretOf(await ask('hunter2\r', 'hunter2\r')), 'hunter2');
    assert.equal(secretOf(await ask('hunter2\r', 'hunter3\r')), 'secret-differs');
    assert.equal(secretOf(await ask('hunter2\r', 'hun\u0003')), 'interrupted');
  });

  const files = [
    ['pass', 'from file'],
    ['empty', 'secret-missing'],
    ['absent', 'secret-unreadable'],
    ['larger', 'secret-too-large'],
  ] as const;
  for (const [file, secret] of files) {
    it(`is the first line of a file: ${file}`, async () => {
      assert.equal(secretOf(await readSecret({ ...WHAT, file }, surroundingsOf(folder))), secret);
    });
  }

  it('may fill the largest file', async () => {
    const secret = await readSecret({ ...WHAT, file: 'largest' }, surroundingsOf(folder));
    assert.equal(secretOf(secret).length, 4096);
  });

  it('is read from standard input where that is no terminal, or where it is named', async () => {
    for (const file of [undefined, '-']) {
      const input = new PassThrough();
      input.end('piped\n');
      const secret = await readSecret({ ...WHAT, file }, surroundingsOf(folder, { input }));
      assert.equal(secretOf(secret), 'piped');
    }
  });
});
