import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  auditorKeyCommand,
  openAuditorKey,
  readAuditorKey,
} from '@sallyport/app-gateway/cli/keys/auditor-key-file.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const PASSPHRASE = 'correct horse battery';

describe('an auditor’s key file', () => {
  let folder: string;
  let path: string;
  const make = async (out: string) => {
    const options = { out, newPassphraseFile: 'passphrase' };
    const done = await auditorKeyCommand(options, surroundingsOf(folder));
    return done.ok ? done.value : { exitCode: 1, text: done.error.message };
  };
  const codeOf = (outcome: { ok: true } | { ok: false; error: { code: string } }) =>
    outcome.ok ? '' : outcome.error.code;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auditor-'));
    path = join(folder, 'anna.key');
    writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\n`);
    assert.equal((await make('anna.key')).exitCode, 0);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is its owner’s alone, with no key in the open', () => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(path, 'utf8'), /PRIVATE KEY/);
  });

  it('opens with its passphrase and no other, and holds the key that was shown', async () => {
    const { text } = await make('ben.key');
    const file = readAuditorKey(join(folder, 'ben.key'));
    assert.ok(file.ok);
    assert.ok(text.includes(`key: "${file.value.publicKey}"`));
    const key = openAuditorKey(file.value, PASSPHRASE);
    assert.ok(key.ok);
    assert.equal(rawPublicKey(key.value).toString('base64'), file.value.publicKey);
    assert.equal(codeOf(openAuditorKey(file.value, `${PASSPHRASE}!`)), 'passphrase-wrong');
  });

  it('is never written over, and not with a short passphrase', async () => {
    assert.match((await make('anna.key')).text, /is there already/);
    writeFileSync(join(folder, 'passphrase'), 'x'.repeat(11));
    assert.match((await make('short.key')).text, /12 characters/);
  });

  it('is not used while others may read it, nor when it is something else', () => {
    const other = join(folder, 'other.key');
    for (const text of ['rubbish', '{}', '[]', 'null', `{"format":"${'x'.repeat(20_000)}"}`]) {
      writeFileSync(other, text, { mode: 0o600 });
      assert.equal(codeOf(readAuditorKey(other)), 'auditor-key-unusable', text.slice(0, 20));
    }
    chmodSync(path, 0o640);
    assert.equal(codeOf(readAuditorKey(path)), 'auditor-key-unusable');
  });
});
