import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  familyOf,
  isLoopback,
  isPrivate,
  overlaps,
  spelt,
  ZoneMap,
} from '@sallyport/app-gateway/plan/zone-map.ts';

describe('the zone of an address', () => {
  const zones = new ZoneMap([
    { name: 'internet', networks: [] },
    { name: 'dmz', networks: ['192.0.2.0/24', '2001:db8::/64'] },
    { name: 'intranet', networks: ['10.0.0.0/8'] },
  ]);
  for (const [address, zone] of [
    ['192.0.2.255', 'dmz'],
    ['192.0.3.0', 'internet'],
    ['::ffff:192.0.2.1', 'dmz'],
    ['2001:db8::1', 'dmz'],
    ['2001:db8:0:1::1', 'internet'],
    ['10.255.255.255', 'intranet'],
    ['11.0.0.0', 'internet'],
  ] as const) {
    it(`${address} is of ${zone}`, () => assert.equal(zones.zoneOf(address), zone));
  }

  it('knows which way is in', () => {
    assert.equal(zones.isInwards('dmz', 'intranet'), true);
    assert.equal(zones.isInwards('intranet', 'dmz'), false);
    assert.equal(zones.isInwards('dmz', 'dmz'), false);
  });
});

describe('addresses of a plan', () => {
  it('overlap where one range holds the other', () => {
    assert.equal(overlaps('10.0.0.0/8', '10.1.0.0/16'), true);
    assert.equal(overlaps('10.1.0.0/16', '10.0.0.0/8'), true);
    assert.equal(overlaps('10.0.0.0/16', '10.1.0.0/16'), false);
    assert.equal(overlaps('::/0', '10.1.0.0/16'), false);
  });

  it('are private at both ends of each range', () => {
    for (const address of [
      '10.0.0.0',
      '172.31.255.255',
      '192.168.0.1',
      '100.127.255.255',
      'fd00::1',
    ]) {
      assert.equal(isPrivate(address), true, address);
    }
    for (const address of ['11.0.0.0', '172.32.0.0', '192.169.0.0', '100.128.0.0', '2001:db8::1']) {
      assert.equal(isPrivate(address), false, address);
    }
  });

  it('have one spelling and one family', () => {
    assert.equal(spelt('2001:DB8:0:0::1'), '2001:db8::1');
    assert.equal(spelt('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(spelt('host.example'), 'host.example');
    assert.equal(familyOf('::ffff:192.0.2.1'), 4);
    assert.equal(familyOf('2001:db8::/32'), 6);
    assert.equal(isLoopback('127.9.9.9'), true);
    assert.equal(isLoopback('128.0.0.1'), false);
  });
});
