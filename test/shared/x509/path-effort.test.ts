import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { PathEffort } from '@sallyport/shared/x509/path-effort.ts';
import { authority, endEntity, ROOT, root } from './path-stage.ts';

const read = ({ der }: { readonly der: Buffer }): Certificate => {
  const parsed = parseCertificate(der);
  return parsed.ok ? parsed.value : assert.fail(parsed.error);
};
const anchor = read(root);
const leaf = read(endEntity(root));

describe('what may be spent on one peer', () => {
  it('a verdict on a signature is kept by the key that was asked, and said of no other', () => {
    const effort = new PathEffort();
    const stranger = read(authority(ROOT));
    assert.equal(effort.verdictOn(leaf, anchor), undefined);
    assert.equal(effort.check(leaf, anchor), true);
    assert.equal(effort.verdictOn(leaf, anchor), true);
    assert.equal(effort.verdictOn(leaf, stranger), undefined);
    assert.equal(effort.check(leaf, stranger), false);
    assert.equal(effort.verdictOn(leaf, stranger), false);
    assert.equal(effort.verdictOn(leaf, read(authority({ ...ROOT, key: root.key }))), true);
  });

  it('256 looks at signatures; what is asked after that is false, and no verdict', () => {
    const effort = new PathEffort();
    for (let n = 0; n < 256; n++) assert.equal(effort.check(leaf, anchor), true);
    assert.equal(effort.isSpent, false);
    const late = read(endEntity(root));
    assert.equal(effort.check(late, anchor), false);
    assert.equal(effort.verdictOn(late, anchor), undefined);
    assert.equal(effort.isSpent, true);
  });

  it('2048 links', () => {
    const effort = new PathEffort();
    for (let n = 0; n < 2048; n++) effort.countLink();
    assert.equal(effort.isSpent, false);
    effort.countLink();
    assert.equal(effort.isSpent, true);
  });

  it('250,000 comparisons of names', () => {
    const effort = new PathEffort();
    effort.countNameComparisons(250_000);
    assert.equal(effort.isSpent, false);
    effort.countNameComparisons(1);
    assert.equal(effort.isSpent, true);
  });
});
