import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Ingress } from '@sallyport/dmz-proxy/edge/ingress.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import type { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import type { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { request } from '../../integration/support/sip-text.ts';
import { IngressStage } from './ingress-stage.ts';
import { recordedFlow } from './recorded-flow.ts';

const ANSWER = Buffer.from('SIP/2.0 486 Busy Here\r\n\r\n', 'latin1');
/** Longer than the route of an answered INVITE is remembered. */
const LONG_MS = 100_000;

describe('a request that its gateway gives no answer to', () => {
  let stage: IngressStage;
  let gateways: Gateways;
  let counters: Counters;
  let ingress: Ingress;
  let nowMs = 0;
  const connect = (node: string) => stage.connect(node);
  const receive = (flow: Flow, text: string) => stage.receive(flow, text);
  beforeEach(() => {
    nowMs = 0;
    stage = new IngressStage({ nowMs: () => nowMs });
    ({ gateways, counters, ingress } = stage);
  });
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
    receive(flow, invite.replace('Max-Forwards: 70', 'Max-Forwards: 69'));
    ingress.abandoned(asked.link, 2);
    passLong();
    asked.channel.drain();
    gateways.refresh();
    const cancel = request({ method: 'CANCEL' });
    receive(flow, cancel);
    assert.deepEqual([asked.channel.sip.length, spare.channel.sip.length], [3, 0]);
    for (const exchange of [1, 3]) {
      ingress.answered(asked.link, exchange, true, ANSWER, 0, ANSWER.length);
    }
    passLong();
    receive(flow, cancel);
    assert.deepEqual([asked.channel.sip.length, spare.channel.sip.length], [3, 1]);
  });
});
