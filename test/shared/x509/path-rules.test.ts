import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import {
  issuerFault,
  leafFault,
  type PathFault,
  pathFault,
  subordinateFault,
} from '@sallyport/shared/x509/path-rules.ts';
import {
  algorithm,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  der,
  ecKey,
  extension,
  generalName,
  keyUsage,
  mlDsaKey,
  nameConstraints,
  nameOf,
  nameOfAttributes,
  rsaKey,
  sequence,
  subjectAltName,
  TEST_TIME_MS,
  testKey,
} from '../../x509-builder.ts';

const key = ecKey();
const SECOND = 1000;
const FROM = Date.UTC(2026, 0, 1);
const TO = Date.UTC(2026, 11, 31);
const unknown = (isCritical: boolean) => extension('1.3.6.1.4.1.99999.1', isCritical, der(0x05));
const sha1 = algorithm('1.2.840.10045.4.1');
const ca = basicConstraints(true);
/** Who signed is not looked at here. */
const lattice = { ...ecKey(), spki: mlDsaKey('ml-dsa-65').spki };
const edwards = { ...ecKey(), spki: testKey(generateKeyPairSync('ed25519')).spki };

describe('rules for the peer’s own certificate', () => {
  const table: readonly (readonly [string, Partial<CertificateDraft>, PathFault | undefined])[] = [
    ['plain', {}, undefined],
    ['without keyUsage', { extensions: [] }, undefined],
    ['keyUsage for signatures', { extensions: [keyUsage(0)] }, undefined],
    ['keyUsage for encipherment alone', { extensions: [keyUsage(2)] }, 'path-key-usage-refused'],
    ['ML-DSA for signatures', { key: lattice, extensions: [keyUsage(0, 1)] }, undefined],
    ['ML-DSA without keyUsage', { key: lattice, extensions: [] }, undefined],
    ...[2, 3, 4, 7, 8].map(
      (bit) =>
        [
          `ML-DSA with bit ${bit} of keyUsage`,
          { key: lattice, extensions: [keyUsage(0, bit)] },
          'path-key-usage-refused',
        ] as const,
    ),
    ...[2, 3, 4, 7, 8].map(
      (bit) =>
        [
          `Ed25519 with bit ${bit} of keyUsage`,
          { key: edwards, extensions: [keyUsage(0, bit)] },
          undefined,
        ] as const,
    ),
    [
      'keyUsage of a CA without being one',
      { extensions: [keyUsage(0, 5)] },
      'path-key-usage-refused',
    ],
    ['keyUsage of a CA that is one', { extensions: [ca, keyUsage(0, 5)] }, undefined],
    ['version 1', { version: 1 }, 'path-version-unsupported'],
    ['version 2', { version: 2 }, 'path-version-unsupported'],
    ['serial number zero', { serial: Buffer.from([0]) }, 'path-serial-malformed'],
    ['serial number below zero', { serial: Buffer.from([0x80]) }, 'path-serial-malformed'],
    ['serial number 128', { serial: Buffer.from([0, 0x80]) }, undefined],
    ['serial number of 20 octets', { serial: Buffer.alloc(20, 0x7f) }, undefined],
    ['serial number of 21 octets', { serial: Buffer.alloc(21, 0x7f) }, 'path-serial-malformed'],
    ['SHA-1', { innerAlgorithm: sha1 }, 'path-algorithm-refused'],
    [
      'RSA with MD5',
      { innerAlgorithm: algorithm('1.2.840.113549.1.1.4', der(0x05)) },
      'path-algorithm-refused',
    ],
    ['P-224', { key: ecKey('secp224r1') }, 'path-key-refused'],
    ['secp256k1', { key: ecKey('secp256k1') }, 'path-key-refused'],
    ['P-384', { key: ecKey('P-384') }, undefined],
    ['P-521', { key: ecKey('P-521') }, undefined],
    ['RSA 1024', { key: rsaKey(1024) }, 'path-key-refused'],
    ['RSA 2040', { key: rsaKey(2040) }, 'path-key-refused'],
    ['RSA 2048', { key: rsaKey(2048) }, undefined],
    ['unknown extension', { extensions: [unknown(false)] }, undefined],
    [
      'unknown critical extension',
      { extensions: [unknown(true)] },
      'path-critical-extension-unhandled',
    ],
    [
      'name constraints',
      { extensions: [nameConstraints(['dns:a.example'])] },
      'path-critical-extension-unhandled',
    ],
    [
      'name constraints in a CA',
      { extensions: [ca, nameConstraints(['dns:a.example'])] },
      undefined,
    ],
    [
      'no subject',
      { subject: '', extensions: [subjectAltName(['dns:a.example'])] },
      'path-name-empty',
    ],
    [
      'no subject, critical names',
      { subject: '', extensions: [subjectAltName(['dns:a.example'], true)] },
      undefined,
    ],
    ['no issuer', { issuer: { subject: '', key } }, 'path-name-empty'],
  ];
  for (const [name, draft, fault] of table) {
    it(`${name}: ${fault ?? 'accepted'}`, () => {
      assert.equal(leafFault(parsed(draft), TEST_TIME_MS), fault);
    });
  }

  const times: readonly (readonly [string, number, PathFault | undefined])[] = [
    ['a second before notBefore', FROM - SECOND, 'path-not-yet-valid'],
    ['at notBefore', FROM, undefined],
    ['at notAfter', TO, undefined],
    ['at the end of the second of notAfter', TO + SECOND - 1, undefined],
    ['a second after notAfter', TO + SECOND, 'path-expired'],
  ];
  for (const [name, atMs, fault] of times) {
    it(`${name}: ${fault ?? 'accepted'} (RFC 5280 §4.1.2.5)`, () => {
      assert.equal(leafFault(parsed({ notBeforeMs: FROM, notAfterMs: TO }), atMs), fault);
    });
  }
});

describe('rules for a certificate that another rests on', () => {
  const table: readonly (readonly [string, Partial<CertificateDraft>, PathFault | undefined])[] = [
    ['a CA', { extensions: [ca, keyUsage(5)] }, undefined],
    ['a CA without keyUsage', { extensions: [ca] }, undefined],
    ['no basicConstraints', { extensions: [keyUsage(5)] }, 'path-issuer-not-ca'],
    ['cA false', { extensions: [basicConstraints(false), keyUsage(5)] }, 'path-issuer-not-ca'],
    [
      'ML-DSA for encipherment too',
      { key: lattice, extensions: [ca, keyUsage(2, 5)] },
      'path-key-usage-refused',
    ],
    ['no keyCertSign', { extensions: [ca, keyUsage(0, 6)] }, 'path-key-usage-refused'],
    ['version 1', { version: 1 }, 'path-issuer-not-ca'],
    ['no subject', { subject: '', extensions: [ca] }, 'path-name-empty'],
    ['a weak key', { key: ecKey('secp224r1'), extensions: [ca] }, 'path-key-refused'],
    [
      'unknown critical extension',
      { extensions: [ca, unknown(true)] },
      'path-critical-extension-unhandled',
    ],
    ['expired', { notAfterMs: TEST_TIME_MS - 1, notBeforeMs: 0, extensions: [ca] }, 'path-expired'],
    [
      'serial number zero, as public roots have',
      { serial: Buffer.from([0]), extensions: [ca] },
      undefined,
    ],
    [
      'serial number below zero, as public roots have',
      { serial: Buffer.from([0xee, 1]), extensions: [ca] },
      undefined,
    ],
    [
      'serial number of 21 octets, as public roots have',
      { serial: Buffer.concat([Buffer.of(0), Buffer.alloc(20, 0xb8)]), extensions: [ca] },
      undefined,
    ],
    [
      'its own signature by SHA-1, which nobody asks for',
      { innerAlgorithm: sha1, extensions: [ca] },
      undefined,
    ],
  ];
  for (const [name, draft, fault] of table) {
    it(`${name}: ${fault ?? 'accepted'}`, () => {
      assert.equal(issuerFault(parsed(draft), TEST_TIME_MS), fault);
    });
  }

  it('below an anchor, SHA-1 and serial number zero are refused', () => {
    assert.equal(subordinateFault(parsed({ innerAlgorithm: sha1 })), 'path-algorithm-refused');
    assert.equal(subordinateFault(parsed({ serial: Buffer.from([0]) })), 'path-serial-malformed');
    assert.equal(subordinateFault(parsed({})), undefined);
  });
});

describe('path length (RFC 5280 §4.2.1.9)', () => {
  const end = parsed({});
  const limited = (length: number | undefined, subject = 'CN=CA', issuer = 'CN=Above') =>
    parsed({
      subject,
      issuer: { subject: issuer, key },
      extensions: [basicConstraints(true, length)],
    });
  const printable = nameOfAttributes([['2.5.4.3', 0x13, 'a  ca']]);
  const rewritten = parsed({
    subject: 'CN=A CA',
    issuer: { subject: printable, key },
    extensions: [basicConstraints(true)],
  });
  const table: readonly (readonly [string, readonly Certificate[], PathFault | undefined])[] = [
    ['0 above a leaf', [end, limited(0)], undefined],
    ['0 above a CA above a leaf', [end, limited(undefined), limited(0)], 'path-length-exceeded'],
    ['1 above a CA', [end, limited(undefined), limited(1)], undefined],
    [
      '1 above two CAs',
      [end, limited(undefined), limited(undefined), limited(1)],
      'path-length-exceeded',
    ],
    ['0 above a self-issued CA', [end, limited(undefined, 'CN=A', 'CN=A'), limited(0)], undefined],
    ['0 above a CA whose names are one, written twice', [end, rewritten, limited(0)], undefined],
    ['0 in the leaf', [limited(0), limited(0)], undefined],
    ['a longer one below a shorter', [end, limited(5), limited(1)], undefined],
  ];
  for (const [name, path, fault] of table) {
    it(`${name}: ${fault ?? 'accepted'}`, () => {
      assert.equal(pathFault(path, 'server', defaultPathPolicy), fault);
    });
  }
});

describe('an anchor as an authority (RFC 5280 §4.2.1.9)', () => {
  const critical = parsed({ extensions: [basicConstraints(true)] });
  const casual = parsed({ extensions: [basicConstraints(true, undefined, false)] });
  const table: readonly (readonly [string, readonly Certificate[], PathFault | undefined])[] = [
    ['critical, above a leaf', [parsed({}), critical], undefined],
    ['not critical, above a leaf', [parsed({}), casual], 'path-issuer-not-ca'],
    ['not critical, below an anchor', [parsed({}), casual, critical], undefined],
    ['not critical, and the leaf itself', [casual], undefined],
  ];
  for (const [name, path, fault] of table) {
    it(`${name}: ${fault ?? 'accepted'}`, () => {
      assert.equal(pathFault(path, 'server', defaultPathPolicy), fault);
    });
  }
});

describe('critical cRLDistributionPoints along a path (RFC 5280 §4.2.1.13)', () => {
  const asking = { ...defaultPathPolicy, refusesUnknownRevocation: true };
  const name = der(0xa0, der(0xa0, generalName('uri:http://lists.example/1')));
  const points = extension('2.5.29.31', true, sequence(sequence(name)));
  const [leaf, demandingLeaf] = [parsed({}), parsed({ extensions: [points] })];
  const [issuer, demanding] = [parsed({ extensions: [ca] }), parsed({ extensions: [ca, points] })];
  const unhandled = 'path-critical-extension-unhandled';
  const table: readonly (readonly [
    string,
    readonly Certificate[],
    asked: PathFault | undefined,
  ])[] = [
    ['of a leaf', [demandingLeaf, issuer], undefined],
    ['of an authority below the anchor', [leaf, demanding, issuer], undefined],
    ['of an anchor', [leaf, demanding], unhandled],
    ['of a leaf that is the anchor', [demandingLeaf], unhandled],
  ];
  for (const [whose, path, fault] of table) {
    it(`${whose}: ${fault ?? 'accepted'} where unknown is refused, and nowhere else`, () => {
      assert.equal(pathFault(path, 'server', asking), fault);
      assert.equal(pathFault(path, 'server', defaultPathPolicy), unhandled);
    });
  }
});

describe('name constraints along a path (RFC 5280 §6.1.3)', () => {
  const bound = (extensions: readonly Buffer[], subject = 'CN=CA', issuer = 'CN=Above') =>
    parsed({ subject, issuer: { subject: issuer, key }, extensions: [ca, ...extensions] });
  const example = nameConstraints(['dns:example.com']);
  const named = (...names: string[]) => parsed({ extensions: [subjectAltName(names)] });
  const table: readonly (readonly [string, readonly Certificate[], boolean])[] = [
    ['a leaf inside', [named('dns:a.example.com'), bound([example])], true],
    ['a leaf outside', [named('dns:a.example'), bound([example])], false],
    [
      'one of two names outside',
      [named('dns:example.com', 'dns:a.example'), bound([example])],
      false,
    ],
    [
      'a leaf outside, two levels down',
      [named('dns:a.example'), bound([]), bound([example])],
      false,
    ],
    [
      'an intermediate outside',
      [named('dns:example.com'), bound([subjectAltName(['dns:a.example'])]), bound([example])],
      false,
    ],
    [
      'a self-issued intermediate outside',
      [
        named('dns:example.com'),
        bound([subjectAltName(['dns:a.example'])], 'CN=S', 'CN=S'),
        bound([example]),
      ],
      true,
    ],
    [
      'a constraint below the name it would forbid',
      [named('dns:example.com'), bound([example]), bound([subjectAltName(['dns:a.example'])])],
      true,
    ],
    ['a common name inside', [parsed({ subject: 'CN=www.example.com' }), bound([example])], true],
    ['a common name outside', [parsed({ subject: 'CN=www.a.example' }), bound([example])], false],
    ['a common name that is no host', [parsed({ subject: 'CN=Alice' }), bound([example])], true],
    [
      'a common name outside beside other names',
      [
        parsed({ subject: 'CN=a.example', extensions: [subjectAltName(['dns:example.com'])] }),
        bound([example]),
      ],
      true,
    ],
    ['a SIP domain inside', [named('uri:sip:sip.example.com'), bound([example])], true],
    ['a SIP domain outside', [named('uri:sip:a.example'), bound([example])], false],
    [
      'a SIP domain outside beside a host name inside',
      [named('dns:example.com', 'uri:sip:A.example:5061;transport=tls'), bound([example])],
      false,
    ],
    [
      'a SIP domain that is excluded',
      [named('uri:sip:b.a.example'), bound([nameConstraints([], ['dns:a.example'])])],
      false,
    ],
    [
      'a SIP domain where addresses are bound',
      [named('uri:sip:a.example'), bound([nameConstraints(['ip:0a000000ff000000'])])],
      true,
    ],
    [
      'a user’s SIP URI outside, which names no domain',
      [named('dns:example.com', 'uri:sip:bob@a.example'), bound([example])],
      true,
    ],
    [
      'an intermediate’s SIP URI outside, which nobody asks for',
      [named('dns:example.com'), bound([subjectAltName(['uri:sip:a.example'])]), bound([example])],
      true,
    ],
    [
      'a mail address in the subject inside',
      [parsed({ subject: 'email=a@example.com' }), bound([nameConstraints(['email:example.com'])])],
      true,
    ],
    [
      'a mail address in the subject outside',
      [parsed({ subject: 'email=a@a.example' }), bound([nameConstraints(['email:example.com'])])],
      false,
    ],
    [
      'a subject inside',
      [parsed({ subject: 'O=Acme,CN=x' }), bound([nameConstraints(['dn:O=Acme'])])],
      true,
    ],
    [
      'a subject outside',
      [parsed({ subject: 'O=Other,CN=x' }), bound([nameConstraints(['dn:O=Acme'])])],
      false,
    ],
  ];
  for (const [name, path, isAllowed] of table) {
    it(`${name}: ${isAllowed ? 'accepted' : 'refused'}`, () => {
      const fault = pathFault(path, 'server', defaultPathPolicy);
      assert.equal(fault, isAllowed ? undefined : 'path-name-constraint-violated');
    });
  }
});

function parsed(draft: Partial<CertificateDraft>): Certificate {
  const own = draft.key ?? key;
  const bytes = buildCertificate({
    subject: 'CN=leaf',
    key: own,
    issuer: { subject: nameOf('CN=issuer'), key },
    extensions: [],
    ...draft,
  });
  const certificate = parseCertificate(bytes);
  assert.ok(certificate.ok);
  return certificate.value;
}
