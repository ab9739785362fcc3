import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { WitnessFile } from '@sallyport/dmz-proxy/audit/witness-file.ts';
import { NEVER_WITNESSED } from '@sallyport/shared/audit/witness.ts';

const ROOT = Buffer.alloc(32, 5);
const TEXT = ROOT.toString('base64');

describe('the head that was witnessed last', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-witness-'));
  const path = join(folder, 'audit-witness');
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is kept, and nothing else is left behind', () => {
    const file = new WitnessFile(path);
    assert.deepEqual(file.read(), NEVER_WITNESSED);
    assert.equal(file.write({ size: 1000, root: ROOT }), true);
    assert.equal(file.write({ size: 1001, root: ROOT }), true);
    assert.deepEqual(new WitnessFile(path).read(), { size: 1001, root: ROOT });
    assert.deepEqual(readdirSync(folder), ['audit-witness']);
  });

  for (const [what, beside, size] of [
    ['a newer head that lost its name with the power', `1002 ${TEXT}\n`, 1002],
    ['an older one', `900 ${TEXT}\n`, 1001],
    ['half a head', '1002 ', 1001],
  ] as const) {
    it(`is ${size} beside ${what}, and goes on`, () => {
      writeFileSync(path, `1001 ${TEXT}\n`);
      writeFileSync(`${path}.new`, beside);
      const file = new WitnessFile(path);
      assert.deepEqual(file.read(), { size, root: ROOT });
      assert.equal(new WitnessFile(path).read() === 'unreadable', false);
      assert.equal(file.write({ size: 1003, root: ROOT }), true);
      assert.deepEqual(new WitnessFile(path).read(), { size: 1003, root: ROOT });
      assert.deepEqual(readdirSync(folder), ['audit-witness']);
    });
  }

  it('is the first head of all where only that lost its name', () => {
    const first = join(folder, 'first');
    mkdirSync(first);
    writeFileSync(join(first, 'audit-witness.new'), `7 ${TEXT}\n`);
    assert.deepEqual(new WitnessFile(join(first, 'audit-witness')).read(), { size: 7, root: ROOT });
    assert.deepEqual(readdirSync(first), ['audit-witness']);
    rmSync(first, { recursive: true });
  });

  for (const text of ['', '1001\n', `1001 ${TEXT}`, `x ${TEXT}\n`, `1001 ${TEXT.slice(4)}\n`]) {
    it(`${JSON.stringify(text)} is not the same as none`, () => {
      writeFileSync(path, text);
      assert.equal(new WitnessFile(path).read(), 'unreadable');
    });
  }

  it('says when it cannot be kept', () => {
    const file = new WitnessFile(join(folder, 'nowhere', 'audit-witness'));
    assert.equal(file.write({ size: 1, root: ROOT }), false);
    mkdirSync(join(folder, 'taken'));
    assert.equal(new WitnessFile(join(folder, 'taken')).read(), 'unreadable');
  });
});
