import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import {
  isBeyondThisVersion,
  type RecordFault,
  recordFault,
} from '@sallyport/shared/audit/record-check.ts';
import { RECORD_BYTES_MAX } from '@sallyport/shared/audit/record-layout.ts';

/** A record of that type with these fields, all in hexadecimal; the length is put in front. */
function record(type: string, fields: string, version = '02'): Buffer {
  const rest = Buffer.from(
    `${version}${type}00000000000100000001${fields}`.replaceAll(' ', ''),
    'hex',
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(rest.length + 2);
  return Buffer.concat([length, rest]);
}

const lengthOf = (bytes: number) =>
  (bytes < 128 ? bytes : bytes + 0x80_00).toString(16).padStart(bytes < 128 ? 2 : 4, '0');
const text = (id: string, value: string) =>
  `${id}${lengthOf(value.length)}${Buffer.from(value).toString('hex')}`;
const ADMITTED = '14';
const REFUSED = '0b';
const CODE = text('46', 'x');
const address = (hex: string) => record(REFUSED, `15${lengthOf(hex.length / 2)}${hex}${CODE}`);
const list = (hex: string) => record(REFUSED, `23${lengthOf(hex.length / 2)}${hex}${CODE}`);
const METHOD_FULL = text('34', 'M'.repeat(32));
const METHOD_ALMOST = text('34', 'M'.repeat(29));
const METHOD_SHORT = text('34', 'M'.repeat(28));

//  what                                bytes                                             fault
const rows: readonly (readonly [string, Buffer, RecordFault | undefined])[] = [
  ['nothing but a head', record(ADMITTED, ''), undefined],
  ['half a head', record(ADMITTED, '').subarray(0, 13), 'record-length'],
  [
    'another length than it says',
    Buffer.concat([record(ADMITTED, ''), Buffer.of(0)]),
    'record-length',
  ],
  ['another version', record(ADMITTED, '', '01'), 'record-version'],
  ['an unknown type', record('ff', ''), 'record-type'],
  ['type 0', record('00', ''), 'record-type'],
  ['fields in order', record(ADMITTED, `${text('34', 'A')}${text('38', 'c')}`), undefined],
  ['an empty text', record(ADMITTED, text('38', '')), undefined],
  ['fields out of order', record(ADMITTED, `${text('38', 'c')}${text('34', 'A')}`), 'field-order'],
  ['a field twice', record(ADMITTED, `${text('38', 'c')}${text('38', 'c')}`), 'field-order'],
  ['field 0', record(ADMITTED, text('00', '')), 'field-order'],
  ['a field of another type', record(ADMITTED, text('47', 'r')), 'field-not-of-type'],
  ['an unknown field', record(ADMITTED, text('fe', 'r')), 'field-not-of-type'],
  ['a field without length', record(ADMITTED, '38'), 'field-length'],
  ['a field with half a length', record(ADMITTED, '3880'), 'field-length'],
  ['a field beyond the end', record(ADMITTED, '380261'), 'field-length'],
  ['a text of 127 bytes', record(ADMITTED, text('38', 'c'.repeat(127))), undefined],
  ['a text of 128 bytes', record(ADMITTED, text('38', 'c'.repeat(128))), undefined],
  ['127 in two bytes', record(ADMITTED, `38807f${'63'.repeat(127)}`), 'field-length'],
  ['a text of 256 bytes', record(ADMITTED, text('38', 'c'.repeat(256))), undefined],
  ['a text of 257 bytes', record(ADMITTED, text('38', 'c'.repeat(257))), 'field-length'],
  ['a text over its limit', record(ADMITTED, text('34', 'M'.repeat(33))), 'field-length'],
  ['0', record(ADMITTED, '14 00'), undefined],
  ['0 in a byte', record(ADMITTED, '14 01 00'), 'field-length'],
  ['255', record(ADMITTED, '14 01 ff'), undefined],
  ['255 in two bytes', record(ADMITTED, '14 02 00ff'), 'field-length'],
  ['32 bits', record(ADMITTED, '14 04 80000001'), undefined],
  ['33 bits', record(ADMITTED, '14 05 0100000001'), 'field-length'],
  ['64 bits', record('04', '0e 08 8000000000000001'), undefined],
  ['56 bits in 8 bytes', record('04', '0e 08 00ff000000000001'), 'field-length'],
  ['65 bits', record('04', '0e 09 010000000000000001'), 'field-length'],
  ['a required field left out', record('04', ''), 'field-missing'],
  ['one of two left out', record('1e', text('47', 'r')), 'field-missing'],
  ['IPv4', address('c00002ff'), undefined],
  ['IPv4 of zeros', address('00000000'), undefined],
  ['IPv6', address(`20010db8${'00'.repeat(11)}01`), undefined],
  ['IPv6 of zeros', address('00'.repeat(16)), undefined],
  ['IPv4 within IPv6', address(`${'00'.repeat(10)}ffffc0000201`), 'field-address'],
  ['nearly IPv4 within IPv6', address(`${'00'.repeat(7)}010000ffffc0000201`), undefined],
  ['no address at all', address(''), 'field-address'],
  ['three bytes', address('c00002'), 'field-address'],
  ['five bytes', address('c000020101'), 'field-address'],
  ['fifteen bytes', address('20'.repeat(15)), 'field-address'],
  ['seventeen bytes', address('20'.repeat(17)), 'field-length'],
  ['a hash', record(ADMITTED, `40 20 ${'07'.repeat(32)}`), undefined],
  ['a hash of 31 bytes', record(ADMITTED, `40 1f ${'07'.repeat(31)}`), 'field-length'],
  ['a hash of none', record(ADMITTED, '40 00'), 'field-length'],
  ['an empty list', list(''), undefined],
  ['a list of one empty text', list('0000'), undefined],
  ['a list of two', list('0001610002c3a9'), undefined],
  ['a list with half a length', list('00016100'), 'field-list'],
  ['a list beyond its end', list('000261'), 'field-list'],
  ['a list with what is not UTF-8', list('0001ff'), 'field-list'],
  ['cut at the limit', record(ADMITTED, `${METHOD_FULL}ff0134`), undefined],
  ['cut before a character of four bytes', record(ADMITTED, `${METHOD_ALMOST}ff0134`), undefined],
  ['cut where nobody cuts', record(ADMITTED, `${METHOD_SHORT}ff0134`), 'field-cut'],
  ['cut, but not there', record(ADMITTED, `${METHOD_FULL}ff0135`), 'field-cut'],
  ['cut twice', record(ADMITTED, `${METHOD_FULL}ff023434`), 'field-cut'],
  ['cut, and nothing named', record(ADMITTED, `${METHOD_FULL}ff00`), 'field-cut'],
  ['a number that was cut', record(ADMITTED, '14 01 01 ff0114'), 'field-cut'],
  ['the list of the cut that was cut', record(ADMITTED, `${METHOD_FULL}ff0234ff`), 'field-cut'],
];

describe('what is a record', () => {
  for (const [what, bytes, fault] of rows) {
    it(`${what}: ${fault ?? 'is one'}`, () => {
      const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]);
      assert.equal(recordFault(around, 3, 3 + bytes.length), fault);
    });
  }

  it('no cut off record is one', () => {
    const bytes = encodeRecord({
      type: 'stream-opened',
      timeMs: 1,
      seq: 0,
      fields: { node: 'edge-1', worker: 1, epoch: 1n, programVersion: '1' },
    });
    assert.equal(recordFault(bytes, 0, bytes.length), undefined);
    for (let end = 0; end < bytes.length; end++) {
      const part = Buffer.from(bytes.subarray(0, end));
      if (end >= 2) part.writeUInt16BE(end);
      assert.notEqual(recordFault(part, 0, end), undefined, `${end} bytes`);
    }
  });

  it('nothing above the limit is one', () => {
    const bytes = Buffer.alloc(RECORD_BYTES_MAX + 1);
    bytes.writeUInt16BE(bytes.length);
    assert.equal(recordFault(bytes, 0, bytes.length), 'record-length');
  });
});

describe('what a later version may have written', () => {
  const UNKNOWN = 'c8';
  const rows: readonly (readonly [string, Buffer, boolean])[] = [
    ['an unknown type', record(UNKNOWN, ''), true],
    ['an unknown type with fields', record(UNKNOWN, `${text('38', 'c')}${text('fe', 'x')}`), true],
    ['a known type with an unknown field', record(ADMITTED, text('fe', 'x')), true],
    ['a known type with a field of another', record(ADMITTED, text('47', 'r')), true],
    ['a record of this version', record(ADMITTED, text('38', 'c')), false],
    ['an unknown type, fields out of order', record(UNKNOWN, '380161 340161'), false],
    ['an unknown type, a field beyond the end', record(UNKNOWN, '380261'), false],
    ['an unknown type, 127 in two bytes', record(UNKNOWN, `38807f${'63'.repeat(127)}`), false],
    ['an unknown type of another version', record(UNKNOWN, '', '03'), false],
    ['an unknown type of another length', record(UNKNOWN, '').subarray(0, 13), false],
    ['a required field left out', record('04', ''), false],
  ];
  for (const [what, bytes, isIt] of rows) {
    it(`${what}: ${isIt ? 'may be' : 'is not'}`, () => {
      const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]);
      assert.equal(isBeyondThisVersion(around, 3, 3 + bytes.length), isIt);
    });
  }
});
