import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, type RequestParts } from './core-stage.ts';

const DEMANDS = ['Require: resource-priority', 'Resource-Priority: dsn.flash'];
const IN_DIALOG = { to: '<sip:bob@acme.example>;tag=bob1' };
const globexVia = (branch: string) => `SIP/2.0/TLS edge.globex.example:5061;branch=${branch}`;

function toInside(stage: CoreStage, method: string, parts: RequestParts): readonly string[] {
  stage.request(stage.globex, fromPartner(method, parts));
  return stage
    .take()
    .filter(({ to }) => to === 'community')
    .map(({ text }) => text.slice(0, text.indexOf(' ')));
}

describe('an ACK to a refusal of our own', () => {
  for (const [where, parts] of [
    ['in a dialog', IN_DIALOG],
    ['outside of one', {}],
  ] as const) {
    it(`${where} goes nowhere, however often both come`, () => {
      const stage = new CoreStage();
      for (let time = 1; time <= 2; time++) {
        stage.request(stage.globex, fromPartner('INVITE', { ...parts, extra: DEMANDS }));
        const [answer] = stage.take();
        assert.match(answer?.text ?? '', /^SIP\/2\.0 417 /);
        const to = /\r\nTo: (.*)\r\n/.exec(answer?.text ?? '')?.[1] ?? '';
        assert.deepEqual(toInside(stage, 'ACK', { to }), []);
      }
      assert.deepEqual(stage.refusals, Array(2).fill('resource-priority-unknown'));
      assert.deepEqual(stage.strays, []);
    });
  }

  it('is told from one to another INVITE, another peer\u2019s, and one that is carried on after all', () => {
    const stage = new CoreStage();
    assert.deepEqual(toInside(stage, 'INVITE', { ...IN_DIALOG, extra: DEMANDS }), []);
    const other = { ...IN_DIALOG, via: globexVia('z9hG4bKother') };
    assert.deepEqual(toInside(stage, 'ACK', other), ['ACK']);
    stage.request(stage.staff, fromInside('ACK', { to: '<sip:alice@globex.example>;tag=a' }));
    assert.equal(stage.take().length, 1);
    assert.deepEqual(toInside(stage, 'INVITE', IN_DIALOG), ['INVITE']);
  });

  it('of a caller without a magic cookie goes on, as its branch names no transaction', () => {
    const stage = new CoreStage();
    const old = { ...IN_DIALOG, via: globexVia('1') };
    assert.deepEqual(toInside(stage, 'INVITE', { ...old, extra: DEMANDS }), []);
    assert.deepEqual(toInside(stage, 'ACK', old), ['ACK']);
  });
});
