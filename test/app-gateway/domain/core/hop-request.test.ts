import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, headers, responseTo } from './core-stage.ts';

const ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"';
const REVEALING = 'X;text="one.inner.example"';

describe('a CANCEL that is passed on', () => {
  const extra = [`reason : ${ELSEWHERE}`, `Reason: ${REVEALING}`];

  it('gives the reasons of its sender (RFC 3326 §2)', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    stage.response('staff', responseTo(stage.take().at(-1)?.text ?? '', 180));
    stage.request(stage.globex, fromPartner('CANCEL', { extra }));
    assert.deepEqual(headers(stage.take().at(-1)?.text ?? '', 'Reason'), [ELSEWHERE, REVEALING]);
  });

  it('gives a partner those alone that name nothing of the inside', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE'));
    stage.response('globex', responseTo(stage.take().at(-1)?.text ?? '', 180));
    stage.request(stage.staff, fromInside('CANCEL', { extra }));
    assert.deepEqual(headers(stage.take().at(-1)?.text ?? '', 'Reason'), [ELSEWHERE]);
  });

  it('gives none of its own where it had to wait for a provisional response', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    const invite = stage.take().at(-1)?.text ?? '';
    stage.request(stage.globex, fromPartner('CANCEL'));
    stage.response('staff', responseTo(invite, 180));
    const cancel = stage.take().at(-1)?.text ?? '';
    assert.match(cancel, /^CANCEL /);
    assert.deepEqual(headers(cancel, 'Reason'), []);
  });
});
