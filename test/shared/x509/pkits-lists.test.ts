import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EntryDraft, issuingPoint } from '../../revocation-list-builder.ts';
import {
  bitString,
  der,
  ecKey,
  extension,
  generalName,
  integer,
  keyUsage,
  nameOfAttributes,
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

const SERIAL = Buffer.from('51', 'hex');
const REVOKED = [{ serial: SERIAL, reason: 1 }];
const HELD = [{ serial: SERIAL, reason: 6 }];
const ca = authority({ subject: 'O=Lists,CN=ca' }, ROOT);
const other = authority({ subject: 'CN=other' }, ROOT);
const leaf = leafOf(ca, '51');
const ofRoot = listOf(ROOT);
const LONG = '7f01020304050607080910111213141516171819';

/** A verdict on a leaf of the authority, whose own certificate is on no list. */
function asked(lists: readonly Buffer[], of: Entity = leaf, issuer: Entity = ca): string {
  return judgeLists([of, issuer, ROOT], [ofRoot, ...lists]);
}

const crlKey = ecKey();
const NAMED = fullName('dn:O=Lists,CN=ca,CN=one');
const OTHER_NAME = fullName('dn:O=Lists,CN=ca,CN=two');
const RELATIVE = der(0xa1, attribute('one'));
const OTHER_RELATIVE = der(0xa1, attribute('two'));
const at = (name: Buffer) => leafOf(ca, '51', distributionPoints([pointName(name)]));
const reasons = (...bits: readonly number[]) => {
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  const last = Math.max(...bits);
  const flags = bitString(Buffer.of(byte), 7 - last).subarray(2);
  return extension('2.5.29.28', true, der(0x30, der(0xa0, NAMED), der(0x83, flags)));
};
const delta = extension('2.5.29.27', true, integer(1));

describe('NIST PKITS, lists (made anew)', () => {
  const rows: readonly (readonly [test: string, verdict: string, run: () => string])[] = [
    ['4.4.1 no list', 'list-missing', () => asked([])],
    [
      '4.4.2 the authority is revoked',
      'revoked: cACompromise',
      () => {
        const lists = [listOf(ROOT, { entries: [{ serial: SERIAL, reason: 2 }] }), listOf(ca)];
        return judgeLists([leafOf(ca, '52'), ca, ROOT], lists);
      },
    ],
    [
      '4.4.3 the leaf is revoked',
      'revoked: keyCompromise',
      () => asked([listOf(ca, { entries: REVOKED })]),
    ],
    ['4.4.4 a bad signature', 'list-signature-bad', () => asked([listOf(ca, { signer: ecKey() })])],
    [
      '4.4.5 another issuer’s name',
      'list-missing',
      () => asked([listOf({ ...ca, subject: 'CN=nobody' })]),
    ],
    ['4.4.6 another authority’s list', 'list-missing', () => asked([listOf(other)])],
    [
      '4.4.7 two lists, the one that revokes of another name',
      'good',
      () => asked([listOf({ ...ca, subject: 'CN=nobody' }, { entries: REVOKED }), listOf(ca)]),
    ],
    [
      '4.4.8 an unknown critical extension in the entry',
      'list-missing',
      () => asked([listOf(ca, { entries: [{ serial: SERIAL, extensions: [madeUp(true)] }] })]),
    ],
    [
      '4.4.9 an unknown critical extension, the leaf listed',
      'list-missing',
      () => asked([listOf(ca, { entries: REVOKED, extensions: [madeUp(true)] })]),
    ],
    [
      '4.4.10 an unknown critical extension, the leaf not listed',
      'list-missing',
      () => asked([listOf(ca, { extensions: [madeUp(true)] })]),
    ],
    [
      '4.4.11 nextUpdate long past',
      'list-expired',
      () => asked([listOf(ca, { nextUpdate: utcTime(Date.UTC(2010, 0, 1)) })]),
    ],
    [
      '4.4.12 nextUpdate before 2000',
      'list-expired',
      () => asked([listOf(ca, { nextUpdate: utcTime(Date.UTC(1999, 0, 1)) })]),
    ],
    [
      '4.4.13 nextUpdate in 2050',
      'good',
      () => asked([listOf(ca, { nextUpdate: der(0x18, Buffer.from('20500101120100Z')) })]),
    ],
    [
      '4.4.14 serial 255, and -1 is revoked',
      'good',
      () =>
        asked(
          [listOf(ca, { entries: [{ serial: Buffer.of(0xff), reason: 1 }] })],
          leafOf(ca, '00ff'),
        ),
    ],
    [
      '4.4.16 a long serial, another in the last octet revoked',
      'good',
      () =>
        asked(
          [listOf(ca, { entries: [{ serial: Buffer.from(LONG, 'hex') }] })],
          leafOf(ca, `${LONG.slice(0, -2)}20`),
        ),
    ],
    [
      '4.4.17 a long serial, another in the first octet revoked',
      'good',
      () =>
        asked(
          [listOf(ca, { entries: [{ serial: Buffer.from(LONG, 'hex') }] })],
          leafOf(ca, `7e${LONG.slice(2)}`),
        ),
    ],
    [
      '4.4.18 a long serial, revoked',
      'revoked: keyCompromise',
      () =>
        asked(
          [listOf(ca, { entries: [{ serial: Buffer.from(LONG, 'hex'), reason: 1 }] })],
          leafOf(ca, LONG),
        ),
    ],
    ['4.5.3 new key, certified by the old', 'good', () => judgeLists(...rollover([]))],
    [
      '4.5.3 the same, the leaf revoked',
      'revoked: keyCompromise',
      () => judgeLists(...rollover(REVOKED)),
    ],
    [
      '4.7.4 keyUsage without cRLSign, critical',
      'list-signer-not-allowed',
      () => {
        const silent = authority({ subject: 'CN=silent', keyUsage: keyUsage(5) }, ROOT);
        return asked([listOf(silent)], leafOf(silent, '51'), silent);
      },
    ],
    [
      '4.7.5 keyUsage without cRLSign, not critical',
      'list-signer-not-allowed',
      () => {
        const usage = extension('2.5.29.15', false, bitString(Buffer.of(0x04), 2));
        const silent = authority({ subject: 'CN=silent', keyUsage: usage }, ROOT);
        return asked([listOf(silent)], leafOf(silent, '51'), silent);
      },
    ],

    [
      '4.14.1 the same full name',
      'good',
      () => asked([listOf(ca, { extensions: [issuingPoint(NAMED)] })], at(NAMED)),
    ],
    [
      '4.14.2 the same full name, the leaf revoked',
      'revoked: keyCompromise',
      () => asked([listOf(ca, { extensions: [issuingPoint(NAMED)], entries: REVOKED })], at(NAMED)),
    ],
    [
      '4.14.3 another full name',
      'list-out-of-scope',
      () => asked([listOf(ca, { extensions: [issuingPoint(NAMED)] })], at(OTHER_NAME)),
    ],
    [
      '4.14.4 relative in the leaf, full in the list',
      'good',
      () => asked([listOf(ca, { extensions: [issuingPoint(NAMED)] })], at(RELATIVE)),
    ],
    [
      '4.14.5 relative in both',
      'good',
      () => asked([listOf(ca, { extensions: [issuingPoint(RELATIVE)] })], at(RELATIVE)),
    ],
    [
      '4.14.6 relative in both, the leaf revoked',
      'revoked: keyCompromise',
      () =>
        asked(
          [listOf(ca, { extensions: [issuingPoint(RELATIVE)], entries: REVOKED })],
          at(RELATIVE),
        ),
    ],
    [
      '4.14.7 full in the leaf, relative in the list',
      'good',
      () => asked([listOf(ca, { extensions: [issuingPoint(RELATIVE)] })], at(NAMED)),
    ],
    [
      '4.14.8 full in the leaf, another relative in the list',
      'list-out-of-scope',
      () => asked([listOf(ca, { extensions: [issuingPoint(OTHER_RELATIVE)] })], at(NAMED)),
    ],
    [
      '4.14.9 a point in the list alone',
      'list-out-of-scope',
      () => asked([listOf(ca, { extensions: [issuingPoint(NAMED)] })]),
    ],
    ['4.14.10 a point in the leaf alone', 'good', () => asked([listOf(ca)], at(NAMED))],
    [
      '4.14.11 users alone, of an authority',
      'list-out-of-scope',
      () => asked([listOf(ca, { extensions: [issuingPoint(undefined, 1)] })], subordinate()),
    ],
    [
      '4.14.12 authorities alone, of a leaf',
      'list-out-of-scope',
      () => asked([listOf(ca, { extensions: [issuingPoint(undefined, 2)] })]),
    ],
    [
      '4.14.13 authorities alone, of an authority',
      'good',
      () => asked([listOf(ca, { extensions: [issuingPoint(undefined, 2)] })], subordinate()),
    ],
    [
      '4.14.14 attribute certificates alone',
      'list-missing',
      () => asked([listOf(ca, { extensions: [issuingPoint(undefined, 5)] })]),
    ],
    [
      '4.14.17 some reasons, not all',
      'list-missing',
      () =>
        asked(
          [
            listOf(ca, { extensions: [reasons(3, 4)] }),
            listOf(ca, { extensions: [reasons(5, 6)] }),
          ],
          at(NAMED),
        ),
    ],
    [
      '4.14.35 the point of another issuer',
      'list-out-of-scope',
      () => {
        const point = [pointName(NAMED), der(0xa2, generalName('dn:CN=other'))];
        const named = leafOf(ca, '51', distributionPoints(point));
        return asked([listOf(ca, { extensions: [issuingPoint(NAMED)] })], named);
      },
    ],
    [
      '4.15.1 a delta without its base',
      'list-missing',
      () => asked([listOf(ca, { extensions: [delta] })]),
    ],
    [
      '4.15.2 a delta beside its base',
      'good',
      () => asked([listOf(ca, { extensions: [delta] }), listOf(ca)]),
    ],
    [
      '4.15.3 a delta, the leaf on the base',
      'revoked: keyCompromise',
      () => asked([listOf(ca, { extensions: [delta] }), listOf(ca, { entries: REVOKED })]),
    ],
    [
      '4.15.6 a delta that revokes, on hold in the base',
      'revoked: certificateHold',
      () =>
        asked([
          listOf(ca, { extensions: [delta], entries: REVOKED }),
          listOf(ca, { entries: HELD }),
        ]),
    ],
    [
      '4.15.7 a delta that removes what is not on the base',
      'good',
      () =>
        asked([
          listOf(ca, { extensions: [delta], entries: [{ serial: SERIAL, reason: 8 }] }),
          listOf(ca),
        ]),
    ],
    [
      '4.15.8 a delta to another base, the leaf on neither',
      'good',
      () =>
        asked([listOf(ca, { extensions: [extension('2.5.29.27', true, integer(0))] }), listOf(ca)]),
    ],
  ];
  for (const [test, verdict, run] of rows) {
    it(`${test}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

describe('NIST PKITS, lists: what we do not claim', () => {
  const rows: readonly (readonly [test: string, verdict: string, run: () => string])[] = [
    [
      '4.4.19 a list by another key of the authority counts as none',
      'list-signature-bad',
      () => asked([listOf(ca, { signer: crlKey })]),
    ],
    [
      '4.5.4 likewise a list by its new key, of what the old one signed',
      'list-signature-bad',
      () => {
        const [, lists] = rollover([]);
        return judgeLists([leaf, ca, ROOT], [ofRoot, lists[1] as Buffer]);
      },
    ],
    [
      '4.14.18 lists of some reasons each are not put together',
      'list-missing',
      () =>
        asked(
          [
            listOf(ca, { extensions: [reasons(1, 2)] }),
            listOf(ca, { extensions: [reasons(3, 4, 5, 6)] }),
          ],
          at(NAMED),
        ),
    ],
    [
      '4.14.22 a list for other authorities too is refused',
      'list-missing',
      () => asked([listOf(ca, { extensions: [issuingPoint(undefined, 4)] })]),
    ],
    [
      '4.14.25 nor is what another authority says of ours, though we are sent to it',
      'list-missing',
      () => {
        const ours = der(0x30, generalName('dn:O=Lists,CN=ca'));
        const entries = [{ serial: SERIAL, extensions: [extension('2.5.29.29', true, ours)] }];
        const list = listOf(other, { extensions: [issuingPoint(undefined, 4)], entries });
        const point = [pointName(NAMED), der(0xa2, generalName('dn:CN=other'))];
        return asked([list], leafOf(ca, '51', distributionPoints(point)));
      },
    ],
    [
      '4.15.4 what only a delta says is not heard',
      'good',
      () => asked([listOf(ca, { extensions: [delta], entries: REVOKED }), listOf(ca)]),
    ],
    [
      '4.15.5 nor that a hold is over',
      'revoked: certificateHold',
      () => {
        const over = { extensions: [delta], entries: [{ serial: SERIAL, reason: 8 }] };
        return asked([listOf(ca, over), listOf(ca, { entries: HELD })]);
      },
    ],
  ];
  for (const [test, verdict, run] of rows) it(test, () => assert.equal(run(), verdict));

  it('4.4.15 a certificate with a serial below zero is revoked by that, and 255 by 255 alone', () => {
    const list = listOf(ca, { entries: [{ serial: Buffer.of(0xff) }] });
    assert.equal(listFault(list), 'taken');
    assert.equal(asked([list], leafOf(ca, 'ff')), 'revoked: unspecified');
    assert.equal(asked([list], leafOf(ca, '00ff')), 'good');
  });
});

/** A path over an authority's new key, which its old one certified, and a list by each of them. */
function rollover(entries: readonly EntryDraft[]): [Entity[], Buffer[]] {
  const renewed = authority({ subject: 'O=Lists,CN=ca', key: crlKey, serial: Buffer.of(2) }, ca);
  const path = [leafOf(renewed, '51'), renewed, ca, ROOT];
  return [path, [ofRoot, listOf(renewed, { entries }), listOf(ca)]];
}

function subordinate(): Entity {
  return authority({ subject: 'CN=below' }, ca);
}

/** One attribute, without the sequence and the set around it. */
function attribute(commonName: string): Buffer {
  return nameOfAttributes([['2.5.4.3', 0x13, commonName]]).subarray(4);
}
