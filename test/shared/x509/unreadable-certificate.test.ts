import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { whyUnreadable } from '@sallyport/shared/x509/unreadable-certificate.ts';
import {
  algorithm,
  buildCertificate,
  type CertificateDraft,
  der,
  ecKey,
  extension,
  keyUsage,
  nameConstraints,
  oid,
  requireExplicitPolicy,
  sequence,
  subjectAltName,
  utcTime,
} from '../../x509-builder.ts';

const key = ecKey();
const built = (draft: Partial<CertificateDraft>) =>
  buildCertificate({ subject: 'CN=x', key, ...draft });
const extended = (...extensions: readonly Buffer[]) => built({ extensions });
const vector = (name: string) =>
  readFileSync(new URL(`../../vectors/odd-certificates/${name}`, import.meta.url));
const good = built({});

const rows: readonly (readonly [what: string, bytes: Buffer, told: RegExp])[] = [
  ['cut off', good.subarray(0, -1), /^it is cut off/],
  ['something behind it', Buffer.concat([good, Buffer.of(0)]), /^it is cut off, has something/],
  ['nothing', Buffer.alloc(0), /^it is cut off/],
  ['version 4', built({ version: 4 }), /^its version/],
  ['a padded serial number', built({ serial: Buffer.of(0, 1) }), /^its serial number is padded/],
  ['one date', built({ validity: der(0x30, utcTime(0)) }), /^a date /],
  ['a year of four digits in UTCTime', vector('date-of-1902.der'), /^a date is no day since 1950/],
  ['keyUsage twice', extended(keyUsage(0), keyUsage(0)), /^keyUsage is in it twice$/],
  [
    'an unknown extension twice',
    extended(extension('1.2.3', false, der(5)), extension('1.2.3', false, der(5))),
    /^extension 1\.2\.3 is in it twice$/,
  ],
  ['keyUsage that is NULL', extended(extension('2.5.29.15', true, der(5))), /^keyUsage is malf/],
  [
    'the second extension',
    extended(keyUsage(0), subjectAltName(['dns:\u0000']), requireExplicitPolicy(0)),
    /^subjectAltName is malformed: a name has characters/,
  ],
  ['an empty name space', extended(nameConstraints([])), /^nameConstraints is malformed: it is em/],
  ['a host name with a dot before it', vector('harica-2011.der'), /^nameConstraints .*with a dot/],
  ['a padded policy', vector('tbs-x509-2005.der'), /^certificatePolicies is malformed$/],
  [
    'inhibitAnyPolicy of 2147483648',
    extended(extension('2.5.29.54', true, der(0x02, Buffer.from('0080000000', 'hex')))),
    /^inhibitAnyPolicy is malformed: its number/,
  ],
  [
    'BER true',
    extended(sequence(oid('2.5.29.15'), der(0x01, Buffer.of(1)), der(0x04, der(5)))),
    /^keyUsage is malformed$/,
  ],
  [
    'extensions in version 1',
    built({ version: 1, extensions: [keyUsage(0)] }),
    /^it has extensions but/,
  ],
  [
    'two algorithms',
    built({ outerAlgorithm: algorithm('1.2.840.10045.4.3.3') }),
    /^it names two different signature algorithms$/,
  ],
  ['too large', extended(extension('1.2.3', false, Buffer.alloc(33_000))), /^it is larger than/],
];

describe('why a certificate cannot be read', () => {
  for (const [what, bytes, told] of rows) {
    it(`${what}: ${told.source}`, () => {
      assert.equal(parseCertificate(bytes).ok, false, 'it can be read');
      assert.match(whyUnreadable(bytes), told);
    });
  }

  it('is one sentence for any changed octet of a certificate', () => {
    for (let n = 0; n < good.length; n++) {
      for (const mask of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(good);
        changed[n] = (changed[n] as number) ^ mask;
        assert.match(whyUnreadable(changed), /^[a-zA-Z][\x20-\x7e]{10,140}$/);
      }
    }
  });
});
