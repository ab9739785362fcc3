import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgreedRates } from '@sallyport/app-gateway/domain/core/agreed-rates.ts';
import type { Origin } from '@sallyport/app-gateway/domain/signalling.ts';
import type { Partner, SiteView } from '@sallyport/app-gateway/domain/site-view.ts';
import { PartnerLoad } from '@sallyport/dmz-proxy/identity/partner-load.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import fc from 'fast-check';
import { CoreStage, FakeOrigin, fromPartner, header, SITE, startLine } from './core-stage.ts';

const TICK_MS = 50;
/** A channel that stands still for longer is closed. */
const STALL_MS_MAX = 25_000;

function siteWith(rates: Pick<Partner, 'messagesPerSecond' | 'messagesBurst'>): SiteView {
  const partners = [...SITE.partnerById.values()].map((partner) => ({ ...partner, ...rates }));
  return { ...SITE, partnerById: new Map(partners.map((partner) => [partner.id, partner])) };
}

function originOf(peer = 'globex', share = { held: 0, bytes: 0 }): FakeOrigin {
  return new FakeOrigin('outside', peer, 'edge-1/0/1', [], undefined, share);
}

/** How many more may begin now. */
function leftOf(rates: AgreedRates, origin: FakeOrigin, site: SiteView): number {
  let count = 0;
  while (rates.takes(origin, site, 'MESSAGE')) count++;
  return count;
}

/** How many of so many requests the edge lets in from then until then. */
function letInBy(edge: TokenBucket, fromMs: number, untilMs: number, wanted: number): number {
  let count = 0;
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += TICK_MS) {
    while (count < wanted && edge.take(nowMs)) count++;
  }
  return count;
}

describe('what comes in a partner’s name through one proxy’s host', () => {
  it('is never too much where the edge keeps the rate, however it is delayed', () => {
    const anyRates = fc.record({
      messagesPerSecond: fc.double({ min: 0.1, max: 200, noNaN: true }),
      messagesBurst: fc.integer({ min: 1, max: 500 }),
      // The partner sends as much as it can now and then; the channel stands still now and then.
      turns: fc.array(
        fc.record({
          idleMs: fc.integer({ min: 0, max: 5000 }),
          stallMs: fc.integer({ min: 0, max: STALL_MS_MAX }),
          wanted: fc.integer({ min: 0, max: 3000 }),
        }),
        { minLength: 1, maxLength: 20 },
      ),
    });
    fc.assert(
      fc.property(anyRates, ({ messagesPerSecond, messagesBurst, turns }) => {
        const site = siteWith({ messagesPerSecond, messagesBurst });
        const edge = new TokenBucket(messagesPerSecond, messagesBurst, 0);
        const rates = new AgreedRates(0);
        const origin = originOf();
        let nowMs = 0;
        for (const { idleMs, stallMs, wanted } of turns) {
          const fromMs = nowMs + idleMs;
          nowMs = fromMs + stallMs;
          const waiting = letInBy(edge, fromMs, nowMs, wanted);
          rates.advance(nowMs);
          for (let at = 0; at < waiting; at++)
            assert.ok(rates.takes(origin, site, 'MESSAGE'), `${nowMs} ms`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is held to twice the rate, and what is saved up in a minute', () => {
    const site = siteWith({ messagesPerSecond: 10, messagesBurst: 20 });
    const rates = new AgreedRates(0);
    const origin = originOf();
    assert.equal(leftOf(rates, origin, site), 620);
    rates.advance(999);
    assert.equal(leftOf(rates, origin, site), 0);
    rates.advance(2000);
    assert.equal(leftOf(rates, origin, site), 40);
    rates.advance(3_600_000);
    assert.equal(leftOf(rates, origin, site), 620);
  });

  it('counts all connections of the host together, and each partner and host alone', () => {
    const site = siteWith({ messagesPerSecond: 10, messagesBurst: 20 });
    const rates = new AgreedRates(0);
    const host = { held: 0, bytes: 0 };
    assert.equal(leftOf(rates, originOf('globex', host), site), 620);
    assert.equal(leftOf(rates, originOf('globex', host), site), 0);
    assert.equal(leftOf(rates, originOf('initech', host), site), 620);
    assert.equal(leftOf(rates, originOf(), site), 620);
  });

  it('meets a new agreement at once, and keeps nothing of whoever is no partner', () => {
    const site = siteWith({ messagesPerSecond: 10, messagesBurst: 20 });
    const rates = new AgreedRates(0);
    const origin = originOf();
    const stranger: Origin = originOf('nobody');
    assert.equal(rates.takes(origin, site, 'MESSAGE'), true);
    for (let times = 0; times < 1000; times++)
      assert.equal(rates.takes(stranger, site, 'MESSAGE'), true);
    assert.equal(stranger.allowance, undefined);
    const lower = siteWith({ messagesPerSecond: 1, messagesBurst: 2 });
    rates.agreed({ ...lower, partnerById: new Map() });
    rates.agreed(lower);
    assert.equal(leftOf(rates, origin, lower), 62);
    rates.agreed(site);
    rates.advance(1000);
    assert.equal(leftOf(rates, origin, site), 20);
  });
});

describe('a request beyond that', () => {
  it('gets 503; what ends others passes, and what came before counts once', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    stage.core.replaceSite(siteWith({ messagesPerSecond: 0.1, messagesBurst: 1 }));
    const text = (at: number, method = 'INVITE') =>
      fromPartner(method, {
        via: `SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKrate${at}`,
        callId: `rate-${at}`,
      });
    for (let at = 1; at <= 7; at++) stage.request(stage.globex, text(at));
    for (let times = 0; times < 3; times++) stage.request(stage.globex, text(1));
    assert.deepEqual(stage.refusals, []);
    stage.take();
    stage.request(stage.globex, text(8));
    const refused = stage.one();
    assert.equal(startLine(refused.text), 'SIP/2.0 503 Service Unavailable');
    assert.equal(header(refused.text, 'Retry-After'), '1');
    assert.deepEqual(stage.refusals, ['partner-rate']);
    stage.request(stage.globex, text(7, 'CANCEL'));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 200 OK');
    stage.request(stage.globex, text(9, 'ACK'));
    assert.match(startLine(stage.one().text), /^ACK /);
    stage.request(stage.initech, fromPartner('MESSAGE', { from: '<sip:a@initech.example>;tag=1' }));
    assert.match(startLine(stage.one().text), /^MESSAGE /);
    stage.pass(10_000);
    stage.take();
    stage.request(stage.globex, text(10));
    assert.deepEqual(stage.refusals, ['partner-rate']);
  });
});

describe('ACKs, which begin nothing and cannot be refused', () => {
  const ack = (at: number) =>
    fromPartner('ACK', {
      via: `SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKack${at}`,
      callId: `ack-${at}`,
    });

  it('pass as any request does, and beyond that two for each INVITE that was let in', () => {
    const stage = new CoreStage(siteWith({ messagesPerSecond: 0.1, messagesBurst: 1 }));
    const invite = fromPartner('INVITE', { callId: 'one' });
    stage.request(stage.globex, invite);
    stage.take();
    for (let at = 0; at < 50; at++) stage.request(stage.globex, ack(at));
    const passed = stage.take().filter(({ to }) => to === 'community');
    assert.equal(passed.length, 6 + 2);
    assert.equal(stage.strays.length, 50 - passed.length);
    stage.request(stage.initech, fromPartner('ACK', { from: '<sip:a@initech.example>;tag=1' }));
    assert.match(startLine(stage.one().text), /^ACK /);
  });

  it('are never too many where the edge keeps them to its rate and to the INVITEs that it let in', () => {
    const site = siteWith({ messagesPerSecond: 10, messagesBurst: 20 });
    const [rates, origin] = [new AgreedRates(0), originOf()];
    const edge = new PartnerLoad(10, 20, 0);
    for (let nowMs = 0; nowMs < 120_000; nowMs += TICK_MS) {
      rates.advance(nowMs);
      while (edge.takeMessage(nowMs)) {
        edge.inviteTaken();
        assert.ok(rates.takes(origin, site, 'INVITE'));
      }
      // All at once, now and then.
      if (nowMs % 30_000 !== 0) continue;
      while (edge.takeEnding()) assert.ok(rates.takes(origin, site, 'ACK'), `${nowMs} ms`);
    }
  });

  it('are saved up for so many INVITEs and no more', () => {
    const site = siteWith({ messagesPerSecond: 1000, messagesBurst: 1000 });
    const [rates, origin] = [new AgreedRates(0), originOf()];
    while (rates.takes(origin, site, 'INVITE'));
    let count = 0;
    while (rates.takes(origin, site, 'ACK')) count++;
    assert.equal(count, 16_384);
    assert.equal(rates.takes(origin, site, 'CANCEL'), false);
  });
});
