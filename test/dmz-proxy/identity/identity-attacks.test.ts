import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { identifyClient, identifyServer } from '@sallyport/dmz-proxy/identity/identity.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { partnerSnapshot } from '../../integration/support/proxy-site.ts';
import {
  algorithm,
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  der,
  ecKey,
  extendedKeyUsage,
  extension,
  keyUsage,
  nameConstraints,
  nameOfAttributes,
  Oid,
  rsaKey,
  subjectAltName,
  TEST_TIME_MS,
  type TestKey,
} from '../../x509-builder.ts';

// One partner and what somebody who is not quite that partner may show; every row but the first is turned away, or
// speaks for nothing that its certificate does not name.

const rootKey = ecKey();
const middleKey = ecKey();
const leafKey = ecKey();
const otherKey = ecKey();
const ROOT = { subject: 'CN=Globex Root', key: rootKey };
const MIDDLE = { subject: 'CN=Globex Issuing', key: middleKey };
const LEAF = { subject: 'CN=globex.example', key: leafKey };
const OTHER_ROOT = { subject: 'CN=Initech Root', key: otherKey };
const NAMED = subjectAltName(['dns:globex.example', 'uri:sip:globex.example']);
const PURPOSES = extendedKeyUsage([Oid.serverAuth, Oid.clientAuth]);
const DAY_MS = 86_400_000;

const authority = (
  self: { readonly subject: string; readonly key: TestKey },
  issuer = self,
  extensions: readonly Buffer[] = [basicConstraints(true)],
  changes: Partial<CertificateDraft> = {},
) => buildCertificate({ ...self, issuer, extensions: [...extensions, keyUsage(5, 6)], ...changes });
const leaf = (changes: Partial<CertificateDraft> = {}) =>
  buildCertificate({
    subject: 'CN=globex.example',
    key: leafKey,
    issuer: ROOT,
    extensions: [NAMED, keyUsage(0), PURPOSES],
    ...changes,
  });
const withNames = (...names: readonly string[]) =>
  leaf({ extensions: [subjectAltName(names), keyUsage(0), PURPOSES] });
const below = (...extensions: readonly Buffer[]) => [
  leaf({ issuer: MIDDLE }),
  authority(MIDDLE, ROOT, extensions),
];
const selfSigned = (...extensions: readonly Buffer[]) =>
  buildCertificate({ subject: 'CN=globex.example', key: leafKey, extensions });

const root = authority(ROOT);
const pem = (certificate: Buffer) => encodePem(certificate, 'CERTIFICATE');
const partner = (id: string, domain: string, anchors: readonly Buffer[], pins: string[] = []) => ({
  ...partnerSnapshot(''),
  id,
  domains: [domain],
  sourceNetworks: [],
  trustSets: [{ id: 't1', anchors: anchors.map(pem), intermediates: [], pins }],
});

const pinnedLeaf = selfSigned(NAMED, keyUsage(0), PURPOSES);
const built = partnerTable(
  [
    partner('globex', 'globex.example', [root]),
    partner('initech', 'initech.example', [authority(OTHER_ROOT)]),
    partner('umbrella', 'umbrella.example', [], [spkiOf(pinnedLeaf)]),
  ],
  NO_PARTNERS,
  0,
);
assert.ok(built.ok);
const table = built.value;

function spkiOf(certificate: Buffer): string {
  const parsed = parseCertificate(certificate);
  assert.ok(parsed.ok);
  return parsed.value.spkiSha256;
}

function verdict(chain: readonly Buffer[], atMs = TEST_TIME_MS, among = table): string {
  const identity = identifyClient(
    { table: among, cache: new PathCache(1) },
    { leaf: chain[0], chain: () => chain, sourceAddress: '192.0.2.1', resumed: false, atMs },
  );
  if (!identity.ok) return identity.error;
  return `${identity.value.partner.id}: ${[...identity.value.domains].join()}`;
}

const sha1 = algorithm('1.2.840.10045.4.1');
const sha256Rsa = algorithm('1.2.840.113549.1.1.11', der(0x05));
const weakKey = rsaKey(1024);
const weakRoot = { subject: 'CN=Globex Root', key: weakKey };
const lookAlike = nameOfAttributes([['2.5.4.3', 0x0c, 'glоbex.example']]);

//   what is shown                                          as whom, or why not
const rows: readonly (readonly [string, readonly Buffer[], string])[] = [
  ['what the partner shows', [leaf()], 'globex: globex.example'],
  ['the same behind its issuing CA', below(basicConstraints(true, 0)), 'globex: globex.example'],
  [
    'the same names, signed by a root of the same name with another key',
    [
      leaf({ issuer: { subject: ROOT.subject, key: otherKey } }),
      authority({ ...ROOT, key: otherKey }),
    ],
    'path-signature-bad',
  ],
  [
    'the same names by another partner’s anchor',
    [leaf({ issuer: OTHER_ROOT }), authority(OTHER_ROOT)],
    'path-not-found',
  ],
  [
    'both partners’ names by the other partner’s anchor',
    [
      leaf({
        issuer: OTHER_ROOT,
        extensions: [subjectAltName(['dns:globex.example', 'dns:initech.example']), PURPOSES],
      }),
    ],
    'initech: initech.example',
  ],
  [
    'the issuing CA itself as leaf',
    [authority(MIDDLE, ROOT, [basicConstraints(true), NAMED, PURPOSES])],
    'path-key-usage-refused',
  ],
  [
    'a leaf below another leaf',
    [leaf({ key: otherKey, subject: 'CN=x', issuer: LEAF }), leaf()],
    'path-issuer-not-ca',
  ],
  [
    'a CA below an issuing CA that may have none',
    [
      leaf({ issuer: { subject: 'CN=Third', key: otherKey } }),
      authority({ subject: 'CN=Third', key: otherKey }, MIDDLE),
      authority(MIDDLE, ROOT, [basicConstraints(true, 0)]),
    ],
    'path-length-exceeded',
  ],
  [
    'a name outside of what the issuing CA may name',
    below(basicConstraints(true), nameConstraints(['dns:initech.example'])),
    'path-name-constraint-violated',
  ],
  [
    'a name that the issuing CA must not name',
    below(basicConstraints(true), nameConstraints([], ['dns:globex.example'])),
    'path-name-constraint-violated',
  ],
  [
    'a SIP URI by an issuing CA that may name other hosts alone',
    [
      leaf({
        issuer: MIDDLE,
        subject: 'CN=x',
        extensions: [subjectAltName(['uri:sip:globex.example', 'dns:initech.example']), PURPOSES],
      }),
      authority(MIDDLE, ROOT, [basicConstraints(true), nameConstraints(['dns:initech.example'])]),
    ],
    'path-name-constraint-violated',
  ],
  [
    'a critical extension that nobody knows',
    [leaf({ extensions: [NAMED, PURPOSES, extension('1.3.6.1.4.1.99999.1', true, der(0x05))] })],
    'path-critical-extension-unhandled',
  ],
  [
    'one in the issuing CA',
    below(basicConstraints(true), extension('1.3.6.1.4.1.99999.1', true, der(0x05))),
    'path-critical-extension-unhandled',
  ],
  ['a self-signed certificate without purpose', [selfSigned(NAMED)], 'path-not-found'],
  ['a self-signed certificate with all purposes', [pinnedLeaf], 'path-not-found'],
  [
    'an expired issuing CA',
    [
      leaf({ issuer: MIDDLE }),
      authority(MIDDLE, ROOT, [basicConstraints(true)], {
        notBeforeMs: TEST_TIME_MS - 2 * DAY_MS,
        notAfterMs: TEST_TIME_MS - DAY_MS,
      }),
    ],
    'path-expired',
  ],
  [
    'an expired leaf',
    [leaf({ notBeforeMs: TEST_TIME_MS - 2 * DAY_MS, notAfterMs: TEST_TIME_MS - DAY_MS })],
    'path-expired',
  ],
  ['a leaf of tomorrow', [leaf({ notBeforeMs: TEST_TIME_MS + DAY_MS })], 'path-not-yet-valid'],
  [
    'a signature over SHA-1',
    [leaf({ innerAlgorithm: sha1, signTbs: (tbs, key) => sign('sha1', tbs, key) })],
    'path-algorithm-refused',
  ],
  ['an RSA key of 1024 bits', [leaf({ key: weakKey })], 'path-key-refused'],
  [
    'an issuing CA with an RSA key of 1024 bits',
    [
      leaf({ issuer: { ...MIDDLE, key: weakKey }, innerAlgorithm: sha256Rsa }),
      authority({ ...MIDDLE, key: weakKey }, ROOT),
    ],
    'path-key-refused',
  ],
  [
    'a root of the same name with an RSA key of 1024 bits',
    [leaf({ issuer: weakRoot, innerAlgorithm: sha256Rsa })],
    'path-signature-bad',
  ],
  ['a purpose that is not TLS', [leafFor(Oid.emailProtection)], 'path-purpose-refused'],
  ['any purpose', [leafFor(Oid.anyPurpose)], 'path-purpose-refused'],
  ['a wildcard', [withNames('dns:*.globex.example')], 'identity-unknown'],
  ['a wildcard for a whole top level', [withNames('dns:*.example')], 'identity-unknown'],
  ['the name in CN, another in SAN', [withNames('dns:other.example')], 'identity-unknown'],
  ['the name in CN, an address in SAN', [withNames('ip:c0000201')], 'identity-unknown'],
  [
    'a URI for a user silences the DNS name',
    [withNames('uri:sip:alice@globex.example', 'dns:globex.example')],
    'identity-unknown',
  ],
  [
    'the name with NUL and a tail',
    [withNames('dns:globex.example\0.attacker.example')],
    'certificate-extensions-malformed',
  ],
  [
    'the name with NUL in a URI',
    [withNames('uri:sip:globex.example\0.attacker.example')],
    'certificate-extensions-malformed',
  ],
  ['the name with a Cyrillic letter in CN', [leaf(namedAlike())], 'identity-unknown'],
  ['its punycode in SAN', [withNames('dns:xn--glbex-0ve.example')], 'identity-unknown'],
  [
    'the name with raw bytes beyond ASCII',
    [withNames('dns:gl\xf6bex.example')],
    'certificate-extensions-malformed',
  ],
  ['the name with a trailing dot', [withNames('dns:globex.example.')], 'identity-unknown'],
  ['the name with a space behind it', [withNames('dns:globex.example ')], 'identity-unknown'],
  ['a subdomain', [withNames('dns:sip.globex.example')], 'identity-unknown'],
  [
    'the pinned key with the name of another partner',
    [selfSigned(subjectAltName(['dns:globex.example']), PURPOSES)],
    'path-not-found',
  ],
  [
    'the name of a partner with a pin, signed by anybody but with another key',
    [
      leaf({
        key: otherKey,
        extensions: [subjectAltName(['dns:umbrella.example']), keyUsage(0), PURPOSES],
      }),
    ],
    'path-pin-mismatch',
  ],
  [
    'the pinned key as issuer of another',
    [
      leaf({
        key: otherKey,
        issuer: LEAF,
        extensions: [subjectAltName(['dns:umbrella.example']), keyUsage(0), PURPOSES],
      }),
      pinnedLeaf,
    ],
    'path-pin-mismatch',
  ],
  [
    'the pinned key in a certificate that expired',
    [
      selfSignedAs('umbrella.example', {
        notBeforeMs: TEST_TIME_MS - 2 * DAY_MS,
        notAfterMs: TEST_TIME_MS - DAY_MS,
      }),
    ],
    'path-expired',
  ],
  [
    'the pinned key in a self-signed certificate that holds',
    [selfSignedAs('umbrella.example')],
    'umbrella: umbrella.example',
  ],
  [
    'the pinned key in a certificate for mail',
    [
      selfSignedAs('umbrella.example', {
        extensions: [
          subjectAltName(['dns:umbrella.example']),
          extendedKeyUsage([Oid.emailProtection]),
        ],
      }),
    ],
    'path-purpose-refused',
  ],
];

function leafFor(purpose: string): Buffer {
  return leaf({ extensions: [NAMED, keyUsage(0), extendedKeyUsage([purpose])] });
}

function namedAlike(): Partial<CertificateDraft> {
  return { subject: lookAlike, extensions: [keyUsage(0), PURPOSES] };
}

function selfSignedAs(domain: string, changes: Partial<CertificateDraft> = {}): Buffer {
  const extensions = [subjectAltName([`dns:${domain}`]), keyUsage(0), PURPOSES];
  return buildCertificate({ subject: `CN=${domain}`, key: leafKey, extensions, ...changes });
}

describe('attacks on who a peer is', () => {
  for (const [what, chain, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(verdict(chain), expected));
  }

  it('the names of many partners do not make us look for a path to each for ever', () => {
    // Each anchor has the name that fifteen issuing authorities say they are from: one look for each of them.
    const issuing = Array.from({ length: 15 }, () => ({ subject: MIDDLE.subject, key: ecKey() }));
    const sent = issuing.map((self) => authority(self, { ...ROOT, key: otherKey }));
    const askedAmong = (count: number) => {
      const names = Array.from({ length: count }, (_, n) => `p${n}.example`);
      const partners = names.map((name) =>
        partner(name, name, [authority({ ...ROOT, key: ecKey() })]),
      );
      const among = partnerTable(partners, NO_PARTNERS, 0);
      assert.ok(among.ok);
      const named = subjectAltName(names.map((name) => `dns:${name}`));
      return verdict(
        [leaf({ issuer: MIDDLE, extensions: [named] }), ...sent],
        TEST_TIME_MS,
        among.value,
      );
    };
    assert.equal(askedAmong(17), 'path-signature-bad');
    assert.equal(askedAmong(18), 'path-search-exhausted');
  });

  it('an anchor that expired proves nobody', () => {
    const lasting = leaf({ notAfterMs: Date.UTC(2040, 0, 1) });
    assert.equal(verdict([lasting], Date.UTC(2027, 0, 2)), 'path-expired');
  });

  it('the right partner by the wrong name is not whom we asked for', () => {
    const globex = table.byId.get('globex');
    assert.ok(globex);
    const chain = [withNames('dns:globex.example')];
    const judging = { table, cache: new PathCache(1) };
    const shown = {
      leaf: chain[0],
      chain: () => chain,
      sourceAddress: '192.0.2.1',
      resumed: false,
      atMs: TEST_TIME_MS,
    };
    const asked = (name: string) => {
      const identity = identifyServer(judging, globex, [name], shown);
      return identity.ok ? 'proven' : identity.error;
    };
    assert.equal(asked('globex.example'), 'proven');
    assert.equal(asked('initech.example'), 'identity-domain-not-covered');
    assert.equal(asked('sip.globex.example'), 'identity-domain-not-covered');
  });
});
