import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANSWERS_MAX } from '@sallyport/app-gateway/domain/core/proxied-request.ts';
import {
  CoreStage,
  fromInside,
  fromPartner,
  responseTo,
  type Sent,
  startLine,
} from './core-stage.ts';

const MANY = ANSWERS_MAX + 500;

describe('answers without end', () => {
  for (const side of ['partner', 'community'] as const) {
    const asked = () => {
      const stage = new CoreStage();
      const peer = side === 'partner' ? 'globex' : 'staff';
      if (side === 'partner') stage.request(stage.staff, fromInside('INVITE'), 5);
      else stage.request(stage.globex, fromPartner('INVITE'), 5);
      const invite = stage.take().find(({ to }) => to === side) as Sent;
      const hear = (status: number, times = 1) => {
        const tagged = responseTo(invite.text, status);
        for (let at = 0; at < times; at++) stage.response(peer, tagged);
        return stage.take().map(({ to, text }) => `${to} ${startLine(text)}`);
      };
      return { stage, hear };
    };

    it(`of a ${side}: so many ring for a call, and the last word counts all the same`, () => {
      const { stage, hear } = asked();
      assert.deepEqual(new Set(hear(180, MANY)), new Set(['origin SIP/2.0 180 Reason']));
      assert.equal(stage.strays.length, MANY - ANSWERS_MAX);
      assert.deepEqual(hear(180), []);
      assert.deepEqual(hear(200), ['origin SIP/2.0 200 Reason']);
    });

    it(`of a ${side}: so many say that it is there, whatever came before`, () => {
      const { stage, hear } = asked();
      hear(180, MANY);
      stage.strays.length = 0;
      assert.equal(hear(200, MANY).length, 1 + ANSWERS_MAX);
      assert.equal(stage.strays.length, MANY - ANSWERS_MAX - 1);
    });

    it(`of a ${side}: a refusal ends it as ever`, () => {
      const { hear } = asked();
      hear(180, MANY);
      assert.match(hear(486).join(), /origin SIP\/2\.0 486 /);
    });
  }
});
