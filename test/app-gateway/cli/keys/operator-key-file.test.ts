import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  openKeyFile,
  readOperatorKey,
  writeOperatorKey,
} from '@sallyport/app-gateway/cli/keys/operator-key-file.ts';
import type { Result } from '@sallyport/shared/result.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const PASSPHRASE = 'correct horse battery';

describe('an operator’s key file', () => {
  let folder: string;
  let path: string;
  const message = (outcome: Result<unknown, { message: string }>) =>
    outcome.ok ? 'done' : outcome.error.message.replace(folder, '');
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-'));
    path = join(folder, '.config/sallyport/operator.key');
    const made = writeOperatorKey(path, 'ann', PASSPHRASE);
    assert.ok(made.ok);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('lies at its place for its owner alone, with no key in the open', () => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, /PRIVATE KEY/);
    const key = readOperatorKey(undefined, surroundingsOf(folder));
    assert.ok(key.ok);
    assert.equal(key.value.operator, 'ann');
  });

  it('opens with its passphrase and no other', () => {
    const file = readOperatorKey(undefined, surroundingsOf(folder));
    assert.ok(file.ok);
    const key = openKeyFile(file.value, PASSPHRASE);
    assert.ok(key.ok);
    assert.ok(createPublicKey(key.value).equals(createPublicKey(file.value.publicKeyPem)));
    const wrong = openKeyFile(file.value, `${PASSPHRASE}!`);
    assert.equal(!wrong.ok && wrong.error.code, 'passphrase-wrong');
  });

  it('is never written over, and not with a short passphrase', () => {
    assert.match(message(writeOperatorKey(path, 'bob', PASSPHRASE)), /is there already/);
    const other = join(folder, 'bob.key');
    assert.match(message(writeOperatorKey(other, 'bob', 'x'.repeat(11))), /12 characters/);
    assert.equal(message(writeOperatorKey(other, 'bob', 'x'.repeat(12))), 'done');
  });

  it('is not used while others may read it, nor when it is something else', () => {
    const read = (file: string) => message(readOperatorKey(file, surroundingsOf(folder)));
    const open = join(folder, 'open.key');
    writeFileSync(open, readFileSync(path));
    chmodSync(open, 0o640);
    assert.equal(read('open.key'), '/open.key: can be read by others');
    chmodSync(open, 0o600);
    assert.equal(read('open.key'), 'done');
    for (const text of ['rubbish', '{}', '[]', 'null', `{"format":"${'x'.repeat(20_000)}"}`]) {
      writeFileSync(open, text);
      assert.equal(read('open.key'), '/open.key: is no operator’s key file', text.slice(0, 20));
    }
    assert.equal(read('absent.key'), '/absent.key: no such file or folder');
  });
});
