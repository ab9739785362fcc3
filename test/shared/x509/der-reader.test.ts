import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';
import fc from 'fast-check';
import { der } from '../../x509-builder.ts';

type Read = (reader: DerReader) => unknown;
const whole: Read = (reader) => reader.content(Tag.octetString).toString('hex');
const integer: Read = (reader) => reader.integer().toString('hex');
const small: Read = (reader) => reader.smallInteger(255);
const boolean: Read = (reader) => reader.boolean();
const oid: Read = (reader) => reader.objectIdentifier();
const bits: Read = (reader) => reader.namedBits();
const octets: Read = (reader) => reader.octetsOfBitString().toString('hex');
const BREACH = Symbol('breach');

const table: readonly (readonly [string, Read, string, unknown])[] = [
  ['short length', whole, '0402abcd', 'abcd'],
  ['empty', whole, '0400', ''],
  ['another tag', whole, '0502abcd', BREACH],
  ['nothing', whole, '', BREACH],
  ['a tag alone', whole, '04', BREACH],
  ['a length past the end', whole, '0403abcd', BREACH],
  ['indefinite length', whole, '0480abcd0000', BREACH],
  ['long form for a short length', whole, '048102abcd', BREACH],
  ['a leading zero in the length', whole, `04820080${'00'.repeat(128)}`, BREACH],
  ['128 octets in long form', whole, `048180${'00'.repeat(128)}`, '00'.repeat(128)],
  ['four octets of length', whole, '048400000001ff', BREACH],
  ['reserved length', whole, '04ff', BREACH],
  ['something left over', whole, '0401ab00', BREACH],
  ['zero', integer, '020100', '00'],
  ['a positive number with its high bit', integer, '02020080', '0080'],
  ['a negative number', integer, '0201ff', 'ff'],
  ['a padded positive number', integer, '0202007f', BREACH],
  ['a padded negative number', integer, '0202ff80', BREACH],
  ['a negative number that needs two octets', integer, '0202ff7f', 'ff7f'],
  ['an empty number', integer, '0200', BREACH],
  ['a number at its maximum', small, '020200ff', 255],
  ['a number above its maximum', small, '02020100', BREACH],
  ['a negative number where none may be', small, '0201ff', BREACH],
  ['a number of five octets', small, '02050100000000', BREACH],
  ['true', boolean, '0101ff', true],
  ['false', boolean, '010100', false],
  ['BER’s other truths', boolean, '010101', BREACH],
  ['a long boolean', boolean, '0102ffff', BREACH],
  ['an identifier', oid, '06092a864886f70d01010b', '1.2.840.113549.1.1.11'],
  ['an identifier below 2', oid, '0603883703', '2.999.3'],
  ['a padded arc', oid, '06032a8001', BREACH],
  ['an unfinished arc', oid, '06022a86', BREACH],
  ['an empty identifier', oid, '0600', BREACH],
  ['an arc of 49 bits', oid, `06082a${'ff'.repeat(6)}7f`, `1.2.${2 ** 49 - 1}`],
  ['an arc of 50 bits', oid, `06092a81${'80'.repeat(6)}00`, `1.2.${2 ** 49}`],
  ['an arc of 70 bits', oid, `060b2a${'ff'.repeat(9)}7f`, '1.2.1180591620717411303423'],
  [
    'a UUID (X.667)',
    oid,
    '06146983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776',
    '2.25.329800735698586629295641978511506172918',
  ],
  ['a first arc of 50 bits', oid, `060881${'80'.repeat(6)}00`, `2.${2 ** 49 - 80}`],
  ['a padded arc behind a long one', oid, '060d2a818080808080808080008001', BREACH],
  ['an identifier of 64 octets', oid, `0640${'2a'.repeat(64)}`, `1.2${'.42'.repeat(63)}`],
  ['an identifier of 65 octets', oid, `0641${'2a'.repeat(65)}`, BREACH],
  ['named bits', bits, '03020780', 1],
  ['named bits 5 and 6', bits, '03020106', 0b110_0000],
  ['a ninth named bit', bits, '0303070080', 1 << 8],
  ['no named bit', bits, '030100', 0],
  ['a trailing zero bit', bits, '03020680', 1],
  ['nine named bits, the last seven unset', bits, '0303070600', 0b110_0000],
  ['a trailing zero octet', bits, '030300ff00', 0xff],
  ['named bits of zeros alone', bits, '03020700', 0],
  ['a set unused bit', bits, '03020781', BREACH],
  ['a set bit next to the last used one', bits, '030206a0', BREACH],
  ['a set unused bit in the second octet', bits, '0303070640', BREACH],
  ['unused bits of nothing', bits, '030107', BREACH],
  ['eight unused bits', bits, '03020880', BREACH],
  ['too many named bits', bits, '030400ffffff', BREACH],
  ['sixteen named bits', bits, '030300ffff', 0xff_ff],
  ['a seventeenth named bit', bits, '03040700ff80', BREACH],
  ['four octets, the last three unset', bits, '030500b0000000', 0b1101],
  ['a set unused bit behind four octets', bits, '030501b0000001', BREACH],
  ['octets in bits', octets, '030300abcd', 'abcd'],
  ['octets with unused bits', octets, '030304abc0', BREACH],
  ['a bit string without its first octet', octets, '0300', BREACH],
];

describe('DER (X.690 §10)', () => {
  for (const [name, read, hex, expected] of table) {
    it(`${name}: ${expected === BREACH ? 'refused' : 'read'}`, () => {
      const reader = DerReader.over(Buffer.from(hex, 'hex'));
      const value = read(reader);
      reader.finish();
      assert.equal(reader.failed ? BREACH : value, expected);
    });
  }

  it('refuses tags of more than one octet', () => {
    const reader = DerReader.over(Buffer.from('1f0100', 'hex'));
    reader.content(0x1f);
    assert.equal(reader.failed, true);
  });

  it('goes 16 levels down and no further', () => {
    const nested = (levels: number) => {
      let bytes = der(Tag.null);
      for (let n = 0; n < levels; n++) bytes = der(Tag.sequence, bytes);
      let reader = DerReader.over(bytes);
      for (let n = 0; n < levels; n++) reader = reader.enter(Tag.sequence);
      return reader.failed;
    };
    assert.equal(nested(16), false);
    assert.equal(nested(17), true);
  });

  it('fails as a whole, and gives nothing after that', () => {
    const outer = DerReader.over(
      der(Tag.sequence, der(Tag.boolean, Buffer.from([2])), der(Tag.null)),
    );
    const inner = outer.enter(Tag.sequence);
    inner.boolean();
    assert.deepEqual(
      [outer.failed, inner.failed, inner.hasMore, inner.peek()],
      [true, true, false, -1],
    );
    assert.equal(inner.content(Tag.null).length, 0);
  });

  it('never reads outside an element', () => {
    const outer = DerReader.over(Buffer.from('3003040501abcdefabcdef', 'hex'));
    outer.enter(Tag.sequence).content(Tag.octetString);
    assert.equal(outer.failed, true);
  });

  it('never throws, whatever the bytes', () => {
    const reads: readonly Read[] = [whole, integer, small, boolean, oid, bits, octets];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(reads.length - 1), (bytes, n) => {
        const reader = DerReader.over(Buffer.from(bytes));
        reads[n]?.(reader);
        reader.finish();
        return typeof reader.failed === 'boolean';
      }),
    );
  });
});
