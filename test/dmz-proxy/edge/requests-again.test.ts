import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Ingress } from '@sallyport/dmz-proxy/edge/ingress.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import type { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { request } from '../../integration/support/sip-text.ts';
import { auditUnderTest } from '../audit/audit-fixture.ts';
import { IngressStage } from './ingress-stage.ts';
import { recordedFlow } from './recorded-flow.ts';

const ANSWER = Buffer.from('SIP/2.0 200 OK\r\n\r\n', 'latin1');

describe('a request while another of its transaction is under way', () => {
  let stage: IngressStage;
  let counters: Counters;
  let ingress: Ingress;
  let audit: ReturnType<typeof auditUnderTest>;
  beforeEach(() => {
    audit = auditUnderTest();
    stage = new IngressStage({ audit, nowMs: () => 0 });
    ({ counters, ingress } = stage);
  });
  const connect = (node: string) => stage.connect(node);
  const receive = (flow: Flow, text: string) => stage.receive(flow, text);

  const repeats: readonly (readonly [string, object, (flow: Flow) => void, string])[] = [
    [
      'the rate is exceeded',
      { messagesPerSecond: 1, messagesBurst: 1 },
      () => undefined,
      'rate-exceeded',
    ],
    [
      'no more may be under way',
      { requestsInFlightMax: 1 },
      () => undefined,
      'requests-in-flight-max',
    ],
    ['nothing new is let in', {}, () => ingress.drain(), 'draining'],
    [
      'nothing can be put on record',
      {},
      () => Object.assign(audit, { isClosed: true }),
      'audit-full',
    ],
    [
      'its connection ends',
      {},
      (flow) => Object.assign(flow, { isEnding: true }),
      'identity-ended',
    ],
  ];
  for (const [when, limits, shut, code] of repeats) {
    it(`that comes again is absorbed, also when ${when} (RFC 3261 §17.2)`, () => {
      const { link, channel } = connect('gateway-1');
      const { flow, written, vain } = recordedFlow(limits);
      receive(flow, request());
      shut(flow);
      receive(flow, request());
      receive(flow, request());
      assert.deepEqual([written, channel.sip.length, link.pending.size, vain()], [[], 1, 1, 2]);
      assert.equal(counters.read()['requests-repeated'], 2);
      receive(flow, request({ branch: 'z9hG4bKnew' }));
      assert.equal(counters.read()[`refused:${code}`], 1);
      ingress.answered(link, 1, true, ANSWER, 0, ANSWER.length);
      receive(flow, request());
      assert.equal(counters.read()['requests-repeated'], 2);
    });
  }

  it('that comes again is none of another partner’s, nor of a connection that is gone', () => {
    const { channel } = connect('gateway-1');
    const [one, again, other] = [recordedFlow(), recordedFlow(), recordedFlow({ id: 'initech' })];
    receive(one.flow, request());
    receive(other.flow, request());
    assert.equal(channel.sip.length, 2);
    Object.assign(other.flow, { isClosed: true });
    receive(other.flow, request());
    assert.equal(channel.sip.length, 3);
    receive(again.flow, request());
    assert.equal(channel.sip.length, 4);
    receive(one.flow, request());
    assert.equal(channel.sip.length, 4);
  });

  it('cancels an INVITE that holds the last place', () => {
    const { channel } = connect('gateway-1');
    const { flow, written } = recordedFlow({ requestsInFlightMax: 1 });
    receive(flow, request({ method: 'INVITE' }));
    receive(flow, request({ method: 'CANCEL' }));
    assert.deepEqual([channel.sip.length, written], [2, []]);
    receive(flow, request({ method: 'CANCEL', branch: 'z9hG4bKother' }));
    assert.match(written[0] ?? '', /^SIP\/2\.0 503 /);
    assert.equal(channel.sip.length, 2);
  });
});
