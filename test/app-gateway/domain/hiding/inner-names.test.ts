import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesInside } from '@sallyport/app-gateway/domain/hiding/inner-names.ts';
import type { Community, SiteView } from '@sallyport/app-gateway/domain/site-view.ts';
import { processorMs } from '../../../processor-ms.ts';
import { SITE } from '../core/core-stage.ts';

/** For 65,536 characters; far more than any of them takes. */
const ENOUGH_MS = 300;

const HOSTS: Community = {
  id: 'staff',
  domains: ['acme.example'],
  hosts: [
    ...['one.inner.example', '10.1.2.3', 'fd00::1', 'fd00:1::', 'pbx', 'sip.acme.example'].map(
      (host) => ({
        host,
        port: 5061,
      }),
    ),
    { host: '2001:db8::5', port: 5061 },
    { host: '10.1.2.4', port: 5061, serverName: 'chat.inner.example' },
  ],
};
const site: SiteView = {
  ...SITE,
  communityById: new Map([['staff', HOSTS]]),
  outsideHosts: new Set([...SITE.outsideHosts, '[2001:db8:0:0::5]']),
};
const bare: SiteView = {
  ...site,
  communityById: new Map(),
  innerNames: new Set(),
  innerHost: 'gateway',
  innerAddresses: new Set(),
};

//  text                                        names one
const table: readonly (readonly [string, boolean])[] = [
  ['one.inner.example', true],
  ['ONE.Inner.Example', true],
  ['<sip:x@one.inner.example:5061;lr>', true],
  ['text="ask a.one.inner.example."', true],
  ['gateway-1.inner.example', true],
  ['10.1.2.3', true],
  ['chat.inner.example', true],
  ['10.1.9.1', true],
  ['x=[fd00::1]:5061', true],
  ['x%40one.inner.example%3A5061', true],
  ['one%2einner%2Eexample', true],
  ['%6Fne.inner.exampl%65', true],
  ['a%2540one.inner.example', true],
  ['%5bfd00::1%5d', true],
  ['FD00::1', true],
  ['[fd00:0:0:0:0:0:0:1]:5061', true],
  ['sip:[fd00:0:0::0.0.0.1]', true],
  ['x="fd00:0000::0001."', true],
  ['host:fd00:0::1', true],
  ['fd00:0::1:5061', true],
  ['fd00:0::1%25eth0', true],
  ['%5bfd00%3a0%3a%3a1%5d', true],
  ['::ffff:10.1.2.3', true],
  ['[::FFFF:a01:203]', true],
  ['0:0:0:0:0:ffff:0a01:0203', true],
  ['010.001.002.003', true],
  ['SIP/10.1.2.3-0000001a', true],
  ['trunk-10.1.2.3', true],
  ['9.10.1.2.3', true],
  ['0010.001.2.003', true],
  ['10.1.2.30, 10.1.2.3', true],
  ['00010.1.2.3', false],
  ['from10.1.2.3to', true],
  ['SIP/one.inner.example-0000001a', true],
  ['SIP/fd00::1-0000001a', true],
  ['fd00:1::', true],
  ['FD00:1:0::', true],
  ['<sip:x@[fd00:1:0:0::]:5061>', true],
  ['%5bfd00:01::0%5d', true],
  ['fd00:1:0:0:0:0:0.0.0.0', true],
  ['fd00:1:0::/64', true],
  ['hex:fd00:1:0::', true],
  ['hex:fd00:0::1', true],
  ['hex::fd00:0::1', true],
  ['add:fd00:0:0:0:0:0:0:1', true],
  ['add:::ffff:a01:203', true],
  ['1.fd00:0::1', true],
  ['fd00:0::1:x', true],
  ['a:b:c:d:e:f:fd00:0::1', true],
  ['fd00:1:0::5061', false],
  ['fd00:1:0::1', false],
  ['fd00:1', false],
  ['fd00:1:', false],
  ['xfd00:0::1', false],
  ['2001:db8:a01:203', false],
  ['[2001:DB8:0::5]:5061', false],
  ['fd00:0::2', false],
  ['fd00:0:1::1', false],
  ['afd00::1', false],
  ['::ffff:a01:205', false],
  ['12:34:56', false],
  ['some%6Fne.inner.example', false],
  ['one%2einner%2eexampl%65s', false],
  ['100%', false],
  ['someone.inner.example', false],
  ['one.inner.example.org', false],
  ['one.inner.examples', false],
  ['one-inner-example', false],
  ['some-one.inner.example', false],
  ['one.inner.example-corp.org', false],
  ['210.1.2.3-1', false],
  ['110.1.2.3', false],
  ['10.1.2.30', false],
  ['10.1.2.3.4', false],
  ['pbx', false],
  ['sip.acme.example', false],
  ['bob@acme.example', false],
  ['', false],
];

describe('a text that names the inside', () => {
  for (const [text, expected] of table) {
    it(`${JSON.stringify(text)}: ${expected}`, () => {
      assert.equal(namesInside(text, site), expected);
    });
  }

  // A fingerprint of 512 bits is the longest that anybody writes so.
  it('is none of the fingerprints', () => {
    for (const octets of [16, 20, 32, 64]) {
      assert.equal(namesInside(`SHA ${Array(octets).fill('FD').join(':')}`, site), false);
    }
  });

  it('costs no more than a bound where addresses may begin everywhere', () => {
    const part = 'fd00:0:0:0:0:0::2 ';
    assert.equal(namesInside(part.repeat(18), site), false);
    assert.equal(namesInside(part.repeat(1000), site), true);
    for (const hostile of [
      ':',
      '::',
      '0:',
      'fd00:',
      '0:0:0:0:0:0:0:0:',
      '0000',
      '0.0.0.',
      ':0.0.0.',
    ]) {
      const text = hostile.repeat(65_536 / hostile.length);
      const ms = processorMs(() => namesInside(text, site), ENOUGH_MS);
      assert.ok(ms < ENOUGH_MS, `${hostile}: ${ms} ms`);
    }
  });

  it('costs what its length is, however much there is inside', () => {
    const hosts = Array.from({ length: 2000 }, (_, at) => ({
      host: at % 2 === 0 ? `10.${at >> 8}.${at & 255}.7` : `host-${at}.inner.example`,
      port: 5061,
    }));
    const large = { ...site, communityById: new Map([['staff', { ...HOSTS, hosts }]]) };
    const pieces = ['10.0.0.', '10.0.0.8 ', '0.', '000', 'host-1.inner.', 'host-1.inner.example-'];
    for (const piece of pieces) {
      const text = piece.repeat(65_536 / piece.length);
      const ms = processorMs(() => namesInside(text, large), ENOUGH_MS);
      assert.ok(ms < ENOUGH_MS, `${piece}: ${ms} ms`);
    }
    assert.equal(namesInside(`${'10.0.0.8 '.repeat(7000)}10.0.2.7`, large), true);
  });

  it('is none where no inner name is known', () => {
    for (const [text] of table) assert.equal(namesInside(text, bare), false);
  });
});
