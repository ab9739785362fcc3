import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromX509 } from '@sallyport/shared/x509/peer-certificates.ts';
import { buildCertificate, ecKey } from '../../x509-builder.ts';

const key = ecKey();
const leaf = buildCertificate({ subject: 'CN=leaf', key });
const ca = buildCertificate({ subject: 'CN=ca', key });
const junk = Buffer.from('junk');

const table: readonly (readonly [string, readonly Buffer[], string])[] = [
  ['no certificate', [], 'peer-certificate-missing'],
  ['a leaf alone', [leaf], 'leaf'],
  ['a leaf and a CA', [leaf, ca], 'leaf,ca'],
  ['a leaf that cannot be parsed', [junk, ca], 'certificate-malformed'],
  ['a companion that cannot be parsed', [leaf, junk, ca], 'leaf,ca'],
  ['sixteen', [leaf, ...Array<Buffer>(15).fill(junk)], 'leaf'],
  ['seventeen', [leaf, ...Array<Buffer>(16).fill(junk)], 'peer-certificates-too-many'],
];

describe('what a peer sent', () => {
  for (const [name, ders, expected] of table) {
    it(`${name}: ${expected}`, () => {
      const peer = fromX509(ders);
      const story = peer.ok
        ? [peer.value.leaf, ...peer.value.intermediates]
            .map((each) => each.subjectCommonNames)
            .join()
        : peer.error;
      assert.equal(story, expected);
    });
  }
});
