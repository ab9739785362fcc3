import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { coversAddress, coversDomain, sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import { buildCertificate, ecKey, nameOfAttributes, subjectAltName } from '../../x509-builder.ts';

interface Row {
  readonly case: string;
  readonly commonName: string | null;
  readonly names: readonly string[] | null;
  readonly source: string;
  readonly domains: readonly string[];
}

const vectors = new URL('../../vectors/rfc5922/identities.json', import.meta.url);
const rows = JSON.parse(readFileSync(vectors, 'utf8')) as readonly Row[];
const key = ecKey();

describe('SIP identities of a certificate (RFC 5922 §7.1)', () => {
  for (const row of rows) {
    it(row.case, () => {
      const certificate = certificateWith(row.commonName ?? [], row.names);
      assert.deepEqual(sipIdentities(certificate), { source: row.source, domains: row.domains });
    });
  }

  it('two common names are none', () => {
    const certificate = certificateWith(['a.example.com', 'b.example.com'], null);
    assert.deepEqual(sipIdentities(certificate), { source: 'none', domains: [] });
  });

  it('names that are none silence the common name, and nothing else', () => {
    const none = { source: 'none', domains: [] };
    for (const names of [[], ['dns:'], ['dns:a.example '], ['uri:'], ['dns:Our Own CA']]) {
      assert.deepEqual(sipIdentities(certificateWith(['a.example'], names)), none, names.join());
    }
    const mixed = certificateWith([], ['dns:', 'dns:b example', 'uri:', 'dns:a.example']);
    assert.deepEqual(sipIdentities(mixed), { source: 'dns', domains: ['a.example'] });
  });

  it('a name with NUL makes the certificate unreadable', () => {
    for (const name of ['dns:example.com\0.evil.example', 'uri:sip:example.com\0']) {
      const parsed = parseCertificate(derWith('x', [name]));
      assert.deepEqual(parsed, { ok: false, error: 'certificate-extensions-malformed' });
    }
  });
});

describe('the domain asked for (RFC 5922 §7.2)', () => {
  const certificate = certificateWith([], ['uri:sip:example.com']);
  const table: readonly (readonly [string, boolean])[] = [
    ['example.com', true],
    ['EXAMPLE.COM', true],
    ['example.com.', true],
    ['example.com..', false],
    ['foo.example.com', false],
    ['com', false],
    ['notexample.com', false],
    ['example.com.evil.example', false],
    ['sip:example.com', false],
    ['*.example.com', false],
    ['', false],
    ['.', false],
  ];
  for (const [domain, isCovered] of table) {
    it(`${JSON.stringify(domain)} is ${isCovered ? '' : 'not '}covered by sip:example.com`, () => {
      assert.equal(coversDomain(certificate, domain), isCovered);
    });
  }

  it('a wildcard covers neither itself nor what it stands for elsewhere', () => {
    const wildcard = certificateWith([], ['dns:*.example.com']);
    for (const domain of ['foo.example.com', 'example.com', '*.example.com']) {
      assert.equal(coversDomain(wildcard, domain), false);
    }
  });

  it('an address is covered by an IP name only, in whatever spelling', () => {
    const address = certificateWith([], ['ip:c0000201', `ip:20010db8${'00'.repeat(11)}01`]);
    assert.equal(coversAddress(address, '192.0.2.1'), true);
    assert.equal(coversAddress(address, '2001:DB8:0::1'), true);
    assert.equal(coversAddress(address, '192.0.2.2'), false);
    assert.equal(coversAddress(address, 'example.com'), false);
    assert.equal(coversAddress(certificateWith('192.0.2.1', null), '192.0.2.1'), false);
    assert.equal(coversDomain(address, '192.0.2.1'), false);
  });
});

function certificateWith(
  commonNames: string | readonly string[],
  names: readonly string[] | null,
): Certificate {
  const parsed = parseCertificate(derWith(commonNames, names));
  assert.ok(parsed.ok);
  return parsed.value;
}

function derWith(commonNames: string | readonly string[], names: readonly string[] | null): Buffer {
  return buildCertificate({
    subject: nameOfAttributes([commonNames].flat().map((name) => ['2.5.4.3', 0x0c, name])),
    key,
    extensions: names === null ? [] : [subjectAltName(names)],
  });
}
