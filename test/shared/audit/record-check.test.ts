import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { type RecordFault, recordFault } from '@sallyport/shared/audit/record-check.ts';
import { RECORD_BYTES_MAX } from '@sallyport/shared/audit/record-layout.ts';

/** A record of that type with these fields, all in hexadecimal; the length is put in front. */
function record(type: string, fields: string, version = '01'): Buffer {
  const rest = Buffer.from(
    `${version}${type}00000000000100000001${fields}`.replaceAll(' ', ''),
    'hex',
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(rest.length + 2);
  return Buffer.concat([length, rest]);
}

const text = (id: string, value: string) =>
  `${id}${value.length.toString(16).padStart(4, '0')}${Buffer.from(value).toString('hex')}`;
const ADMITTED = '14';
const REFUSED = '0b';
const CODE = text('46', 'x');
const address = (value: string) => record(REFUSED, `${text('15', value)}${CODE}`);
const list = (hex: string) =>
  record(REFUSED, `23${(hex.length / 2).toString(16).padStart(4, '0')}${hex}${CODE}`);
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
  ['another version', record(ADMITTED, '', '02'), 'record-version'],
  ['an unknown type', record('ff', ''), 'record-type'],
  ['type 0', record('00', ''), 'record-type'],
  ['fields in order', record(ADMITTED, `${text('34', 'A')}${text('38', 'c')}`), undefined],
  ['an empty text', record(ADMITTED, text('38', '')), undefined],
  ['fields out of order', record(ADMITTED, `${text('38', 'c')}${text('34', 'A')}`), 'field-order'],
  ['a field twice', record(ADMITTED, `${text('38', 'c')}${text('38', 'c')}`), 'field-order'],
  ['field 0', record(ADMITTED, text('00', '')), 'field-order'],
  ['a field of another type', record(ADMITTED, text('47', 'r')), 'field-not-of-type'],
  ['an unknown field', record(ADMITTED, text('fe', 'r')), 'field-not-of-type'],
  ['a field without length', record(ADMITTED, '3800'), 'field-length'],
  ['a field beyond the end', record(ADMITTED, '38000261'), 'field-length'],
  ['a text over its limit', record(ADMITTED, text('34', 'M'.repeat(33))), 'field-length'],
  ['a short number', record(ADMITTED, '14 0003 000001'), 'field-length'],
  ['a long number', record(ADMITTED, '14 0005 0000000001'), 'field-length'],
  ['64 bits in 7 bytes', record('04', '0e 0007 00000000000001'), 'field-length'],
  ['64 bits', record('04', '0e 0008 0000000000000001'), undefined],
  ['a required field left out', record('04', ''), 'field-missing'],
  ['one of two left out', record('1e', text('47', 'r')), 'field-missing'],
  ['IPv4', address('192.0.2.255'), undefined],
  ['IPv4 with zeros', address('0.0.0.0'), undefined],
  ['IPv4 with a leading zero', address('192.0.02.1'), 'field-address'],
  ['IPv4 too large', address('192.0.2.256'), 'field-address'],
  ['IPv4 too short', address('192.0.2'), 'field-address'],
  ['IPv4 too long', address('192.0.2.1.1'), 'field-address'],
  ['IPv4 with a dot behind', address('192.0.2.1.'), 'field-address'],
  ['IPv6', address('2001:db8::1'), undefined],
  ['IPv6 in capitals', address('2001:DB8::1'), 'field-address'],
  ['IPv6 written long', address('2001:db8:0:0:0:0:0:1'), 'field-address'],
  ['IPv4 within IPv6', address('::ffff:192.0.2.1'), 'field-address'],
  ['IPv6 with a zone', address('fe80::1%eth0'), 'field-address'],
  ['no address at all', address(''), 'field-address'],
  ['words', address('localhost'), 'field-address'],
  ['an empty list', list(''), undefined],
  ['a list of one empty text', list('0000'), undefined],
  ['a list of two', list('0001610002c3a9'), undefined],
  ['a list with half a length', list('00016100'), 'field-list'],
  ['a list beyond its end', list('000261'), 'field-list'],
  ['a list with what is not UTF-8', list('0001ff'), 'field-list'],
  ['cut at the limit', record(ADMITTED, `${METHOD_FULL}ff000134`), undefined],
  ['cut before a character of four bytes', record(ADMITTED, `${METHOD_ALMOST}ff000134`), undefined],
  ['cut where nobody cuts', record(ADMITTED, `${METHOD_SHORT}ff000134`), 'field-cut'],
  ['cut, but not there', record(ADMITTED, `${METHOD_FULL}ff000135`), 'field-cut'],
  ['cut twice', record(ADMITTED, `${METHOD_FULL}ff00023434`), 'field-cut'],
  ['cut, and nothing named', record(ADMITTED, `${METHOD_FULL}ff0000`), 'field-cut'],
  ['a number that was cut', record(ADMITTED, '14 0004 00000001 ff000114'), 'field-cut'],
  ['the list of the cut that was cut', record(ADMITTED, `${METHOD_FULL}ff000234ff`), 'field-cut'],
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
