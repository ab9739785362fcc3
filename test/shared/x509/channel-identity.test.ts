import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import {
  channelIdentity,
  formatChannelIdentity,
  parseChannelIdentity,
} from '@sallyport/shared/x509/channel-identity.ts';
import { buildCertificate, ecKey, subjectAltName } from '../../x509-builder.ts';

const key = ecKey();
const longest = 'a'.repeat(63);

const uris: readonly (readonly [string, boolean])[] = [
  ['urn:sallyport:acme:proxy:edge-1', true],
  ['urn:sallyport:acme:gateway:gateway-1', true],
  [`urn:sallyport:${longest}:proxy:${longest}`, true],
  [`urn:sallyport:${longest}a:proxy:x`, false],
  [`urn:sallyport:acme:proxy:${longest}a`, false],
  ['URN:sallyport:acme:proxy:edge-1', false],
  ['urn:sallyport:Acme:proxy:edge-1', false],
  ['urn:sallyport:acme:operator:edge-1', false],
  ['urn:sallyport:acme:proxy:', false],
  ['urn:sallyport::proxy:edge-1', false],
  ['urn:sallyport:acme:proxy:edge-1:more', false],
  ['urn:sallyport:acme:proxy:edge_1', false],
  ['urn:sallyport:acme:proxy:-edge', false],
  ['urn:other:acme:proxy:edge-1', false],
];

describe('channel identity', () => {
  for (const [uri, isOne] of uris) {
    it(`${uri.slice(0, 60)} is ${isOne ? 'one' : 'none'}`, () => {
      const identity = parseChannelIdentity(uri);
      assert.equal(identity && formatChannelIdentity(identity), isOne ? uri : undefined);
    });
  }

  const proxy = 'uri:urn:sallyport:acme:proxy:edge-1';
  const gateway = 'uri:urn:sallyport:acme:gateway:edge-1';
  const certificates: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['one URN', [proxy], 'proxy'],
    ['one URN among other names', ['dns:edge-1', proxy, 'uri:sip:acme.example'], 'proxy'],
    ['two roles', [proxy, gateway], undefined],
    ['the same twice', [proxy, proxy], undefined],
    ['a second, malformed one', [proxy, 'uri:URN:SALLYPORT:x'], undefined],
    ['none', ['dns:edge-1'], undefined],
    ['the URN as another form of name', ['dns:urn:sallyport:acme:proxy:edge-1'], undefined],
  ];
  for (const [name, names, role] of certificates) {
    it(`a certificate with ${name} is ${role ?? 'nobody'}`, () => {
      const der = buildCertificate({
        subject: 'CN=edge',
        key,
        extensions: [subjectAltName(names)],
      });
      const certificate = parseCertificate(der);
      assert.ok(certificate.ok);
      assert.equal(channelIdentity(certificate.value)?.role, role);
    });
  }

  it('a certificate without subjectAltName is nobody', () => {
    const certificate = parseCertificate(
      buildCertificate({ subject: 'CN=urn:sallyport:acme:proxy:edge-1', key }),
    );
    assert.ok(certificate.ok);
    assert.equal(channelIdentity(certificate.value), undefined);
  });
});
