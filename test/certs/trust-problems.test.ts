import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSelfSigned, sortCertificates } from '@sallyport/certs/received-set.ts';
import { type TrustQuestion, trustProblems } from '@sallyport/certs/trust-problems.ts';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import {
  algorithm,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  ecKey,
  extendedKeyUsage,
  extension,
  keyUsage,
  nameConstraints,
  Oid,
  rsaKey,
  subjectAltName,
  TEST_TIME_MS,
} from '../x509-builder.ts';

const DAY_MS = 86_400_000;
const NOT_AFTER_MS = Date.UTC(2027, 0, 1);
const [ROOT_KEY, CA_KEY, LEAF_KEY, OTHER_KEY] = [ecKey(), ecKey(), ecKey(), ecKey()];
const RSA_1024 = rsaKey(1024);
const SHA1 = algorithm('1.2.840.10045.4.1');
const MD5 = algorithm('1.2.840.113549.1.1.4');

function built(draft: CertificateDraft): Certificate {
  const parsed = parseCertificate(buildCertificate(draft));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

const ROOT_DRAFT: CertificateDraft = {
  subject: 'CN=Root',
  key: ROOT_KEY,
  extensions: [basicConstraints(true), keyUsage(5, 6)],
};
const CA_DRAFT: CertificateDraft = {
  ...ROOT_DRAFT,
  subject: 'CN=CA',
  key: CA_KEY,
  issuer: ROOT_DRAFT,
};
const NAMES = subjectAltName(['uri:sip:a.example', 'dns:a.example']);
const BOTH = extendedKeyUsage([Oid.serverAuth, Oid.clientAuth]);
const LEAF_DRAFT: CertificateDraft = {
  subject: 'CN=a.example',
  key: LEAF_KEY,
  issuer: CA_DRAFT,
  extensions: [NAMES, BOTH],
};

const root = (change: Partial<CertificateDraft> = {}) => built({ ...ROOT_DRAFT, ...change });
const ca = (change: Partial<CertificateDraft> = {}) => built({ ...CA_DRAFT, ...change });
const leaf = (change: Partial<CertificateDraft> = {}) => built({ ...LEAF_DRAFT, ...change });
const named = (...names: string[]) => leaf({ extensions: [subjectAltName(names), BOTH] });
const meant = (...usages: string[]) => leaf({ extensions: [NAMES, extendedKeyUsage(usages)] });

const PARTNER: TrustQuestion['partner'] = {
  domains: ['a.example'],
  delegations: [],
  purposes: 'federation',
  acceptNoExtendedKeyUsage: true,
  receivedSequence: 0,
};
const STRICT = { partner: { ...PARTNER, purposes: 'strict' } } as const;

function asked(certificates: readonly Certificate[], change: Partial<TrustQuestion> = {}): string {
  const question: TrustQuestion = {
    ...sortCertificates(certificates, isSelfSigned),
    pins: [],
    privateKeysIgnored: 0,
    partner: PARTNER,
    fingerprint: 'f'.repeat(64),
    others: [],
    nowMs: TEST_TIME_MS,
    warnBeforeMs: 30 * DAY_MS,
    ...change,
  };
  return trustProblems(question)
    .map(({ severity, code }) => `${severity} ${code}`)
    .join(', ');
}

const offer = (sequence: number, expiresAtMs: number, receivedSequence: number) => ({
  offer: { sequence, expiresAtMs },
  partner: { ...PARTNER, receivedSequence },
});
const domains = (...list: string[]) => ({ partner: { ...PARTNER, domains: list } });
const other = (change: Partial<TrustQuestion['others'][number]>) => ({
  others: [{ partner: 'globex', fingerprints: [], spkis: [], ...change }],
});
const at = (nowMs: number) => ({ nowMs });

type Row = readonly [
  name: string,
  certificates: readonly Certificate[],
  found: string,
  change?: Partial<TrustQuestion>,
];

const rows: readonly Row[] = [
  ['nothing wrong', [root(), ca(), leaf()], ''],
  ['RSA of 1024 bits', [root(), ca(), leaf({ key: RSA_1024 })], 'error weak-key'],
  ['RSA of 2048 bits', [root(), ca(), leaf({ key: rsaKey(2048) })], ''],
  ['a curve below P-256', [root(), ca(), leaf({ key: ecKey('P-224') })], 'error weak-key'],
  [
    'a leaf signed with SHA-1',
    [root(), ca(), leaf({ innerAlgorithm: SHA1 })],
    'error weak-signature',
  ],
  [
    'a root signed with SHA-1',
    [root({ innerAlgorithm: SHA1 }), ca(), leaf()],
    'note weak-signature',
  ],
  [
    'an intermediate signed with MD5',
    [root(), ca({ innerAlgorithm: MD5 }), leaf()],
    'error weak-signature',
  ],
  [
    'a root of version 1',
    [root({ version: 1, extensions: [] }), ca(), leaf()],
    'error version-old, error not-an-authority, error path-refused',
  ],
  [
    'a root that is an authority, but not critically',
    [
      root({ extensions: [basicConstraints(true, undefined, false), keyUsage(5, 6)] }),
      ca(),
      leaf(),
    ],
    'error not-an-authority, error path-refused',
  ],
  [
    'an intermediate that is an authority, but not critically',
    [
      root(),
      ca({ extensions: [basicConstraints(true, undefined, false), keyUsage(5, 6)] }),
      leaf(),
    ],
    '',
  ],
  [
    'a root that may sign no certificates',
    [root({ extensions: [basicConstraints(true), keyUsage(6)] }), ca(), leaf()],
    'error key-usage',
  ],
  [
    'a leaf that may sign no handshake',
    [root(), ca(), leaf({ extensions: [NAMES, BOTH, keyUsage(2)] })],
    'error key-usage',
  ],
  [
    'an intermediate below a root with path length 0',
    [root({ extensions: [basicConstraints(true, 0)] }), ca(), leaf()],
    'error path-length, error path-refused',
  ],
  ['a self-signed leaf', [leaf({ issuer: LEAF_DRAFT })], 'warning anchor-is-leaf'],
  ['no root', [ca(), leaf()], 'error anchor-missing, note chain-incomplete'],
  ['no root, but a pin', [ca(), leaf()], 'note chain-incomplete', { pins: ['x'] }],
  ['no leaf', [root(), ca()], 'note leaf-missing'],
  [
    'no leaf, and a root of something else',
    [root({ subject: 'CN=X' }), ca()],
    'note leaf-missing, warning chain-incomplete',
  ],
  ['no intermediate', [root(), leaf()], 'error chain-incomplete'],
  [
    'a root of the same name with another key',
    [root({ key: OTHER_KEY }), ca(), leaf()],
    'error path-refused',
  ],
  [
    'name constraints that shut the domain out',
    [
      root({ extensions: [basicConstraints(true), nameConstraints(['dns:b.example'])] }),
      ca(),
      leaf(),
    ],
    'error path-refused',
  ],
  ['a pin that no certificate has', [root(), ca(), leaf()], 'error path-refused', { pins: ['x'] }],
  [
    'a critical extension that nobody knows',
    [
      root(),
      ca(),
      leaf({ extensions: [NAMES, BOTH, extension('1.2.3.4', true, Buffer.alloc(2))] }),
    ],
    'error critical-extension-unknown',
  ],
  [
    'a leaf of serial number zero',
    [root(), ca(), leaf({ serial: Buffer.of(0) })],
    'error serial-odd',
  ],
  [
    'an authority of serial number -128',
    [root(), ca({ serial: Buffer.of(0x80) })],
    'note leaf-missing, error serial-odd',
  ],
  ['a root of serial number -128', [root({ serial: Buffer.of(0x80) })], 'note leaf-missing'],
  ['clientAuth alone', [root(), ca(), meant(Oid.clientAuth)], 'warning purpose-no-server'],
  ['serverAuth alone', [root(), ca(), meant(Oid.serverAuth)], ''],
  [
    'serverAuth alone with strict purposes',
    [root(), ca(), meant(Oid.serverAuth)],
    'warning purpose-no-client',
    STRICT,
  ],
  ['both with strict purposes', [root(), ca(), leaf()], '', STRICT],
  ['mail alone', [root(), ca(), meant(Oid.emailProtection)], 'error purpose-none-fits'],
  ['no purpose', [root(), ca(), leaf({ extensions: [NAMES] })], 'note purpose-not-stated'],
  [
    'no purpose, where one must be',
    [root(), ca(), leaf({ extensions: [NAMES] })],
    'error purpose-none-fits',
    { partner: { ...PARTNER, acceptNoExtendedKeyUsage: false } },
  ],
  [
    'an authority for mail alone',
    [
      root(),
      ca({ extensions: [basicConstraints(true), extendedKeyUsage([Oid.emailProtection])] }),
      leaf(),
    ],
    'error path-refused',
  ],
  ['a wildcard', [root(), ca(), named('dns:*.example', 'dns:a.example')], 'warning name-wildcard'],
  [
    'a wildcard alone',
    [root(), ca(), named('dns:*.example')],
    'warning name-wildcard, error no-domain-covered',
  ],
  [
    'a name that is none',
    [root(), ca(), named('dns:a_b.example', 'dns:a.example')],
    'warning name-odd',
  ],
  ['a common name alone', [root(), ca(), leaf({ extensions: [BOTH] })], 'warning name-common-only'],
  [
    'a common name beside other names',
    [root(), ca(), named('dns:b.example')],
    'error no-domain-covered',
  ],
  [
    'a user of the domain',
    [root(), ca(), named('uri:sip:ann@a.example')],
    'error no-domain-covered',
  ],
  [
    'a second domain that is not covered',
    [root(), ca(), leaf()],
    'warning domain-not-covered',
    domains('a.example', 'b.example'),
  ],
  [
    'a second domain with a certificate of its own',
    [root(), ca(), leaf(), named('dns:b.example')],
    '',
    domains('a.example', 'b.example'),
  ],
  [
    'a domain that is delegated',
    [root(), ca(), named('dns:host.example')],
    '',
    {
      partner: {
        ...PARTNER,
        delegations: [{ certificate: 'host.example', domains: ['a.example'] }],
      },
    },
  ],
  [
    'the last moment',
    [root(), ca(), leaf()],
    'warning expires-soon, warning expires-soon, warning expires-soon',
    at(NOT_AFTER_MS),
  ],
  [
    'a moment later',
    [root(), ca(), leaf()],
    'error expired, error expired, error expired',
    at(NOT_AFTER_MS + 1),
  ],
  [
    '30 days before the end',
    [
      root({ notAfterMs: NOT_AFTER_MS + DAY_MS }),
      ca({ notAfterMs: NOT_AFTER_MS + DAY_MS }),
      leaf(),
    ],
    'warning expires-soon',
    at(NOT_AFTER_MS - 30 * DAY_MS),
  ],
  ['a moment earlier', [root(), ca(), leaf()], '', at(NOT_AFTER_MS - 30 * DAY_MS - 1)],
  [
    'a leaf that begins tomorrow',
    [root(), ca(), leaf({ notBeforeMs: TEST_TIME_MS + DAY_MS })],
    'warning not-yet-valid',
  ],
  [
    'a private key',
    [root(), ca(), leaf()],
    'warning private-key-included',
    { privateKeysIgnored: 1 },
  ],
  ['an offer with the next number', [root(), ca(), leaf()], '', offer(5, NOT_AFTER_MS, 4)],
  [
    'an offer with the same number',
    [root(), ca(), leaf()],
    'error sequence-back',
    offer(4, NOT_AFTER_MS, 4),
  ],
  [
    'an offer with an older number',
    [root(), ca(), leaf()],
    'error sequence-back',
    offer(3, NOT_AFTER_MS, 4),
  ],
  [
    'an offer that ended',
    [root(), ca(), leaf()],
    'error offer-expired',
    offer(5, TEST_TIME_MS - 1, 4),
  ],
  [
    'an offer that ends tomorrow',
    [root(), ca(), leaf()],
    'warning offer-expires-soon',
    offer(5, TEST_TIME_MS + DAY_MS, 4),
  ],
  [
    'the set of another partner',
    [root(), ca(), leaf()],
    'warning same-set-as-partner',
    other({ fingerprints: ['f'.repeat(64)] }),
  ],
  [
    'the key of another partner',
    [root(), ca(), leaf()],
    'warning same-key-as-partner',
    other({ spkis: [leaf().spkiSha256] }),
  ],
  [
    'the root of another partner',
    [root(), ca(), leaf()],
    'note same-anchor-as-partner',
    other({ spkis: [root().spkiSha256] }),
  ],
];

describe('problems of a received set', () => {
  for (const [name, certificates, found, change] of rows) {
    it(`${name}: ${found === '' ? 'nothing' : found}`, () => {
      assert.equal(asked(certificates, change), found);
    });
  }

  it('name the certificate, and show no control characters of it', () => {
    const [problem] = trustProblems({
      ...sortCertificates([leaf({ subject: 'CN=\u001b[2Jx', key: RSA_1024 })], isSelfSigned),
      pins: ['x'],
      privateKeysIgnored: 0,
      partner: PARTNER,
      fingerprint: '',
      others: [],
      nowMs: TEST_TIME_MS,
      warnBeforeMs: 0,
    });
    assert.equal(problem?.message, '?[2Jx: RSA key of 1024 bits; 2048 to 8192 are accepted');
    assert.match(problem?.certificate ?? '', /^[0-9a-f]{64}$/);
  });
});
