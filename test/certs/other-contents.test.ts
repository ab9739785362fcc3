import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseBer } from '@sallyport/certs/ber-element.ts';
import {
  otherBeginning,
  otherDerContents,
  otherPemContents,
} from '@sallyport/certs/other-contents.ts';
import { encodeCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { buildRevocationList } from '../revocation-list-builder.ts';
import { buildCertificate, ecKey } from '../x509-builder.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const draft = { subject: 'CN=x', key: ecKey() };
const locked = { cipher: 'aes-256-cbc', passphrase: 'x' };

const ders: readonly (readonly [what: string, bytes: Buffer, told: RegExp])[] = [
  [
    'a request',
    encodeCertificationRequest(ec.privateKey, 'x', 'sip:a.example'),
    /^it holds a certificate request/,
  ],
  ['PKCS#8', ec.privateKey.export({ type: 'pkcs8', format: 'der' }), /^it holds a private key/],
  ['SEC 1', ec.privateKey.export({ type: 'sec1', format: 'der' }), /^it holds a private key/],
  ['PKCS#1', rsa.privateKey.export({ type: 'pkcs1', format: 'der' }), /^it holds a private key/],
  [
    'a locked key',
    rsa.privateKey.export({ type: 'pkcs8', format: 'der', ...locked }),
    /^it holds a private key/,
  ],
  ['SPKI', ec.publicKey.export({ type: 'spki', format: 'der' }), /^it holds a public key/],
  ['a list', buildRevocationList({ issuer: draft }), /^it holds a revocation list/],
  ['an answer', Buffer.from('30030a0106', 'hex'), /^it holds an OCSP answer about revocation/],
  ['a certificate', buildCertificate(draft), /^$/],
  ['a certificate of version 1', buildCertificate({ ...draft, version: 1 }), /^$/],
  ['nothing in it', Buffer.from('3000', 'hex'), /^$/],
];

const labels: readonly (readonly [labels: readonly string[], told: RegExp])[] = [
  [['CERTIFICATE REQUEST'], /^it holds a certificate request: send the certificate/],
  [['NEW CERTIFICATE REQUEST'], /^it holds a certificate request/],
  [['RSA PRIVATE KEY'], /^it holds a private key, which its owner alone should have$/],
  [['EC PARAMETERS', 'EC PRIVATE KEY'], /^it holds parameters .*, and a private key/],
  [
    ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'],
    /^it holds a private key, which its owner alone should have$/,
  ],
  [['TRUSTED CERTIFICATE'], /openssl x509 -in FILE writes it anew$/],
  [['X509 CRL'], /^it holds a revocation list/],
  [['PUBLIC KEY'], /^it holds a public key/],
  [['SOMETHING ELSE'], /^$/],
  [[], /^$/],
];

const beginnings: readonly (readonly [hex: string, told: RegExp])[] = [
  ['504b030414000000', /ZIP/],
  ['1f8b0800', /compressed/],
  ['255044462d312e37', /PDF/],
  ['feedfeed00000002', /keytool/],
  ['0000000043455254', /\.p7b/],
  ['89504e47', /^$/],
  ['', /^$/],
];

describe('what a file holds that is no certificate', () => {
  for (const [what, bytes, told] of ders) {
    it(`DER, ${what}: ${told.source}`, () => {
      const file = parseBer(bytes);
      assert.ok(file.ok);
      assert.match(otherDerContents(file.value), told);
    });
  }

  for (const [found, told] of labels) {
    it(`PEM, ${found.join(' and ') || 'nothing'}: ${told.source}`, () =>
      assert.match(otherPemContents(found), told));
  }

  for (const [hex, told] of beginnings) {
    it(`a file that begins with ${hex || 'nothing'}: ${told.source}`, () =>
      assert.match(otherBeginning(Buffer.from(hex, 'hex')), told));
  }
});
