import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasPrivateAddress } from '@sallyport/app-gateway/domain/hiding/private-addresses.ts';
import { processorMs } from '../../../processor-ms.ts';

/** For some 100,000 characters; far more than any of them takes. */
const ENOUGH_MS = 1000;

const KNOWN = new Set(['10.9.9.9', 'fd00:0:0:0:0:0:0:9']);

//  text                                            holds one
const table: readonly (readonly [string, boolean])[] = [
  ['10.0.0.1', true],
  ['a 10.255.255.255.', true],
  ['172.16.0.1, 1', true],
  ['LocalSite=172.31.9.8:20702', true],
  ['<sip:x@192.168.1.5>', true],
  ['v169.254.10.20', true],
  ['100.64.0.1', true],
  ['100.127.255.254', true],
  ['010.001.002.003', true],
  ['::ffff:10.1.2.3', true],
  ['SIP/192.168.1.5-0000001a', true],
  ['10.9.9.9 10.9.9.8', true],
  ['fd12:3456:789a::1', true],
  ['[FE80::1]:5060', true],
  ['at fd00::5.', true],
  ['fc00:1:2:3:4:5:6:7:5061', true],
  ['x=fe80::1%25eth0', true],
  ['host:fd00::1', true],

  ['10.9.9.9', false],
  ['[fd00:0::9]', false],
  ['9.10.0.0.1', false],
  ['10.0.0.1.2', false],
  ['110.0.0.1', false],
  ['10.0.0.256', false],
  ['10.0.0', false],
  ['172.15.0.1', false],
  ['172.32.0.1', false],
  ['192.169.1.1', false],
  ['100.63.0.1', false],
  ['100.128.0.1', false],
  ['192.0.2.1', false],
  ['127.0.0.1', false],
  ['2001:db8::1', false],
  ['fd:1::2', false],
  ['fd12:34', false],
  ['FD12:AB:CD fe80 fc00:', false],
  ['afd00::1', false],
  ['12:30:45 GMT', false],
];

describe('an address of a private network', () => {
  for (const [text, isThere] of table) {
    it(`${isThere ? 'stands' : 'does not stand'} in ${JSON.stringify(text)}`, () => {
      assert.equal(hasPrivateAddress(text, KNOWN), isThere);
    });
  }

  it('is looked for in time that grows with the text alone', () => {
    for (const piece of ['10.1.', 'fd00:', 'fe80::fe80:', '10.', 'fd00:0:0:0:0:0:0:0:']) {
      const text = piece.repeat(20_000);
      const ms = processorMs(() => hasPrivateAddress(text, KNOWN), ENOUGH_MS);
      assert.ok(ms < ENOUGH_MS, `${piece}: ${ms} ms`);
    }
  });
});
