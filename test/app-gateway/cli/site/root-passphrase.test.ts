import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { newRootPassphrase } from '@sallyport/app-gateway/cli/site/root-passphrase.ts';

describe('the passphrase of a new root', () => {
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'root-passphrase-'));
  });
  after(() => rmSync(scratch, { recursive: true }));
  const given = (text: string) => {
    const file = join(scratch, 'passphrase');
    writeFileSync(file, text);
    return newRootPassphrase(file);
  };

  it('is made where none is given, another one each time', async () => {
    const one = await newRootPassphrase(undefined);
    const other = await newRootPassphrase(undefined);
    assert.ok(one.ok && other.ok);
    assert.match(one.value, /^[\w-]{32}$/);
    assert.notEqual(one.value, other.value);
  });

  it('is that of a file without its line end, of 12 to 1000 characters', async () => {
    for (const length of [12, 1000]) {
      const text = 'p'.repeat(length);
      assert.deepEqual(await given(`${text}\r\n`), { ok: true, value: text });
    }
    for (const length of [0, 11, 1001]) {
      const refused = await given(`${'p'.repeat(length)}\n`);
      assert.ok(!refused.ok);
      assert.match(refused.error.text, new RegExp(`has ${length} characters`));
    }
  });

  it('is counted in characters, as every other passphrase, whatever UTF-16 makes of them', async () => {
    const refused = await given('🔑'.repeat(11));
    assert.ok(!refused.ok);
    assert.match(refused.error.text, /has 11 characters/);
    assert.ok((await given('🔑'.repeat(12))).ok);
  });
});
