import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import {
  basicConstraints,
  buildCertificate,
  ecKey,
  keyUsage,
  subjectAltName,
  TEST_TIME_MS,
} from '../../x509-builder.ts';

const [rootKey, middleKey, leafKey] = [ecKey(), ecKey(), ecKey()];
const caExtensions = [basicConstraints(true), keyUsage(5, 6)];
const root = buildCertificate({ subject: 'CN=Root', key: rootKey, extensions: caExtensions });
const middle = buildCertificate({
  subject: 'CN=Middle',
  key: middleKey,
  issuer: { subject: 'CN=Root', key: rootKey },
  extensions: caExtensions,
});
const leaf = buildCertificate({
  subject: 'CN=Leaf',
  key: leafKey,
  issuer: { subject: 'CN=Middle', key: middleKey },
  extensions: [subjectAltName(['uri:sip:example.com']), keyUsage(0)],
});
const anchor = parsed(root) as Certificate;

describe('a certificate with one changed octet', () => {
  it('is accepted unchanged, or the tests below would prove nothing', () => {
    assert.equal(isAccepted(leaf, middle), true);
  });

  it('is never accepted as leaf', () => {
    forEachMutation(leaf, (bytes, what) => assert.equal(isAccepted(bytes, middle), false, what));
  });

  it('is never accepted as intermediate', () => {
    forEachMutation(middle, (bytes, what) => assert.equal(isAccepted(leaf, bytes), false, what));
  });

  it('is never accepted with one octet missing', () => {
    for (let at = 0; at < leaf.length; at++) {
      const bytes = Buffer.concat([leaf.subarray(0, at), leaf.subarray(at + 1)]);
      assert.equal(isAccepted(bytes, middle), false, `without octet ${at}`);
    }
  });
});

/** Every octet, each with its lowest bit, its highest bit and all bits turned. */
function forEachMutation(der: Buffer, check: (bytes: Buffer, what: string) => void): void {
  for (let at = 0; at < der.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const bytes = Buffer.from(der);
      bytes[at] = (bytes[at] as number) ^ mask;
      check(bytes, `octet ${at} turned by ${mask}`);
    }
  }
}

function isAccepted(leafDer: Buffer, middleDer: Buffer): boolean {
  const end = parsed(leafDer);
  const intermediate = parsed(middleDer);
  if (end === undefined) return false;
  return validatePath({
    leaf: end,
    intermediates: intermediate === undefined ? [] : [intermediate],
    anchors: [anchor],
    pins: [],
    purpose: 'client',
    policy: defaultPathPolicy,
    atMs: TEST_TIME_MS,
  }).ok;
}

function parsed(der: Buffer): Certificate | undefined {
  const certificate = parseCertificate(der);
  return certificate.ok ? certificate.value : undefined;
}
