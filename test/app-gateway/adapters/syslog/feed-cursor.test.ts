import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileCursor } from '@sallyport/app-gateway/adapters/syslog/feed-cursor.ts';

describe('the cursor of a feed', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cursor-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is nowhere at first, and then where it was put last', async () => {
    const cursor = fileCursor(folder, 'splunk');
    assert.deepEqual(await cursor.load(), { ok: true, value: undefined });
    assert.ok((await cursor.save(7)).ok);
    assert.ok((await cursor.save(8)).ok);
    assert.deepEqual(await fileCursor(folder, 'splunk').load(), { ok: true, value: 8 });
    assert.deepEqual(await fileCursor(folder, 'other').load(), { ok: true, value: undefined });
    assert.deepEqual(readdirSync(folder), ['splunk.json']);
  });

  it('survives a draft that was left half written', async () => {
    const cursor = fileCursor(folder, 'torn');
    await cursor.save(5);
    writeFileSync(join(folder, 'torn.json.new'), '{"ne');
    assert.deepEqual(await cursor.load(), { ok: true, value: 5 });
    assert.ok((await cursor.save(6)).ok);
    assert.equal(readFileSync(join(folder, 'torn.json'), 'utf8'), '{"next":6}\n');
  });

  for (const [text, reason] of [
    ['', 'is no JSON'],
    ['{"next":', 'is no JSON'],
    ['{"next":-1}', 'holds no position'],
    ['{"next":1.5}', 'holds no position'],
    ['{"next":"7"}', 'holds no position'],
    ['{}', 'holds no position'],
    ['null', 'holds no position'],
    ['7', 'holds no position'],
  ] as const) {
    it(`is not guessed from ${JSON.stringify(text)}`, async () => {
      writeFileSync(join(folder, 'bad.json'), text);
      assert.deepEqual(await fileCursor(folder, 'bad').load(), { ok: false, error: reason });
    });
  }

  it('says when it cannot be kept', async () => {
    const cursor = fileCursor(join(folder, 'missing'), 'x');
    assert.deepEqual(await cursor.save(1), { ok: false, error: 'ENOENT' });
  });
});
