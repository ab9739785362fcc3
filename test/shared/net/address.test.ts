import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AddressWords,
  formatAddress,
  formatAddressBytes,
  normalizeAddress,
  parseAddress,
} from '@sallyport/shared/net/address.ts';
import fc from 'fast-check';

//  text                                       family  the one text
const accepted: readonly (readonly [string, 4 | 6, string])[] = [
  ['0.0.0.0', 4, '0.0.0.0'],
  ['192.0.2.1', 4, '192.0.2.1'],
  ['255.255.255.255', 4, '255.255.255.255'],
  ['::ffff:192.0.2.1', 4, '192.0.2.1'],
  ['::FFFF:c000:0201', 4, '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', 4, '192.0.2.1'],
  ['::', 6, '::'],
  ['::1', 6, '::1'],
  ['2001:DB8::0001', 6, '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', 6, '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', 6, '2001:db8:0:1:1:1:1:1'],
  ['1:2:3:4:5:6:7::', 6, '1:2:3:4:5:6:7:0'],
  ['fe80::', 6, 'fe80::'],
  ['64:ff9b::192.0.2.33', 6, '64:ff9b::c000:221'],
  ['::192.0.2.1', 6, '::c000:201'],
];

const refused: readonly string[] = [
  '',
  '1',
  '127.1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '0x1.2.3.4',
  '1.2.3.4 ',
  ' 1.2.3.4',
  '1.2.3.-4',
  '1.2.3.4\n',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
  '12345::',
  'g::',
  '[::1]',
  '::1%eth0',
  '::1.2.3',
  '1.2.3.4::',
  '::1.2.3.4:5',
  ':1::',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::ffff:1.2.3.04',
];

describe('IP address texts (RFC 4291 §2.2, RFC 5952 §4)', () => {
  for (const [text, family, normal] of accepted) {
    it(`${text} is IPv${family} ${normal}`, () => {
      const address = parseAddress(text);
      assert.equal(address?.family, family);
      assert.equal(address && formatAddress(address), normal);
    });
  }

  for (const text of refused) {
    it(`${JSON.stringify(text)} is no address`, () => {
      assert.equal(parseAddress(text), undefined);
    });
  }

  it('what is formatted is read back as the same address', () => {
    const word = fc.oneof(fc.constant(0), fc.nat(0xff_ff), fc.nat(0xff_ff_ff_ff));
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (words: AddressWords) => {
        const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xff_ff;
        fc.pre(!mapped);
        const text = formatAddress({ family: 6, words });
        assert.deepEqual(parseAddress(text), { family: 6, words });
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const address = parseAddress(text);
        assert.equal(address && formatAddress(address), text);
      }),
    );
  });

  it("a socket's peer loses its mapping and its zone", () => {
    assert.equal(normalizeAddress('::ffff:198.51.100.7'), '198.51.100.7');
    assert.equal(normalizeAddress('fe80::1%eth0'), 'fe80::1');
    assert.equal(normalizeAddress('example.com'), undefined);
  });
});

describe('an address in bytes', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['c00002ff', '192.0.2.255'],
    ['00000000', '0.0.0.0'],
    ['ffffffff', '255.255.255.255'],
    [`20010db8${'00'.repeat(11)}01`, '2001:db8::1'],
    ['00'.repeat(16), '::'],
    ['ff'.repeat(16), 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ];
  for (const [hex, text] of rows) {
    it(`${hex} is ${text}`, () => {
      const bytes = Buffer.from(`aa${hex}aa`, 'hex');
      assert.equal(formatAddressBytes(bytes, 1, bytes.length - 1), text);
    });
  }
});
