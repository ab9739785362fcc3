import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AuditedSite, busySite, exchange, type RecordingSource } from '../audited-site.ts';
import { codesOf, verify, verifySite } from './verifying.ts';

const HOUR_MS = 3_600_000;

describe('a ledger in which nothing is wrong, of hosts whose clocks were set back or that were away', () => {
  it('an unsealed tail of a run that goes on, and began after the clock was set back a day', async () => {
    const site = new AuditedSite(['edge-1', 'gateway-1']);
    const gateway = site.source('gateway-1', 0, 1n).open().seal();
    site.nowMs += 24 * HOUR_MS;
    const ahead = site.source('edge-1', 0, 0x11n).open().seal();
    site.nowMs -= 24 * HOUR_MS;
    const seal = ahead.lastSeal;
    assert.ok(seal);
    exchange(site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n, seal }).seal(), 1);
    gateway.write('channel-opened', { peerNode: 'edge-1' }).seal();
    site.checkpoint(['edge-1']);
    assert.deepEqual(codesOf(await verifySite(site)), ['tail-not-yet-sealed']);
  });

  describe('of two gateways one brings at the end what it had before midnight, and the day is dropped', () => {
    const DAY_END = 40;
    /** The first `DAY_END` places are gone. */
    const withoutDay = (site: AuditedSite, gateway: RecordingSource) => {
      const [day, next] = ['2026-11-20', '2026-11-21'];
      gateway.write('day-begun', { day: next, firstIndex: BigInt(DAY_END), previousDay: day });
      gateway.write('day-dropped', { day, firstIndex: 0n, entries: BigInt(DAY_END) }).seal();
      const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
      site.ledger.dropped.push({ day, firstIndex: 0, endIndex: DAY_END, ...rest });
      site.checkpoint();
      return verifySite(site);
    };
    const fillDay = (site: AuditedSite, gateway: RecordingSource) => {
      while (site.ledger.list.length < DAY_END)
        gateway.write('channel-opened', { peerNode: 'edge-1' });
      gateway.seal();
    };

    it('a run of which the one before it went with the day', async () => {
      const { site, sources } = busySite(4);
      const [gateway, first] = sources;
      const second = site.source('edge-1', 0, 0x12n);
      assert.ok(gateway && first?.lastSeal);
      second.isHolding = true;
      second.open({ epoch: 0x11n, seal: first.lastSeal }).seal();
      assert.ok(second.lastSeal);
      fillDay(site, gateway);
      const third = site.source('edge-1', 0, 0x13n);
      third.open({ epoch: 0x12n, seal: second.lastSeal }).seal();
      second.deliverHeld();
      assert.deepEqual(codesOf(await withoutDay(site, gateway)), ['days-dropped']);
    });

    // Which exchanges of six came late; the others but the last one went with the day.
    for (const [what, late] of [
      ['a piece', [0]],
      ['two pieces, and what was between them went,', [0, 2]],
      ['two pieces, and what was behind them went,', [0, 2, 3]],
    ] as const) {
      it(`${what} of a run that goes on`, async () => {
        const { site, sources } = busySite(4);
        const [gateway, proxy] = sources;
        assert.ok(gateway && proxy);
        const held: Buffer[] = [];
        for (let number = 0; number < 6; number++) {
          if (number === 5) fillDay(site, gateway);
          proxy.isHolding = (late as readonly number[]).includes(number);
          exchange(proxy, number);
          proxy.seal();
          held.push(...proxy.held.splice(0));
        }
        proxy.held.push(...held);
        proxy.deliverHeld();
        site.checkpoint();
        const part = verify(await site.pack({ from: DAY_END }), { keys: site.publicKeys });
        assert.deepEqual(codesOf(part), ['before-not-here']);
        assert.deepEqual(codesOf(await withoutDay(site, gateway)), ['days-dropped']);
      });
    }
  });

  it('what a kill leaves of a run whose clock was set back an hour before', async () => {
    const { site, sources } = busySite(20);
    const proxy = sources[1] as (typeof sources)[0];
    site.nowMs += 2 * HOUR_MS;
    exchange(proxy, 76);
    site.nowMs -= HOUR_MS;
    proxy.seal();
    exchange(proxy, 77);
    site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n }).seal();
    site.checkpoint();
    assert.deepEqual(codesOf(await verifySite(site)), ['tail-unsealed-after-kill']);
  });

  it('what a kill leaves of a run of which an earlier piece comes last, from a gateway that was away', async () => {
    const { site, sources } = busySite(20);
    const proxy = sources[1] as (typeof sources)[0];
    proxy.isHolding = true;
    exchange(proxy, 76);
    proxy.seal();
    site.nowMs += HOUR_MS;
    const late = proxy.held.splice(0);
    proxy.isHolding = false;
    exchange(proxy, 77);
    proxy.seal();
    exchange(proxy, 78);
    site.source('edge-1', 0, 0x12n).open({ epoch: 0x11n }).seal();
    proxy.held.push(...late);
    proxy.deliverHeld();
    site.checkpoint();
    assert.deepEqual(codesOf(await verifySite(site)), ['tail-unsealed-after-kill']);
  });
});
