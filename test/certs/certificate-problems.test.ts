import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CertificateRole,
  certificateProblems,
  shownName,
} from '@sallyport/certs/certificate-problems.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import {
  algorithm,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  der,
  ecKey,
  extension,
  generalName,
  integer,
  keyUsage,
  mlDsaKey,
  mlDsaSigned,
  nameConstraints,
  nameOfAttributes,
  oid,
  requireExplicitPolicy,
  sequence,
  subjectAltName,
  subjectKeyId,
  TEST_TIME_MS,
} from '../x509-builder.ts';

const key = ecKey();
const AT = { nowMs: TEST_TIME_MS, warnBeforeMs: 0 };
const CA = basicConstraints(true);
const UTF8 = 0x0c;

function built(draft: Partial<CertificateDraft>): Certificate {
  const parsed = parseCertificate(buildCertificate({ subject: 'CN=x', key, ...draft }));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const authority = (...extensions: readonly Buffer[]) => built({ extensions: [CA, ...extensions] });
const qualifiedPolicy = sequence(
  sequence(oid('1.2.3.4'), sequence(sequence(oid('1.2.3.5'), der(0x05)))),
);
const mapping = sequence(sequence(oid('2.5.29.32.0'), oid('1.2.3')));
const point = der(0xa0, der(0xa0, generalName('uri:http://lists.example/1')));
const points = extension('2.5.29.31', true, sequence(sequence(point)));
const lattice = { key: mlDsaKey('ml-dsa-65'), ...mlDsaSigned('ml-dsa-65') };
const pss = algorithm('1.2.840.113549.1.1.10', sequence());

const rows: readonly (readonly [what: string, Certificate, CertificateRole, told: string])[] = [
  ['a plain root', authority(keyUsage(5)), 'anchor', ''],
  [
    'an unknown curve',
    built({ key: ecKey('secp224r1'), extensions: [CA] }),
    'anchor',
    'weak-key: its elliptic curve is none of P-256, P-384 and P-521, called by name',
  ],
  [
    'constraints that are not critical',
    authority(nameConstraints(['dns:a.example'], [], false)),
    'anchor',
    'critical-extension-unknown: nameConstraints is not critical, as it must be (RFC 5280 §4.2.1.10)',
  ],
  [
    'policy constraints that are not critical',
    authority(extension('2.5.29.36', false, sequence(der(0x80, Buffer.of(0))))),
    'anchor',
    'critical-extension-unknown: policyConstraints is not critical, as it must be (RFC 5280 §4.2.1.11)',
  ],
  ['policy constraints that are', authority(requireExplicitPolicy(0)), 'anchor', ''],
  [
    'an identifier that is critical',
    authority(extension('2.5.29.14', true, der(0x04, Buffer.of(1)))),
    'anchor',
    'critical-extension-unknown: subjectKeyIdentifier is critical, as it must not be (RFC 5280 §4.2.1.2)',
  ],
  ['an identifier that is not', authority(subjectKeyId(key)), 'anchor', ''],
  [
    'critical policies with a qualifier that nobody knows',
    authority(extension('2.5.29.32', true, qualifiedPolicy)),
    'anchor',
    'critical-extension-unknown: certificatePolicies is critical, with a qualifier that is not known here (RFC 5280 §4.2.1.4)',
  ],
  [
    'a mapping of any policy',
    authority(extension('2.5.29.33', true, mapping)),
    'anchor',
    'critical-extension-unknown: policyMappings maps any policy, as it must not (RFC 5280 §4.2.1.5)',
  ],
  [
    'critical distribution points of an anchor',
    authority(points),
    'anchor',
    'critical-extension-unknown: its cRLDistributionPoints are critical: no list is asked about an anchor',
  ],
  [
    'critical distribution points below an anchor',
    authority(points),
    'intermediate',
    'critical-extension-unknown: its cRLDistributionPoints are critical: it is let in only under "revocation: hard-fail" (RFC 5280 §4.2.1.13)',
  ],
  [
    'an extension that nobody knows',
    authority(extension('1.2.3', true, der(0x05))),
    'anchor',
    'critical-extension-unknown: critical extension 1.2.3 is not known here',
  ],
  ['ML-DSA', built({ ...lattice, extensions: [CA, keyUsage(5)] }), 'anchor', ''],
  [
    'ML-DSA that agrees on keys',
    built({ ...lattice, extensions: [CA, keyUsage(4, 5)] }),
    'anchor',
    'key-usage: its key, of ML-DSA, is not for signing alone (RFC 9881 §5)',
  ],
  [
    'HashML-DSA',
    built({
      innerAlgorithm: algorithm('2.16.840.1.101.3.4.3.33'),
      extensions: [CA],
    }),
    'intermediate',
    'weak-signature: signed with HashML-DSA-65',
  ],
  [
    'RSASSA-PSS by SHA-1',
    built({ innerAlgorithm: pss, extensions: [CA] }),
    'intermediate',
    'weak-signature: signed with RSASSA-PSS other than with one SHA-2 hash and a salt as long as it',
  ],
  [
    'serial number zero',
    built({ serial: Buffer.of(0), extensions: [CA] }),
    'intermediate',
    'serial-odd: its serial number is zero, negative or longer than 20 octets (RFC 5280 §4.1.2.2)',
  ],
  ['serial number zero of a root', built({ serial: Buffer.of(0), extensions: [CA] }), 'anchor', ''],
  [
    'a mark of an authority that is not critical',
    built({ extensions: [basicConstraints(true, undefined, false)] }),
    'anchor',
    'not-an-authority: is not critically marked as an authority (RFC 5280 §4.2.1.9): take the one below it, from a file without this, with --root and its SHA-256',
  ],
  [
    'a path length of 1 of an intermediate, not critical',
    built({
      extensions: [extension('2.5.29.19', false, sequence(der(0x01, Buffer.of(0xff)), integer(1)))],
    }),
    'intermediate',
    '',
  ],
];

describe('what is wrong with one certificate', () => {
  for (const [what, certificate, role, told] of rows) {
    it(`${what}: ${told || 'nothing'}`, () => {
      const problems = certificateProblems(certificate, role, AT).map(
        ({ code, message }) => `${code}: ${message.replace(/^x: /, '')}`,
      );
      assert.equal(problems.join('; '), told);
    });
  }
});

describe('how a certificate is called', () => {
  const unit = (...texts: readonly string[]) =>
    nameOfAttributes(texts.map((text) => ['2.5.4.11', UTF8, text]));
  const names: readonly (readonly [what: string, Partial<CertificateDraft>, called: string])[] = [
    ['a common name', { subject: 'O=Acme,CN=Root' }, 'Root'],
    [
      'a host name',
      { subject: 'O=Acme', extensions: [subjectAltName(['dns:a.example'])] },
      'a.example',
    ],
    [
      'a URI',
      { subject: '', extensions: [subjectAltName(['uri:sip:a.example'])] },
      'sip:a.example',
    ],
    ['units', { subject: unit('First', 'Class 2 Authority') }, 'Class 2 Authority'],
    ['controls', { subject: unit('a\u001b[31m\u202eb') }, 'a?[31m?b'],
    ['nothing', { subject: '', extensions: [CA] }, 'no name'],
  ];
  for (const [what, draft, called] of names) {
    it(`by ${what}: ${called}`, () => assert.equal(shownName(built(draft), 'no name'), called));
  }

  it('by the start of its fingerprint in the end', () => {
    const nameless = built({ subject: '' });
    assert.equal(shownName(nameless), nameless.fingerprintSha256.slice(0, 16));
  });
});
