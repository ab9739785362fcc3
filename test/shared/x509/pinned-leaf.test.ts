import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { validatePinnedLeaf } from '@sallyport/shared/x509/pinned-leaf.ts';
import {
  buildCertificate,
  ecKey,
  extendedKeyUsage,
  Oid,
  subjectAltName,
  TEST_TIME_MS,
} from '../../x509-builder.ts';

const key = ecKey();
const issuer = { subject: 'CN=Somebody', key: ecKey() };
const extensions = [subjectAltName(['dns:example.com']), extendedKeyUsage([Oid.serverAuth])];
const selfSigned = parsed(buildCertificate({ subject: 'CN=x', key, extensions }));
const signed = parsed(buildCertificate({ subject: 'CN=x', key, issuer, extensions }));

function parsed(der: Buffer) {
  const certificate = parseCertificate(der);
  assert.ok(certificate.ok);
  return certificate.value;
}

function faultOf(leaf: typeof signed, changes: object = {}): string {
  const request = {
    leaf,
    pins: [leaf.spkiSha256],
    purpose: 'server',
    policy: defaultPathPolicy,
    atMs: TEST_TIME_MS,
    ...changes,
  } as const;
  const path = validatePinnedLeaf(request);
  return path.ok ? `path of ${path.value.chain.length}` : path.error;
}

describe('a leaf whose own key is pinned', () => {
  const strict = { ...defaultPathPolicy, purposes: 'strict' };
  const rows: readonly (readonly [string, typeof signed, object, string])[] = [
    ['self-signed', selfSigned, {}, 'path of 1'],
    ['signed by anybody', signed, {}, 'path of 1'],
    ['of another key', signed, { pins: [`${'A'.repeat(43)}=`] }, 'path-pin-mismatch'],
    ['without a pin to match', signed, { pins: [] }, 'path-pin-mismatch'],
    ['on its last day', signed, { atMs: signed.notAfterMs }, 'path of 1'],
    ['after its last day', signed, { atMs: signed.notAfterMs + 1000 }, 'path-expired'],
    ['before its first day', signed, { atMs: signed.notBeforeMs - 1 }, 'path-not-yet-valid'],
    ['for servers, shown by a client', signed, { purpose: 'client' }, 'path of 1'],
    [
      'for servers, shown by a client, strictly',
      signed,
      { purpose: 'client', policy: strict },
      'path-purpose-refused',
    ],
  ];
  for (const [what, leaf, changes, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(faultOf(leaf, changes), expected));
  }
});
