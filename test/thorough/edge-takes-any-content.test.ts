import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { config, IngressStage } from '../dmz-proxy/edge/ingress-stage.ts';
import { recordedFlow } from '../dmz-proxy/edge/recorded-flow.ts';
import { filledMessages } from '../fuzz/contents.ts';
import { ours, request, responseTo } from '../integration/support/sip-text.ts';
import { processorMs } from '../processor-ms.ts';

/** The largest that a site may allow. */
const LARGEST: MessageLimits = {
  headBytesMax: 65_536,
  bodyBytesMax: 262_144,
  requestUriBytesMax: 8192,
  lineBytesMax: 16_384,
  headersMax: 1024,
};
/** Ten times what any of them takes; what goes over its octets again for each of them takes hundreds. */
const ENOUGH_MS = 50;

describe('whatever a partner writes, in a message as large as a site may allow, keeps a worker for milliseconds', () => {
  const index = new MessageIndex(LARGEST);

  function hear(begun: () => IngressStage, text: string): number {
    const bytes = Buffer.from(text, 'latin1');
    assert.ok(bytes.length <= LARGEST.headBytesMax);
    const take = (stage: IngressStage) => {
      const { flow } = recordedFlow();
      if (index.scan(bytes, 0, bytes.length) <= 0) return;
      if (index.fatal) stage.ingress.fatal(flow, index, true);
      else stage.ingress.message(flow, index);
    };
    return processorMs(take, ENOUGH_MS, begun);
  }

  const stages: readonly (readonly [string, (stage: IngressStage) => void])[] = [
    ['goes on', (stage) => stage.connect('gateway-1')],
    ['is refused', () => undefined],
    [
      'is refused while the worker drains',
      (stage) => {
        stage.connect('gateway-1');
        stage.ingress.drain();
      },
    ],
  ];
  for (const [outcome, prepare] of stages) {
    for (const method of ['INVITE', 'SUBSCRIBE', 'ACK']) {
      it(`${method} that ${outcome}`, () => {
        const begun = () => {
          const stage = new IngressStage({ nowMs: () => 0 });
          stage.ingress.useLimits({ ...config.limits, ...LARGEST });
          prepare(stage);
          return stage;
        };
        const headers = method === 'SUBSCRIBE' ? ['Event: presence'] : [];
        for (const [what, text] of filledMessages(request({ method, headers }), LARGEST)) {
          const ms = hear(begun, text);
          assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
        }
      });
    }
  }

  it('an answer', () => {
    const begun = () => {
      const stage = new IngressStage({ nowMs: () => 0 });
      stage.connect('gateway-1');
      return stage;
    };
    const answer = responseTo(ours(request()), '200 OK');
    for (const [what, text] of filledMessages(answer, LARGEST)) {
      const ms = hear(begun, text);
      assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
    }
  });
});
