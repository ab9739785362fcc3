import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  basicConstraints,
  bitString,
  der,
  extension,
  keyUsage,
  nameOfAttributes,
  sequence,
  utcTime,
} from '../../x509-builder.ts';
import { authority, type Entity, endEntity, judge } from './path-stage.ts';
import { anchor, chain, under } from './pkits-stage.ts';

const PRINTABLE = 0x13;
const UTF8 = 0x0c;
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const UNIT = '2.5.4.11';
const EXPIRED = { notBeforeMs: 0, notAfterMs: Date.UTC(2002, 0, 1) };
const FUTURE = { notBeforeMs: Date.UTC(2047, 0, 1), notAfterMs: Date.UTC(2049, 0, 1) };
const ca = authority({ subject: 'CN=good ca' }, anchor);

/** A leaf whose issuer is written otherwise than the authority writes itself. */
function renamed(subject: Buffer, issuer: Buffer): string {
  const named = authority({ subject }, anchor);
  const leaf = endEntity({ ...named, subject: issuer });
  return judge({ leaf, anchors: [anchor], intermediates: [named] });
}

const name = (tag: number, ...values: readonly (readonly [string, string])[]) =>
  nameOfAttributes(values.map(([type, value]) => [type, tag, value]));
const good = (tag: number, organization: string, commonName: string) =>
  name(tag, [ORGANIZATION, organization], [COMMON_NAME, commonName]);
const lengths = (...all: readonly (number | undefined)[]) =>
  chain(...all.map((length) => ({ basicConstraints: basicConstraints(true, length) })));
/** Lengths, and authorities that renew their own key: `=`. */
const renewing = (...all: readonly (number | undefined | '=')[]) => {
  let last = '';
  return chain(
    ...all.map((length, n) => {
      if (length !== '=') last = `CN=ca ${n}`;
      return length === '='
        ? { subject: last }
        : { subject: last, basicConstraints: basicConstraints(true, length) };
    }),
  );
};
/** The last authority as the end of the path. */
const asEnd = (authorities: readonly Entity[]) => {
  const oddities = { basicConstraints: basicConstraints(true), keyUsage: keyUsage(0, 5, 6) };
  return under(authorities, oddities);
};
describe('NIST PKITS, paths (made anew)', () => {
  const rows: readonly (readonly [test: string, verdict: string, run: () => string])[] = [
    ['4.1.1 valid signatures', 'accepted', () => under([ca])],
    ['4.1.2 a bad signature on the authority', 'path-signature-bad', () => under([spoilt(ca)])],
    [
      '4.1.3 a bad signature on the leaf',
      'path-signature-bad',
      () => judge({ leaf: spoilt(endEntity(ca)), anchors: [anchor], intermediates: [ca] }),
    ],
    ['4.2.1 the authority is of the future', 'path-not-yet-valid', () => under(chain(FUTURE))],
    ['4.2.2 the leaf is of the future', 'path-not-yet-valid', () => under([ca], FUTURE)],
    [
      '4.2.3 notBefore in 1950, as UTCTime',
      'accepted',
      () =>
        under([ca], {
          validity: sequence(
            der(0x17, Buffer.from('500101000000Z')),
            utcTime(Date.UTC(2030, 0, 1)),
          ),
        }),
    ],
    [
      '4.2.4 notBefore as GeneralizedTime',
      'accepted',
      () =>
        under([ca], {
          validity: sequence(
            der(0x18, Buffer.from('20020101120100Z')),
            utcTime(Date.UTC(2030, 0, 1)),
          ),
        }),
    ],
    ['4.2.5 the authority has expired', 'path-expired', () => under(chain(EXPIRED))],
    ['4.2.6 the leaf has expired', 'path-expired', () => under([ca], EXPIRED)],
    [
      '4.2.7 notAfter in 1999, as UTCTime',
      'path-expired',
      () => under([ca], { notBeforeMs: 0, notAfterMs: Date.UTC(1999, 0, 1) }),
    ],
    [
      '4.2.8 notAfter in 2050, as GeneralizedTime',
      'accepted',
      () =>
        under([ca], {
          validity: sequence(
            utcTime(Date.UTC(2002, 0, 1)),
            der(0x18, Buffer.from('20500101120100Z')),
          ),
        }),
    ],
    [
      '4.3.1 another common name',
      'path-not-found',
      () => renamed(good(PRINTABLE, 'Test', 'Good CA'), good(PRINTABLE, 'Test', 'Good CA Root')),
    ],
    [
      '4.3.2 the units in another order',
      'path-not-found',
      () =>
        renamed(
          name(PRINTABLE, [UNIT, '1'], [UNIT, '2']),
          name(PRINTABLE, [UNIT, '2'], [UNIT, '1']),
        ),
    ],
    [
      '4.3.3 more spaces inside',
      'accepted',
      () => renamed(good(PRINTABLE, 'Test', 'Good CA'), good(PRINTABLE, 'Test', 'Good      CA')),
    ],
    [
      '4.3.4 spaces around',
      'accepted',
      () => renamed(good(PRINTABLE, 'Test', 'Good CA'), good(PRINTABLE, '  Test ', '   Good CA ')),
    ],
    [
      '4.3.5 other capitals',
      'accepted',
      () => renamed(good(PRINTABLE, 'Test', 'Good CA'), good(PRINTABLE, 'TEST', 'GOOD ca')),
    ],
    [
      '4.3.7 attributes that everybody must know',
      'accepted',
      () => {
        const subject = nameOfAttributes([
          ['2.5.4.6', PRINTABLE, 'US'],
          [ORGANIZATION, PRINTABLE, 'Test'],
          ['0.9.2342.19200300.100.1.25', 0x16, 'gov'],
          ['2.5.4.8', PRINTABLE, 'Maryland'],
          ['2.5.4.5', PRINTABLE, '345'],
          ['2.5.4.46', PRINTABLE, 'CA'],
        ]);
        return renamed(subject, subject);
      },
    ],
    [
      '4.3.8 attributes that are known as well',
      'accepted',
      () => {
        const types = [
          '2.5.4.7',
          '2.5.4.12',
          '2.5.4.4',
          '2.5.4.42',
          '2.5.4.43',
          '2.5.4.65',
          '2.5.4.44',
        ];
        const subject = nameOfAttributes(types.map((type) => [type, PRINTABLE, 'Some']));
        return renamed(subject, subject);
      },
    ],
    [
      '4.3.9 names in UTF-8',
      'accepted',
      () => renamed(good(UTF8, 'Test', 'UTF8 CA'), good(UTF8, 'Test', 'UTF8 CA')),
    ],
    [
      '4.3.10 UTF-8 for what was printable',
      'accepted',
      () => renamed(good(PRINTABLE, 'Test', 'Rollover CA'), good(UTF8, 'Test', 'Rollover CA')),
    ],
    [
      '4.3.11 UTF-8 in other capitals and spaces',
      'accepted',
      () => renamed(good(UTF8, 'Test', 'UTF8  Case'), good(UTF8, ' TEST', 'utf8 case')),
    ],

    ['4.5.1 old key, certified by the new', 'accepted', () => under(renewing(undefined, '='))],
    [
      '4.5.8 a leaf by the key for lists',
      'path-issuer-not-ca',
      () => under([...chain({ subject: 'CN=x' }), listSigner()]),
    ],
    [
      '4.6.1 no basicConstraints',
      'path-issuer-not-ca',
      () => under(chain({ basicConstraints: null })),
    ],
    [
      '4.6.2 cA false, critical',
      'path-issuer-not-ca',
      () => under(chain({ basicConstraints: basicConstraints(false) })),
    ],
    [
      '4.6.3 cA false, not critical',
      'path-issuer-not-ca',
      () => under(chain({ basicConstraints: basicConstraints(false, undefined, false) })),
    ],
    [
      '4.6.4 cA true, not critical',
      'accepted',
      () => under(chain({ basicConstraints: basicConstraints(true, undefined, false) })),
    ],
    ['4.6.5 0, then one more', 'path-length-exceeded', () => under(lengths(0, undefined))],
    [
      '4.6.6 0, then one more, then an authority',
      'path-length-exceeded',
      () => asEnd(lengths(0, undefined)),
    ],
    ['4.6.7 0, then the leaf', 'accepted', () => under(lengths(0))],
    ['4.6.8 0, then an authority as the end', 'accepted', () => asEnd(lengths(0))],
    ['4.6.9 6, 0, 0', 'path-length-exceeded', () => under(lengths(6, 0, 0))],
    ['4.6.10 6, 0, 0, then an authority', 'path-length-exceeded', () => asEnd(lengths(6, 0, 0))],
    ['4.6.11 6, 1, 1, any', 'path-length-exceeded', () => under(lengths(6, 1, 1, undefined))],
    [
      '4.6.12 6, 1, 1, any, then an authority',
      'path-length-exceeded',
      () => asEnd(lengths(6, 1, 1, undefined)),
    ],
    ['4.6.13 6, 4, 1, any', 'accepted', () => under(lengths(6, 4, 1, undefined))],
    [
      '4.6.14 6, 4, 1, any, then an authority',
      'accepted',
      () => asEnd(lengths(6, 4, 1, undefined)),
    ],
    ['4.6.15 0, then its own renewal', 'accepted', () => under(renewing(0, '='))],
    [
      '4.6.16 0, its own renewal, and one more',
      'path-length-exceeded',
      () => under(renewing(0, '=', undefined)),
    ],
    [
      '4.6.17 1, its own renewal, one more, and its renewal',
      'accepted',
      () => under(renewing(1, '=', undefined, '=')),
    ],
    [
      '4.7.1 no keyCertSign, critical',
      'path-key-usage-refused',
      () => under(chain({ keyUsage: keyUsage(6) })),
    ],
    [
      '4.7.2 no keyCertSign, not critical',
      'path-key-usage-refused',
      () => under(chain({ keyUsage: usage(0x02) })),
    ],
    ['4.7.3 keyUsage, not critical', 'accepted', () => under(chain({ keyUsage: usage(0x06) }))],
    ['4.16.1 an unknown extension', 'accepted', () => under([ca], { more: [madeUp(false)] })],
    [
      '4.16.2 an unknown critical extension',
      'path-critical-extension-unhandled',
      () => under([ca], { more: [madeUp(true)] }),
    ],
  ];
  for (const [test, verdict, run] of rows) {
    it(`${test}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

/** The same with another last octet of its signature. */
function spoilt(one: Entity): Entity {
  const changed = Buffer.from(one.der);
  changed[changed.length - 1] = (changed[changed.length - 1] as number) ^ 1;
  return { ...one, der: changed };
}

function listSigner(): Entity {
  const [one] = chain({ subject: 'CN=x' });
  return authority({ subject: 'CN=x', basicConstraints: null, keyUsage: keyUsage(6) }, one);
}

/** keyUsage that is not critical, its bits in one octet. */
function usage(bits: number): Buffer {
  return extension('2.5.29.15', false, bitString(Buffer.of(bits), 1));
}

function madeUp(isCritical: boolean): Buffer {
  return extension('2.16.840.1.101.2.1.12.2', isCritical, der(0x05));
}
