import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { issuingPoint, listNumber } from '../../revocation-list-builder.ts';
import {
  der,
  ecKey,
  extension,
  keyUsage,
  nameOf,
  sequence,
  TEST_TIME_MS,
  utcTime,
} from '../../x509-builder.ts';
import {
  distributionPoints,
  fullName,
  judgeLists,
  leafOf,
  listFault,
  listOf,
  madeUp,
  pointName,
  ROOT,
} from './list-stage.ts';
import { authority, type Entity } from './path-stage.ts';

const DAY_MS = 86_400_000;
const SERIAL = Buffer.from('51', 'hex');
const REVOKED = [{ serial: SERIAL, reason: 1 }];
const OTHER = { serial: Buffer.from('52', 'hex') };
const CDP = 'http://example.com/cdp.crl';
const leaf = leafOf(ROOT, '51');

function asked(list: Buffer, of: Entity = leaf, issuer: Entity = ROOT): string {
  return judgeLists([of, issuer], [list]);
}

function scoped(listUri: string, ...leafNames: readonly string[]): string {
  const points = distributionPoints([pointName(fullName(...leafNames))]);
  const list = listOf(ROOT, { extensions: [issuingPoint(fullName(`uri:${listUri}`))] });
  return asked(list, leafOf(ROOT, '51', ...(leafNames.length === 0 ? [] : [points])));
}

describe('what x509-limbo expects of revocation lists, with our own', () => {
  const many = Array.from({ length: 10_000 }, (_, n) => ({
    serial: Buffer.from(`40${n.toString(16).padStart(8, '0')}`, 'hex'),
  }));
  const rows: readonly (readonly [id: string, verdict: string, run: () => string])[] = [
    [
      'revoked-certificate-with-crl',
      'revoked: keyCompromise',
      () => asked(listOf(ROOT, { entries: REVOKED })),
    ],
    ['certificate-not-on-crl', 'good', () => asked(listOf(ROOT, { entries: [OTHER] }))],
    [
      'certificate-serial-on-crl-different-issuer',
      'good',
      () => {
        const stranger = authority({ subject: 'CN=Root CA 2' });
        return judgeLists([leaf, ROOT], [listOf(ROOT), listOf(stranger, { entries: REVOKED })]);
      },
    ],
    [
      'crlnumber-critical',
      'list-missing',
      () => asked(listOf(ROOT, { number: listNumber(1, true) })),
    ],
    [
      'issuer-missing-crlsign',
      'list-signer-not-allowed',
      () => {
        const silent = authority({ subject: 'CN=silent', keyUsage: keyUsage(5) });
        return asked(listOf(silent), leafOf(silent, '51'), silent);
      },
    ],
    [
      'issuer-no-keyusage-extension',
      'good',
      () => {
        const silent = authority({ subject: 'CN=silent', keyUsage: null });
        return asked(listOf(silent), leafOf(silent, '51'), silent);
      },
    ],
    ['issuer-valid-crlsign-and-keycertsign', 'good', () => asked(listOf(ROOT))],
    [
      'crl-invalid-signature, crl-wrong-signing-key',
      'list-signature-bad',
      () => asked(listOf(ROOT, { signer: ecKey() })),
    ],
    ['crl-empty', 'good', () => asked(listOf(ROOT))],
    ['crl-very-large', 'good', () => asked(listOf(ROOT, { entries: many }))],
    [
      'crl-unknown-critical-extension',
      'list-missing',
      () => asked(listOf(ROOT, { extensions: [madeUp(true)] })),
    ],
    [
      'crl-unknown-noncritical-extension',
      'good',
      () => asked(listOf(ROOT, { extensions: [madeUp(false)] })),
    ],
    [
      'entry-unknown-critical-extension',
      'list-missing',
      () => asked(listOf(ROOT, { entries: [{ serial: SERIAL, extensions: [madeUp(true)] }] })),
    ],
    [
      'entry-unknown-noncritical-extension',
      'revoked: unspecified',
      () => asked(listOf(ROOT, { entries: [{ serial: SERIAL, extensions: [madeUp(false)] }] })),
    ],
    [
      'this-update-in-future',
      'list-not-yet-valid',
      () => asked(listOf(ROOT, { thisUpdate: utcTime(TEST_TIME_MS + DAY_MS) })),
    ],
    [
      'next-update-in-past, crl-validity-no-overlap',
      'list-expired',
      () => asked(listOf(ROOT, { nextUpdate: utcTime(TEST_TIME_MS - 30 * DAY_MS) })),
    ],
    [
      'revocation-date-in-future',
      'revoked: keyCompromise',
      () => {
        const entries = [{ serial: SERIAL, reason: 1, revokedAtMs: TEST_TIME_MS + DAY_MS }];
        return asked(listOf(ROOT, { entries }));
      },
    ],
    [
      'revocation-date-before-not-before',
      'revoked: keyCompromise',
      () => {
        const entries = [{ serial: SERIAL, reason: 1, revokedAtMs: Date.UTC(2020, 0, 1) }];
        return asked(listOf(ROOT, { entries }));
      },
    ],
    [
      'idp-cdp-scope-mismatch',
      'list-out-of-scope',
      () => scoped('http://example.com/other.crl', `uri:${CDP}`),
    ],
    ['idp-cdp-scope-match', 'good', () => scoped(CDP, `uri:${CDP}`)],
    [
      'idp-cdp-scope-match, by the second of two points',
      'good',
      () => {
        const place = (uri: string) => [pointName(fullName(`uri:${uri}`))];
        const points = distributionPoints(place('http://example.com/other.crl'), place(CDP));
        const list = listOf(ROOT, { extensions: [issuingPoint(fullName(`uri:${CDP}`))] });
        return asked(list, leafOf(ROOT, '51', points));
      },
    ],
    [
      'idp-only-contains-user-certs-ca-target',
      'list-out-of-scope',
      () =>
        asked(
          listOf(ROOT, { extensions: [issuingPoint(undefined, 1)] }),
          authority({ subject: 'CN=ca' }, ROOT),
        ),
    ],
    [
      'idp-only-contains-ca-certs-ee-target',
      'list-out-of-scope',
      () => asked(listOf(ROOT, { extensions: [issuingPoint(undefined, 2)] })),
    ],
    [
      'idp-only-contains-attribute-certs',
      'list-missing',
      () => asked(listOf(ROOT, { extensions: [issuingPoint(undefined, 5)] })),
    ],
    ['idp-present-certificate-missing-cdp', 'list-out-of-scope', () => scoped(CDP)],
    [
      'idp-uri-not-byte-identical',
      'list-out-of-scope',
      () => scoped('http://example.com/crls/shard.crl', 'uri:http://example.com/crls/%73hard.crl'),
    ],
    [
      'cabf: idp-name-relative-to-crl-issuer',
      'list-out-of-scope',
      () => {
        const relative = der(0xa1, nameOf('CN=partition').subarray(4));
        return asked(listOf(ROOT, { extensions: [issuingPoint(relative)] }));
      },
    ],
    [
      'cabf: idp-indirect-crl',
      'list-missing',
      () => asked(listOf(ROOT, { extensions: [issuingPoint(fullName(`uri:${CDP}`), 4)] })),
    ],
    [
      'cabf: idp-only-some-reasons-no-complete-crl',
      'list-missing',
      () => {
        const reasons = der(0x83, Buffer.of(6, 0x40));
        const point = der(0xa0, fullName(`uri:${CDP}`));
        const scope = extension('2.5.29.28', true, sequence(point, reasons));
        const named = distributionPoints([pointName(fullName(`uri:${CDP}`))]);
        return asked(listOf(ROOT, { extensions: [scope] }), leafOf(ROOT, '51', named));
      },
    ],
    [
      'external: crl-invalid-version',
      'list-version-unsupported',
      () => listFault(listOf(ROOT, { version: 3, entries: REVOKED })),
    ],
    [
      'external: crl-missing-next-update',
      'list-no-next-update',
      () => listFault(listOf(ROOT, { nextUpdate: null, entries: REVOKED })),
    ],
  ];
  for (const [id, verdict, run] of rows) {
    it(`${id}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

describe('where x509-limbo would have a list unread, it is read: unread, it would revoke nothing', () => {
  const generalized = (ms: number) =>
    der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`));
  const rows: readonly (readonly [id: string, verdict: string, run: () => string])[] = [
    [
      'crlnumber-missing: the number only tells lists apart, and dates do that here',
      'revoked: keyCompromise',
      () => asked(listOf(ROOT, { number: null, extensions: [madeUp(false)], entries: REVOKED })),
    ],
    [
      'crl-duplicate-revoked-serial: no RFC forbids it',
      'revoked: keyCompromise',
      () => asked(listOf(ROOT, { entries: [...REVOKED, ...REVOKED] })),
    ],
    [
      'crl-update-generalizedtime-2025: RFC 5280 §4.1.2.5 has readers take both forms',
      'revoked: keyCompromise',
      () => {
        const thisUpdate = generalized(TEST_TIME_MS - DAY_MS);
        const nextUpdate = generalized(TEST_TIME_MS + DAY_MS);
        return asked(listOf(ROOT, { thisUpdate, nextUpdate, entries: REVOKED }));
      },
    ],
    [
      'cabf: idp-fullname-non-uri-generalname: RFC 5280 §5.2.5 allows any name',
      'good',
      () => {
        const name = fullName(`uri:${CDP}`, 'dns:example.com');
        const point = distributionPoints([pointName(fullName(`uri:${CDP}`))]);
        return asked(listOf(ROOT, { extensions: [issuingPoint(name)] }), leafOf(ROOT, '51', point));
      },
    ],
    [
      'idp-present-certificate-cdp-non-uri-generalname: likewise',
      'good',
      () => scoped(CDP, `uri:${CDP}`, 'dns:example.com'),
    ],
  ];
  for (const [id, verdict, run] of rows) it(id, () => assert.equal(run(), verdict));
});
