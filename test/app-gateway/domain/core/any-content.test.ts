import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { filledMessages, processorMs } from '../../../fuzz/contents.ts';
import { CoreStage, fromInside, fromPartner, LIMITS, responseTo } from './core-stage.ts';

/** Ten times what any of them takes; what goes over its octets again for each of them takes hundreds. */
const ENOUGH_MS = 50;

describe('whatever a partner writes, in a message as large as a site may allow, keeps a gateway for milliseconds', () => {
  const index = new MessageIndex(LIMITS);

  function hear(begun: () => CoreStage, text: string): number {
    const bytes = Buffer.from(text, 'latin1');
    assert.ok(bytes.length <= LIMITS.headBytesMax);
    const stages = [begun(), begun(), begun()];
    return processorMs(() => {
      const stage = stages.pop();
      if (stage === undefined || index.scan(bytes, 0, bytes.length) <= 0 || index.fatal) return;
      if (index.isRequest) stage.core.request(index, stage.globex, 2);
      else stage.core.response(index, 'globex');
    }, ENOUGH_MS);
  }

  for (const method of ['INVITE', 'REFER', 'ACK']) {
    it(method, () => {
      const request = fromPartner(method, { to: '<sip:bob@acme.example>;tag=1' });
      for (const [what, text] of filledMessages(request, LIMITS)) {
        const ms = hear(() => new CoreStage(), text);
        assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
      }
    });
  }

  it('an answer', () => {
    const asked = () => {
      const stage = new CoreStage();
      stage.request(stage.staff, fromInside('INVITE'));
      return stage;
    };
    const invite = asked().take().at(-1)?.text ?? '';
    for (const [what, text] of filledMessages(responseTo(invite, 401), LIMITS)) {
      const ms = hear(asked, text);
      assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
    }
  });
});
