import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader } from '@sallyport/shared/x509/der-reader.ts';
import {
  isWithin,
  readDistinguishedName,
  sameName,
} from '@sallyport/shared/x509/distinguished-name.ts';
import { der, nameOf, nameOfAttributes, oid, sequence } from '../../x509-builder.ts';

const CN = '2.5.4.3';
const O = '2.5.4.10';
const [UTF8, PRINTABLE, TELETEX, IA5] = [0x0c, 0x13, 0x14, 0x16];

describe('distinguished names (RFC 5280 §7.1)', () => {
  const plain = nameOf('O=Acme,CN=Root');
  const table: readonly (readonly [string, Buffer, boolean])[] = [
    ['itself', nameOf('O=Acme,CN=Root'), true],
    [
      'another string type',
      nameOfAttributes([
        [O, PRINTABLE, 'Acme'],
        [CN, IA5, 'Root'],
      ]),
      true,
    ],
    ['another case', nameOf('O=ACME,CN=root'), true],
    ['spaces around and inside', nameOf('O=  Acme ,CN=Root'), true],
    ['another order', nameOf('CN=Root,O=Acme'), false],
    ['one more', nameOf('O=Acme,CN=Root,CN=Root'), false],
    ['one less', nameOf('O=Acme'), false],
    ['another value', nameOf('O=Acme,CN=Roof'), false],
    ['nothing', nameOf(''), false],
  ];
  for (const [name, other, isSame] of table) {
    it(`is ${isSame ? '' : 'not '}the same as ${name}`, () => {
      assert.equal(sameName(read(plain), read(other)), isSame);
    });
  }

  it('collapses inner spaces and full-width letters, and keeps accents', () => {
    assert.equal(sameName(read(nameOf('CN=A  B')), read(nameOf('CN=a b'))), true);
    assert.equal(sameName(read(nameOf('CN=ＡＢ')), read(nameOf('CN=ab'))), true);
    assert.equal(sameName(read(nameOf('CN=é')), read(nameOf('CN=e'))), false);
  });

  it('a set of two attributes has no order and is not two sets', () => {
    const one = sequence(oid(CN), der(UTF8, Buffer.from('x')));
    const two = sequence(oid(O), der(UTF8, Buffer.from('y')));
    const set = read(sequence(der(0x31, one, two)));
    assert.equal(sameName(set, read(sequence(der(0x31, two, one)))), true);
    assert.equal(sameName(set, read(sequence(der(0x31, one), der(0x31, two)))), false);
  });

  it('one value cannot imitate another attribute', () => {
    const forged = read(nameOfAttributes([[CN, UTF8, `x"+${O}="y`]]));
    const one = sequence(oid(CN), der(UTF8, Buffer.from('x')));
    const two = sequence(oid(O), der(UTF8, Buffer.from('y')));
    assert.equal(sameName(forged, read(sequence(der(0x31, one, two)))), false);
  });

  it('lies within its own beginning', () => {
    const name = read(nameOf('O=Acme,CN=Root'));
    assert.equal(isWithin(name, read(nameOf('O=acme'))), true);
    assert.equal(isWithin(name, read(nameOf(''))), true);
    assert.equal(isWithin(read(nameOf('O=acme')), name), false);
  });

  it('gives common names and mail addresses as written', () => {
    const name = read(nameOf('CN=One,email=A@Example.com,CN=Two'));
    assert.deepEqual(name.commonNames, ['One', 'Two']);
    assert.deepEqual(name.emails, ['A@Example.com']);
  });

  it('gives organizations and their units in the order of the name', () => {
    const text = (type: string, value: string) =>
      der(0x31, sequence(oid(type), der(UTF8, Buffer.from(value))));
    const name = read(
      sequence(text('2.5.4.6', 'US'), text('2.5.4.10', 'Acme'), text('2.5.4.11', 'Class 2')),
    );
    assert.deepEqual(name.organizations, ['Acme', 'Class 2']);
    assert.deepEqual(name.commonNames, []);
  });

  it('reads BMPString and TeletexString', () => {
    const bmp = Buffer.from('Ré', 'utf16le').swap16();
    const name = sequence(der(0x31, sequence(oid(CN), der(0x1e, bmp))));
    assert.deepEqual(read(name).commonNames, ['Ré']);
    const teletex = sequence(
      der(0x31, sequence(oid(CN), der(TELETEX, Buffer.from('Ré', 'latin1')))),
    );
    assert.equal(sameName(read(name), read(teletex)), true);
  });

  const malformed: readonly (readonly [string, Buffer])[] = [
    ['an empty set', sequence(der(0x31))],
    [
      'UTF-8 that is none',
      sequence(der(0x31, sequence(oid(CN), der(UTF8, Buffer.from([0xc3, 0x28]))))),
    ],
    [
      'a printable string with an eighth bit',
      sequence(der(0x31, sequence(oid(CN), der(PRINTABLE, Buffer.from([0xe9]))))),
    ],
    ['half a BMP character', sequence(der(0x31, sequence(oid(CN), der(0x1e, Buffer.from([1])))))],
    ['a third field', sequence(der(0x31, sequence(oid(CN), der(UTF8), der(UTF8))))],
  ];
  for (const [name, bytes] of malformed) {
    it(`refuses ${name}`, () => {
      const reader = DerReader.over(bytes);
      readDistinguishedName(reader);
      assert.equal(reader.failed, true);
    });
  }

  it('reads 64 parts and not 65', () => {
    const parts = (count: number) => {
      const reader = DerReader.over(nameOf(Array(count).fill('O=x').join(',')));
      readDistinguishedName(reader);
      return reader.failed;
    };
    assert.deepEqual([parts(64), parts(65)], [false, true]);
  });
});

function read(bytes: Buffer) {
  const reader = DerReader.over(bytes);
  const name = readDistinguishedName(reader);
  assert.equal(reader.failed, false);
  return name;
}
