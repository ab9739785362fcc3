import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { certificatesOfPem, firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { buildCertificate, ecKey } from '../../x509-builder.ts';

const pemOf = (subject: string): string =>
  encodePem(buildCertificate({ subject, key: ecKey() }), 'CERTIFICATE');
const [first, second] = [pemOf('first'), pemOf('second')];
const broken = encodePem(Buffer.from('no certificate'), 'CERTIFICATE');

describe('the certificates of a PEM text', () => {
  const rows = [
    ['none', '', 0],
    ['two', first + second, 2],
    ['one that cannot be parsed between them', first + broken + second, 2],
    ['a block that is cut off', first + second.slice(0, -20), 0],
  ] as const;
  for (const [what, pem, count] of rows) {
    it(`${what}: ${count}`, () => assert.equal(certificatesOfPem(pem).length, count));
  }

  it('in order', () => {
    const [alone] = certificatesOfPem(second);
    assert.equal(certificatesOfPem(first + second)[1]?.fingerprintSha256, alone?.fingerprintSha256);
  });

  it('has a first one, unless that is the one that cannot be parsed', () => {
    const [alone] = certificatesOfPem(first);
    assert.equal(firstOfPem(first + broken)?.fingerprintSha256, alone?.fingerprintSha256);
    assert.equal(firstOfPem(broken + first), undefined);
    assert.equal(firstOfPem(''), undefined);
  });
});
