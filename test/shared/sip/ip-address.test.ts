import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparableAddress } from '@sallyport/shared/sip/ip-address.ts';

//  spelling                    comparable
const table: readonly (readonly [string, string | undefined])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['192.000.002.001', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::FFFF:c000:201]', '192.0.2.1'],
  ['::192.0.2.1', '0:0:0:0:0:0:c000:201'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['[::1]', '0:0:0:0:0:0:0:1'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['2001:DB8::', '2001:db8:0:0:0:0:0:0'],
  ['2001:0db8:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:1'],
  ['2001:db8:::192.0.2.1', '2001:db8:0:0:0:0:c000:201'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
  ['example.com', undefined],
  ['', undefined],
  ['[::1', undefined],
  ['1.2.3', undefined],
  ['\u0142', undefined],
];

describe('one spelling of an IP address', () => {
  for (const [text, comparable] of table) {
    it(`${text} -> ${comparable}`, () => {
      assert.equal(comparableAddress(text), comparable);
    });
  }
});
