import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { trustSetOf } from '@sallyport/dmz-proxy/identity/trust-set.ts';
import { around, trusting } from '../../integration/support/proxy-site.ts';

const { certificatePem } = await createAuthority({ commonName: 'root', ...around() });

describe('a trust set', () => {
  it('is parsed once for equal content, whatever it is called', () => {
    const problems: string[] = [];
    const first = trustSetOf(trusting(certificatePem, 't1'), 'globex', [], problems);
    const again = trustSetOf(trusting(certificatePem, 't2'), 'globex', [first], problems);
    assert.equal(again.anchors, first.anchors);
    assert.deepEqual([again.id, again.mark], ['t2', first.mark]);
    const pinned = { ...trusting(certificatePem), pins: ['x'] };
    const other = trustSetOf(pinned, 'globex', [first], problems);
    assert.notEqual(other.mark, first.mark);
    assert.deepEqual(problems, []);
  });

  it('names what cannot be read', () => {
    const problems: string[] = [];
    const broken = { ...trusting('no PEM'), intermediates: [certificatePem.replace(/MI/, 'AA')] };
    trustSetOf(broken, 'globex', [], problems);
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /^partner globex: anchor is not PEM/);
    assert.match(problems[1] ?? '', /^partner globex: intermediate: certificate-/);
  });
});
