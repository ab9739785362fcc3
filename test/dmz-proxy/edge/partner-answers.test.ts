import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import { request, responseTo } from '../../integration/support/sip-text.ts';
import { auditUnderTest, WITNESS } from '../audit/audit-fixture.ts';
import { IngressStage } from './ingress-stage.ts';
import { recordedFlow } from './recorded-flow.ts';

describe('what a partner says while a channel is down', () => {
  let stage: IngressStage;
  let nowMs: number;
  let audit: ReturnType<typeof auditUnderTest>;
  let flow: Flow;
  beforeEach(() => {
    nowMs = 0;
    audit = auditUnderTest();
    stage = new IngressStage({ audit, nowMs: () => nowMs });
    ({ flow } = recordedFlow());
  });

  const answer = (status: string, node = 'gateway-1') => {
    const branch = `z9hG4bK${nodeTag('acme', node)}.unique.loop`;
    const ours = `Via: SIP/2.0/TLS sip.acme.example;branch=${branch}`;
    return responseTo(request({ method: 'INVITE' }), status).replace(/^Via: .*$/m, ours);
  };
  const inDialog = (method: string) => request({ method }).replace(/^To: .*$/m, '$&;tag=theirs');
  const lose = ({ link }: ReturnType<IngressStage['connect']>) => {
    stage.gateways.remove(link);
    stage.ingress.gatewayLost(link);
  };
  const back = (node: string) => {
    const connected = stage.connect(node);
    stage.ingress.gatewayReady(connected.link);
    return connected.channel.sip.map(({ text }) => text.split('\r\n', 1)[0]);
  };

  it('reaches the gateway that asked when it is back, in its order, and is on record once', () => {
    lose(stage.connect('gateway-1'));
    const { channel } = stage.connect('gateway-2');
    audit.under.stream.open(WITNESS.privateKey, 1_000_000);
    audit.under.taken();
    for (const status of ['180 Ringing', '486 Busy Here']) stage.receive(flow, answer(status));
    assert.deepEqual(channel.sip, []);
    assert.deepEqual(audit.under.taken(), []);
    assert.equal(flow.requestsAwaited, 0);
    assert.deepEqual(back('gateway-1'), ['SIP/2.0 180 Ringing', 'SIP/2.0 486 Busy Here']);
    assert.equal(audit.under.taken().length, 1);
    const { responses, 'held-for-gateway': held } = stage.counters.read();
    assert.deepEqual([responses, held, flow.requestsAwaited], [2, 2, 0]);
  });

  it('reaches whoever comes first, where it is the ACK to a 2xx', () => {
    lose(stage.connect('gateway-1'));
    stage.receive(flow, inDialog('ACK'));
    stage.receive(flow, inDialog('BYE'));
    assert.equal(stage.counters.read()['refused:no-gateway'], 1);
    assert.deepEqual(back('gateway-2'), ['ACK sip:bob@acme.example SIP/2.0']);
  });

  it('is dropped, and on record, when nobody waits for it any more', () => {
    lose(stage.connect('gateway-1'));
    audit.under.stream.open(WITNESS.privateKey, 1_000_000);
    audit.under.taken();
    stage.receive(flow, answer('486 Busy Here'));
    nowMs = 32_000;
    stage.ingress.sweep(0);
    assert.deepEqual(
      audit.under.taken().map(({ type, fields }) => [type, fields.code]),
      [['message-refused', 'gateway-gone']],
    );
    assert.deepEqual(back('gateway-1'), []);
  });

  it('is dropped at once where no such gateway was ever there', () => {
    lose(stage.connect('gateway-1'));
    stage.receive(flow, answer('486 Busy Here', 'gateway-3'));
    assert.equal(stage.counters.read()['response-dropped:gateway-gone'], 1);
  });
});
