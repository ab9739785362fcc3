import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import {
  CoreStage,
  fromInside,
  fromPartner,
  LIMITS,
  responseTo,
} from '../app-gateway/domain/core/core-stage.ts';
import { filledMessages } from '../fuzz/contents.ts';
import { processorMs } from '../processor-ms.ts';

/** Ten times what any of them takes; what goes over its octets again for each of them takes hundreds. */
const ENOUGH_MS = 50;

describe('whatever is written, in a message as large as a site may allow, keeps a gateway for milliseconds', () => {
  const index = new MessageIndex(LIMITS);

  function hear(begun: () => CoreStage, text: string, isInside = false): number {
    const bytes = Buffer.from(text, 'latin1');
    assert.ok(bytes.length <= LIMITS.headBytesMax);
    const take = (stage: CoreStage) => {
      if (index.scan(bytes, 0, bytes.length) <= 0 || index.fatal) return;
      if (index.isRequest) stage.core.request(index, isInside ? stage.staff : stage.globex, 2);
      else stage.core.response(index, isInside ? 'staff' : 'globex');
    };
    return processorMs(take, ENOUGH_MS, begun);
  }

  for (const method of ['INVITE', 'REFER', 'ACK']) {
    it(`${method} of a partner`, () => {
      const request = fromPartner(method, { to: '<sip:bob@acme.example>;tag=1' });
      for (const [what, text] of filledMessages(request, LIMITS)) {
        const ms = hear(() => new CoreStage(), text);
        assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
      }
    });
  }

  for (const method of ['INVITE', 'REFER']) {
    it(`${method} of an inner server`, () => {
      for (const [what, text] of filledMessages(fromInside(method), LIMITS)) {
        const ms = hear(() => new CoreStage(), text, true);
        assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
      }
    });
  }

  for (const isInside of [false, true]) {
    it(`an answer of ${isInside ? 'an inner server' : 'a partner'}`, () => {
      const asked = () => {
        const stage = new CoreStage();
        if (isInside) stage.request(stage.globex, fromPartner('INVITE'));
        else stage.request(stage.staff, fromInside('INVITE'));
        return stage;
      };
      const invite = asked().take().at(-1)?.text ?? '';
      const answer = responseTo(invite, isInside ? 302 : 401);
      for (const [what, text] of filledMessages(answer, LIMITS)) {
        const ms = hear(asked, text, isInside);
        assert.ok(ms < ENOUGH_MS, `${what}: ${ms} ms`);
      }
    });
  }
});
