import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import {
  algorithm,
  bitString,
  der,
  ecKey,
  extension,
  integer,
  nameOf,
  oid,
  sequence,
  utcTime,
} from '../../x509-builder.ts';

const key = ecKey();
const ECDSA = algorithm('1.2.840.10045.4.3.2');
const CN = oid('2.5.4.3');
const [FROM, TO] = [utcTime(Date.UTC(2026, 0, 1)), utcTime(Date.UTC(2027, 0, 1))];
const GENERAL = der(0x18, Buffer.from('20260101000000Z'));
const V2 = der(0xa0, integer(1));
const V3 = der(0xa0, integer(2));
const UNKNOWN = extension('1.2.3.4', false, der(0x05));
const EXTENSIONS = der(0xa3, sequence(UNKNOWN));
const issuerId = (...octets: readonly number[]) => der(0x81, Buffer.from(octets));
const subjectId = (...octets: readonly number[]) => der(0x82, Buffer.from(octets));
const NOTHING: Buffer = Buffer.alloc(0);

/** What a certificate is made of, each part as its octets (RFC 5280 §4.1). */
const plain = {
  version: V3,
  serial: integer(81),
  algorithm: ECDSA,
  issuer: nameOf('CN=issuer'),
  validity: sequence(FROM, TO),
  subject: nameOf('CN=subject'),
  spki: key.spki,
  ids: NOTHING,
  extensions: EXTENSIONS,
  behind: NOTHING,
};

function tbs(parts: Partial<typeof plain> = {}): Buffer {
  return sequence(...Object.values({ ...plain, ...parts }));
}

function signed(body: Buffer): Buffer {
  return sequence(body, ECDSA, bitString(sign('sha256', body, key.privateKey)));
}

const of = (parts: Partial<typeof plain>) => signed(tbs(parts));
const SIGNATURE = bitString(Buffer.from('30060201010201ff', 'hex'));
const attribute = (...parts: readonly Buffer[]) => sequence(der(0x31, sequence(...parts)));
const text = (value: string, tag = 0x0c) => der(tag, Buffer.from(value));
const spkiOf = (...parts: readonly Buffer[]) => sequence(...parts);
const KEY_ALGORITHM = algorithm('1.2.840.10045.2.1', oid('1.2.840.10045.3.1.7'));
const POINT = key.spki.subarray(-65);

/** The same element with its length in one octet more than it needs. */
function longer(element: Buffer): Buffer {
  const isShort = (element[1] as number) < 0x80;
  const header = isShort
    ? Buffer.of(element[0] as number, 0x81, element[1] as number)
    : Buffer.of(element[0] as number, 0x83, 0, ...element.subarray(2, 4));
  return Buffer.concat([header, element.subarray(isShort ? 2 : 4)]);
}

function indefinite(element: Buffer): Buffer {
  const start = (element[1] as number) < 0x80 ? 2 : 2 + ((element[1] as number) & 0x7f);
  const tag = (element[0] as number) | 0x20;
  return Buffer.concat([Buffer.of(tag, 0x80), element.subarray(start), Buffer.alloc(2)]);
}

const MALFORMED = 'certificate-malformed';
const EXTENSIONS_MALFORMED = 'certificate-extensions-malformed';

const rows: readonly (readonly [what: string, bytes: Buffer, fault: string | undefined])[] = [
  ['all as it should be', of({}), undefined],
  ['a SET', Buffer.concat([Buffer.of(0x31), of({}).subarray(1)]), MALFORMED],
  ['an empty sequence', sequence(), MALFORMED],
  ['no signature', sequence(tbs(), ECDSA), MALFORMED],
  ['a signature that is an OCTET STRING', sequence(tbs(), ECDSA, der(0x04, POINT)), MALFORMED],
  ['a signature with unused bits', sequence(tbs(), ECDSA, bitString(POINT, 1)), MALFORMED],
  ['a signature in pieces', sequence(tbs(), ECDSA, der(0x23, SIGNATURE)), MALFORMED],
  ['something behind the signature', sequence(tbs(), ECDSA, SIGNATURE, der(0x05)), MALFORMED],
  ['an algorithm that is no sequence', sequence(tbs(), oid('1.2.3'), SIGNATURE), MALFORMED],
  ['an indefinite length', indefinite(of({})), MALFORMED],
  ['an indefinite length of what is signed', signed(indefinite(tbs())), MALFORMED],
  ['a length with a leading zero', longer(of({})), MALFORMED],
  ['a long length of the serial number', of({ serial: longer(integer(81)) }), MALFORMED],
  [
    'version 1, written out',
    of({ version: der(0xa0, integer(0)), extensions: NOTHING }),
    MALFORMED,
  ],
  ['version 1 with extensions', of({ version: NOTHING }), MALFORMED],
  [
    'version 1 with an identifier',
    of({ version: NOTHING, extensions: NOTHING, ids: issuerId(0, 1) }),
    MALFORMED,
  ],
  ['version 2', of({ version: V2, extensions: NOTHING }), undefined],
  ['version 2 with extensions', of({ version: V2 }), MALFORMED],
  [
    'version 2 with both identifiers',
    of({
      version: V2,
      extensions: NOTHING,
      ids: Buffer.concat([issuerId(0, 1), subjectId(4, 0x70)]),
    }),
    undefined,
  ],
  ['version -1', of({ version: der(0xa0, der(0x02, Buffer.of(0xff))) }), MALFORMED],
  ['version 259', of({ version: der(0xa0, integer(258)) }), MALFORMED],
  ['a version without number', of({ version: der(0xa0) }), MALFORMED],
  ['two versions', of({ version: der(0xa0, integer(2), integer(2)) }), MALFORMED],
  ['a version that is not wrapped', of({ version: integer(2) }), MALFORMED],
  ['identifiers', of({ ids: Buffer.concat([issuerId(0), subjectId(0, 1)]) }), undefined],
  [
    'identifiers the other way round',
    of({ ids: Buffer.concat([subjectId(0), issuerId(0)]) }),
    MALFORMED,
  ],
  ['an identifier twice', of({ ids: Buffer.concat([issuerId(0), issuerId(0)]) }), MALFORMED],
  ['an identifier in pieces', of({ ids: der(0xa1, bitString(POINT)) }), MALFORMED],
  ['an identifier of no octets', of({ ids: issuerId() }), MALFORMED],
  ['an identifier with eight unused bits', of({ ids: issuerId(8, 0) }), MALFORMED],
  ['an identifier with unused bits of nothing', of({ ids: issuerId(1) }), MALFORMED],
  ['an identifier with unused bits that are set', of({ ids: issuerId(4, 0x71) }), MALFORMED],
  ['a serial number that is ENUMERATED', of({ serial: der(0x0a, Buffer.of(1)) }), MALFORMED],
  ['an issuer that is a SET', of({ issuer: der(0x31) }), MALFORMED],
  ['an attribute without value', of({ issuer: attribute(CN) }), MALFORMED],
  ['an attribute without type', of({ issuer: attribute(text('x')) }), MALFORMED],
  ['an attribute of nothing', of({ issuer: attribute() }), MALFORMED],
  [
    'a second attribute of nothing',
    of({ issuer: sequence(der(0x31, sequence(CN, text('x')), sequence())) }),
    MALFORMED,
  ],
  ['a name that is cut off', of({ subject: Buffer.of(0x30, 3, 0x31, 9, 0) }), MALFORMED],
  ['UTF-8 that is none', of({ subject: attribute(CN, der(0x0c, Buffer.of(0xff))) }), MALFORMED],
  [
    'UTF-8 in too many octets',
    of({ subject: attribute(CN, der(0x0c, Buffer.of(0xc0, 0xaf))) }),
    MALFORMED,
  ],
  [
    'UTF-8 of a surrogate',
    of({ subject: attribute(CN, der(0x0c, Buffer.of(0xed, 0xa0, 0x80))) }),
    MALFORMED,
  ],
  ['half a BMPString', of({ subject: attribute(CN, der(0x1e, Buffer.of(1))) }), MALFORMED],
  ['an IA5String of 8 bits', of({ subject: attribute(CN, der(0x16, Buffer.of(0xe9))) }), MALFORMED],
  ['two GeneralizedTimes', of({ validity: sequence(GENERAL, GENERAL) }), undefined],
  ['UTCTime until GeneralizedTime', of({ validity: sequence(FROM, GENERAL) }), undefined],
  ['GeneralizedTime until UTCTime', of({ validity: sequence(GENERAL, TO) }), undefined],
  ['an end before the beginning', of({ validity: sequence(TO, FROM) }), undefined],
  ['no end', of({ validity: sequence(FROM) }), MALFORMED],
  ['a third date', of({ validity: sequence(FROM, TO, TO) }), MALFORMED],
  ['an empty date', of({ validity: sequence(der(0x17), TO) }), MALFORMED],
  ['a date in pieces', of({ validity: sequence(der(0x37, FROM), TO) }), MALFORMED],
  ['a date as a text', of({ validity: sequence(text('260101000000Z'), TO) }), MALFORMED],
  ['a key without bits', of({ spki: spkiOf(KEY_ALGORITHM) }), MALFORMED],
  ['a key as octets', of({ spki: spkiOf(KEY_ALGORITHM, der(0x04, POINT)) }), MALFORMED],
  ['a key with unused bits', of({ spki: spkiOf(KEY_ALGORITHM, bitString(POINT, 1)) }), MALFORMED],
  [
    'something behind the key',
    of({ spki: spkiOf(KEY_ALGORITHM, bitString(POINT), der(0x05)) }),
    MALFORMED,
  ],
  ['a key without algorithm', of({ spki: spkiOf(sequence(), bitString(POINT)) }), MALFORMED],
  ['no extensions', of({ extensions: NOTHING }), undefined],
  ['extensions of nothing', of({ extensions: der(0xa3) }), EXTENSIONS_MALFORMED],
  ['an empty list of extensions', of({ extensions: der(0xa3, sequence()) }), EXTENSIONS_MALFORMED],
  [
    'extensions that are a SET',
    of({ extensions: der(0xa3, der(0x31, UNKNOWN)) }),
    EXTENSIONS_MALFORMED,
  ],
  ['extensions that are not wrapped', of({ extensions: sequence(UNKNOWN) }), MALFORMED],
  [
    'two lists of extensions',
    of({ extensions: der(0xa3, sequence(UNKNOWN), sequence(UNKNOWN)) }),
    EXTENSIONS_MALFORMED,
  ],
  ['something behind the extensions', of({ behind: der(0x05) }), MALFORMED],
  [
    'an extension in pieces',
    of({ extensions: der(0xa3, sequence(sequence(oid('1.2.3.4'), der(0x24, der(0x04))))) }),
    EXTENSIONS_MALFORMED,
  ],
  [
    'criticality behind the value',
    of({
      extensions: der(
        0xa3,
        sequence(sequence(oid('1.2.3.4'), der(0x04), der(0x01, Buffer.of(0xff)))),
      ),
    }),
    EXTENSIONS_MALFORMED,
  ],
];

describe('encodings that Chromium, Mbed TLS and Go try', () => {
  for (const [what, bytes, fault] of rows) {
    it(`${what}: ${fault ?? 'read'}`, () => {
      const parsed = parseCertificate(bytes);
      assert.equal(parsed.ok ? undefined : parsed.error, fault);
    });
  }
});
