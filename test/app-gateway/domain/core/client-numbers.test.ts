import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, responseTo, startLine } from './core-stage.ts';

describe('numbers of tries', () => {
  it('start over after the last one that a channel has room for, and pass those over that are in use', () => {
    const stage = new CoreStage(undefined, undefined, undefined, undefined, undefined, 40);
    const ask = (method: string, callId: string) => {
      const via = `SIP/2.0/TLS one.inner.example:5061;branch=z9hG4bK${callId}`;
      stage.request(stage.staff, fromInside(method, { callId, via }));
      const asked = stage.take().find(({ to }) => to === 'partner');
      assert.ok(asked);
      return asked;
    };
    const ringing = ask('INVITE', 'rings');
    const numbers = Array.from({ length: 100 }, (_, turn) => {
      const asked = ask('MESSAGE', `turn-${turn}`);
      stage.response('globex', responseTo(asked.text, 200));
      assert.equal(startLine(stage.one().text), 'SIP/2.0 200 Reason');
      return asked.number;
    });
    assert.equal(Math.max(...numbers), 40);
    assert.ok(!numbers.includes(ringing.number));
    stage.response('globex', responseTo(ringing.text, 180));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 180 Reason');
    assert.deepEqual(stage.strays, []);
  });
});
