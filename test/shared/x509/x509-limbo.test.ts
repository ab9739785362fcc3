import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { coversAddress, coversDomain } from '@sallyport/shared/x509/sip-identity.ts';

interface LimboName {
  readonly kind: 'DNS' | 'IP' | 'RFC822';
  readonly value: string;
}

interface LimboCase {
  readonly id: string;
  readonly limboExpected: 'SUCCESS' | 'FAILURE';
  readonly sipExpected: 'SUCCESS' | 'FAILURE' | null;
  readonly kind: 'SERVER' | 'CLIENT';
  readonly time: string | null;
  readonly maxChainDepth: number | null;
  readonly peerName: LimboName | null;
  readonly peerNames: readonly LimboName[];
  readonly leaf: string;
  readonly intermediates: readonly string[];
  readonly anchors: readonly string[];
}

const vectors = new URL('../../vectors/x509-limbo/cases.json', import.meta.url);
const cases = JSON.parse(readFileSync(vectors, 'utf8')) as readonly LimboCase[];
/** The suite means "now"; a fixed day keeps the verdicts from changing. */
const NOW_MS = Date.UTC(2026, 0, 1);

const TLS_KEY_USAGE =
  'RFC 8446 §4.4.2.2: keyUsage without digitalSignature cannot sign a handshake; limbo judges RFC 5280 alone';
const CABF_COMMON_NAME =
  'RFC 5922 §7.1: beside a subjectAltName the common name is not examined; its form is a CA/Browser Forum rule';
const KEY_ID_OF_CA =
  'RFC 5280 §4.2.1.1 and §4.2.1.2 tell CAs to include it; §6 gives validators no such check, and it is only a hint';
const CABF_ROOT_KEY_ID =
  'a CA/Browser Forum rule about roots; an anchor is trusted because the partner gave it';

/** Every difference from the expected verdict, with the reason why ours is right for federation. */
const differences: ReadonlyMap<string, string> = new Map([
  ['pathlen::validation-ignores-pathlen-in-leaf', TLS_KEY_USAGE],
  ['rfc5280::ca-as-leaf', TLS_KEY_USAGE],
  ['webpki::cn::ipv4-leading-zeros-mismatch', CABF_COMMON_NAME],
  ['webpki::cn::ipv6-uppercase-mismatch', CABF_COMMON_NAME],
  ['webpki::cn::ipv6-uncompressed-mismatch', CABF_COMMON_NAME],
  ['webpki::cn::punycode-not-in-san', CABF_COMMON_NAME],
  [
    'webpki::eku::ee-anyeku',
    'RFC 5280 §4.2.1.12: serverAuth is present as well, so the purpose is granted; alone, anyExtendedKeyUsage is policy',
  ],
  [
    'webpki::eku::ee-critical-eku',
    'RFC 5280 §4.2.1.12: critical or not is the issuer’s choice; partners may run their own CA',
  ],
  [
    'webpki::eku::root-has-eku',
    'RFC 5280 §4.2.1.12 lets any certificate carry it; we let it limit what is below instead of refusing',
  ],
  [
    'webpki::san::san-critical-with-nonempty-subject',
    'RFC 5280 §4.2.1.6: only SHOULD be non-critical, and we process it either way',
  ],
  ['rfc5280::aki::leaf-missing-aki', KEY_ID_OF_CA],
  ['rfc5280::aki::intermediate-missing-aki', KEY_ID_OF_CA],
  ['rfc5280::aki::cross-signed-root-missing-aki', KEY_ID_OF_CA],
  ['rfc5280::ski::root-missing-ski', KEY_ID_OF_CA],
  ['rfc5280::ski::intermediate-missing-ski', KEY_ID_OF_CA],
  ['webpki::aki::root-with-aki-missing-keyidentifier', CABF_ROOT_KEY_ID],
  ['webpki::aki::root-with-aki-authoritycertissuer', CABF_ROOT_KEY_ID],
  ['webpki::aki::root-with-aki-authoritycertserialnumber', CABF_ROOT_KEY_ID],
  ['webpki::aki::root-with-aki-all-fields', CABF_ROOT_KEY_ID],
  ['webpki::aki::root-with-aki-ski-mismatch', CABF_ROOT_KEY_ID],
  [
    'webpki::nc::permitted-dns-match-noncritical',
    'RFC 5280 §4.2.1.10: MUST be critical; the suite contradicts itself in rfc5280::nc::permitted-dns-match-noncritical',
  ],
  ['webpki::nc::nc-permits-dns-san-pattern', 'RFC 5922 §7.2: no wildcards in SIP'],
  [
    'webpki::malformed-aia',
    'a non-critical extension that we do not use is not read (RFC 5280 §4.2)',
  ],
  [
    'webpki::ee-basicconstraints-ca',
    'a CA/Browser Forum rule; RFC 5280 lets a CA certificate be the end of a path',
  ],
]);

describe('x509-limbo, judged for SIP', () => {
  for (const limbo of cases) {
    const expected = limbo.sipExpected ?? limbo.limboExpected;
    const reason = differences.get(limbo.id);
    it(`${limbo.id}: ${expected}${reason === undefined ? '' : ', and we differ'}`, () => {
      const verdict = judge(limbo);
      assert.equal(
        verdict === 'accepted',
        (expected === 'SUCCESS') === (reason === undefined),
        verdict,
      );
    });
  }

  it('explains no difference that does not exist', () => {
    const ids = new Set(cases.map((limbo) => limbo.id));
    assert.deepEqual(
      [...differences.keys()].filter((id) => !ids.has(id)),
      [],
    );
  });
});

function judge(limbo: LimboCase): string {
  const leaf = parseCertificate(Buffer.from(limbo.leaf, 'base64'));
  if (!leaf.ok) return leaf.error;
  const path = validatePath({
    leaf: leaf.value,
    intermediates: parseAll(limbo.intermediates),
    anchors: parseAll(limbo.anchors),
    pins: [],
    purpose: limbo.kind === 'SERVER' ? 'server' : 'client',
    policy: {
      ...defaultPathPolicy,
      intermediatesMax: limbo.maxChainDepth ?? defaultPathPolicy.intermediatesMax,
    },
    atMs: limbo.time === null ? NOW_MS : Date.parse(limbo.time),
  });
  if (!path.ok) return path.error;
  const names = [...(limbo.peerName === null ? [] : [limbo.peerName]), ...limbo.peerNames];
  return names.every((name) => isNamed(leaf.value, name)) ? 'accepted' : 'name not covered';
}

function isNamed(leaf: Certificate, name: LimboName): boolean {
  switch (name.kind) {
    case 'DNS':
      return coversDomain(leaf, name.value);
    case 'IP':
      return coversAddress(leaf, name.value);
    case 'RFC822':
      return leaf.subjectAltName?.email.includes(name.value) === true;
  }
}

/** What cannot be parsed is not there, for anchors as for intermediates. */
function parseAll(certificates: readonly string[]): Certificate[] {
  return certificates.flatMap((base64) => {
    const parsed = parseCertificate(Buffer.from(base64, 'base64'));
    return parsed.ok ? [parsed.value] : [];
  });
}
