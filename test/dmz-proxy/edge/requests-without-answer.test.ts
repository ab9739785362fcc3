import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { Ingress } from '@sallyport/dmz-proxy/edge/ingress.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { proxySite } from '../../integration/support/proxy-site.ts';
import { request } from '../../integration/support/sip-text.ts';
import { auditUnderTest } from '../audit/audit-fixture.ts';
import { LIMITS, recordedLink } from '../edge-fixture.ts';
import { recordedFlow } from './recorded-flow.ts';

const site = await proxySite();
const built = edgeConfig(site.snapshot, undefined, 0);
assert.ok(built.ok);
const config = built.value;
site.remove();

const ANSWER = Buffer.from('SIP/2.0 486 Busy Here\r\n\r\n', 'latin1');
/** Longer than the route of an answered INVITE is remembered. */
const LONG_MS = 100_000;

describe('a request that its gateway gives no answer to', () => {
  let gateways: Gateways;
  let counters: Counters;
  let ingress: Ingress;
  let nowMs = 0;
  const index = new MessageIndex(LIMITS);
  beforeEach(() => {
    nowMs = 0;
    gateways = new Gateways();
    counters = new Counters();
    ingress = new Ingress({
      gateways,
      counters,
      config: () => config,
      audit: auditUnderTest(),
      nowMs: () => nowMs,
      tagPrefix: 'tag',
      hashSeed: [1, 2],
      aliased: () => undefined,
      refused: () => undefined,
      wouldRefuse: () => undefined,
    });
    ingress.useLimits(config.limits);
  });
  const connect = (node: string) => {
    const connected = recordedLink(node);
    gateways.add(connected.link);
    return connected;
  };
  const receive = (flow: Flow, text: string) => {
    const bytes = Buffer.from(text, 'latin1');
    index.scan(bytes, 0, bytes.length);
    ingress.message(flow, index);
  };
  const passLong = () => {
    for (const untilMs = nowMs + LONG_MS; nowMs < untilMs; nowMs += 1000) ingress.sweep(0);
  };

  it('gives its place back, once, and nothing is written', () => {
    const { link } = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(flow, request());
    ingress.abandoned(link, 1);
    ingress.abandoned(link, 1);
    assert.deepEqual([link.pending.size, flow.requestsOwed], [0, 0]);
    assert.equal(flow.identity.partner.load.requestsInFlight, 0);
    assert.equal(counters.read()['pending-abandoned'], 1);
    assert.deepEqual(written, []);
  });

  it('leaves the INVITE that it repeats its gateway, for a CANCEL, until that is answered', () => {
    const [one, other] = [connect('gateway-1'), connect('gateway-2')];
    const { flow } = recordedFlow();
    const invite = request({ method: 'INVITE' });
    receive(flow, invite);
    const [asked, spare] = one.channel.sip.length === 1 ? [one, other] : [other, one];
    receive(flow, invite);
    ingress.abandoned(asked.link, 2);
    passLong();
    asked.channel.drain();
    gateways.refresh();
    const cancel = request({ method: 'CANCEL' });
    receive(flow, cancel);
    assert.deepEqual([asked.channel.sip.length, spare.channel.sip.length], [3, 0]);
    ingress.answered(asked.link, 1, true, ANSWER, 0, ANSWER.length);
    passLong();
    receive(flow, cancel);
    assert.deepEqual([asked.channel.sip.length, spare.channel.sip.length], [3, 1]);
  });
});
