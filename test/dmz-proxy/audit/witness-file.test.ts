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
