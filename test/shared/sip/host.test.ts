import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import { endOfHost, isIpv4, isIpv6 } from '@sallyport/shared/sip/host.ts';
import fc from 'fast-check';

//  text                    index past the host
const table: readonly (readonly [string, number])[] = [
  ['a', 1],
  ['example.com', 11],
  ['example.com.', 12],
  ['example.com;x', 11],
  ['10.com', 6],
  ['10.c-m', 6],
  ['10.c--m', 7],
  ['a_a.a.com', 9],
  ['_sip._tcp.example', 17],
  ['127.0.0.1', 9],
  ['127.0.0.1:5060', 9],
  ['[::1]', 5],
  ['[::1]:5060', 5],
  ['[2001:db8::192.0.2.1]', 21],
  ['[2001:db8:::192.0.2.1]', 22],
  ['', -1],
  ['.', -1],
  ['.com', -1],
  ['example..', -1],
  ['example..com', -1],
  ['example.1.', -1],
  ['example.1', -1],
  ['example.com-', -1],
  ['-example.com', -1],
  ['example-.com', -1],
  ['example.-com', -1],
  ['1', -1],
  ['1.2.3', -1],
  ['1.2.3.4.', -1],
  ['1.2.3.4.5', -1],
  ['1.2.3.256', -1],
  ['1.2.3.0004', -1],
  ['[', -1],
  ['[]', -1],
  ['[::1', -1],
  ['[:1:]', -1],
  ['[1.2.3.4]', -1],
  ['[::1%eth0]', -1],
  ['[g::1]', -1],
];

//  IPv6 address                        is one
const addresses: readonly (readonly [string, boolean])[] = [
  ['::', true],
  ['::1', true],
  ['1::', true],
  ['1:2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:7::', true],
  ['::2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:192.0.2.1', true],
  ['::ffff:192.0.2.1', true],
  ['1:2:3:4:5::192.0.2.1', true],
  ['1:2:3:4:5:::192.0.2.1', true],
  [':::192.0.2.1', true],
  ['', false],
  [':', false],
  [':::', false],
  ['1:', false],
  [':1', false],
  ['1:::2', false],
  ['2001:db8:::10', false],
  ['2001:db8::::192.0.2.1', false],
  ['2001:db8::1:::192.0.2.1', false],
  ['1::2::3', false],
  ['1:2:3:4:5:6:7', false],
  ['1:2:3:4:5:6:7:8:9', false],
  ['1:2:3:4:5:6:7:8::', false],
  ['1:2:3:4::5:6:7:8', false],
  ['12345::', false],
  ['1:2:3:4:5:6:7:192.0.2.1', false],
  ['1:2:3:4:5:6::192.0.2.1', false],
  ['::192.0.2.1:1', false],
  ['::192.0.2', false],
  ['192.0.2.1', false],
];

describe('hosts (RFC 3261 §25.1, RFC 5954)', () => {
  for (const [text, end] of table) {
    it(`${text || 'nothing'} ends at ${end}`, () => {
      const bytes = Buffer.from(text);
      assert.equal(endOfHost(bytes, 0, bytes.length), end);
    });
  }

  for (const [text, is] of addresses) {
    it(`${text || 'nothing'} is ${is ? 'an' : 'no'} IPv6 address`, () => {
      const bytes = Buffer.from(text);
      assert.equal(isIpv6(bytes, 0, bytes.length), is);
    });
  }

  it('agrees with node:net on IPv6 addresses, the three colons of RFC 5118 §4.10 aside', () => {
    const part = fc.constantFrom('', '0', '1', 'ff', 'abcd', '12345', '192.0.2.1', '192.0.2.1.5');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => {
        const text = parts.join(':');
        const bytes = Buffer.from(text);
        if (!text.includes(':::')) assert.equal(isIpv6(bytes, 0, bytes.length), isIPv6(text), text);
      }),
      { seed: 4, numRuns: 20_000 },
    );
  });

  it('takes every IPv4 address and no number above 255', () => {
    const octet = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const bytes = Buffer.from(octets.join('.'));
        assert.equal(isIpv4(bytes, 0, bytes.length), Math.max(...octets) <= 255);
      }),
      { seed: 4 },
    );
  });
});
