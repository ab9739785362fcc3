import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { DaysFile } from '@sallyport/app-gateway/adapters/files/days-file.ts';
import { admitted } from '../../ports/audit-records.ts';

const READ = {
  types: [71, 75],
  sinceMs: 1_795_248_000_123,
  readTo: 427,
  lastLeaf: Buffer.alloc(32, 0xa5),
  told: [
    {
      index: 7,
      source: { node: 'gateway-1', worker: 0, epoch: 2n ** 64n - 1n },
      record: admitted(3),
      isSealed: true,
    },
  ],
};

describe('what a gateway has read of days', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-days-'));
  const path = join(folder, 'days');
  beforeEach(() => rmSync(path, { force: true }));
  after(() => rmSync(folder, { recursive: true }));

  it('is as it was, for its owner alone', async () => {
    await new DaysFile(folder).replace(READ);
    assert.deepEqual(await new DaysFile(folder).read(), READ);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['days']);
  });

  it('is written where it is another alone', async () => {
    const file = new DaysFile(folder);
    await file.replace(READ);
    const before = statSync(path).ino;
    await file.replace(READ);
    assert.equal(statSync(path).ino, before);
    await file.replace({ ...READ, readTo: 428 });
    assert.equal((await new DaysFile(folder).read())?.readTo, 428);
    const taken = new DaysFile(folder);
    await taken.read();
    const then = statSync(path).ino;
    await taken.replace({ ...READ, readTo: 428 });
    assert.equal(statSync(path).ino, then);
  });

  it('is of no types in a file of before: all is read once more, and what it tells stays', async () => {
    const { types: _, sinceMs: __, ...before } = READ;
    await new DaysFile(folder).replace(READ);
    const written = readFileSync(path, 'utf8');
    const earlier = written.replace(/"types":\[71,75\],"sinceMs":\d+,/, '');
    assert.notEqual(earlier, written);
    writeFileSync(path, earlier);
    assert.deepEqual(await new DaysFile(folder).read(), { types: [], sinceMs: 0, ...before });
  });

  const none: readonly (readonly [string, string])[] = [
    ['cut off', '{"readTo":427,"las'],
    ['of another kind', '{"readTo":427}'],
    ['with a place that is none', '{"readTo":-1,"lastLeaf":"","told":[]}'],
    ['with more than is known', '{"readTo":1,"lastLeaf":"","told":[],"more":1}'],
  ];
  for (const [what, text] of none) {
    it(`is nothing in a file ${what}, and written anew`, async () => {
      writeFileSync(path, text);
      const file = new DaysFile(folder);
      assert.equal(await file.read(), undefined);
      await file.replace(READ);
      assert.deepEqual(await file.read(), READ);
    });
  }

  it('stops nobody where it cannot be kept', async () => {
    const file = new DaysFile(join(folder, 'gone'));
    await file.replace(READ);
    assert.equal(await file.read(), undefined);
  });
});
