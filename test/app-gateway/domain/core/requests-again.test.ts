import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  FakeOrigin,
  fromPartner,
  headers,
  responseTo,
  startLine,
} from './core-stage.ts';

function stageOf(method: string) {
  const stage = new CoreStage();
  stage.request(stage.globex, fromPartner(method), 1);
  const forwarded = stage.take().at(-1)?.text ?? '';
  const other = new FakeOrigin('outside', 'globex', 'edge-2/0/1', stage.sent);
  return { stage, forwarded, other };
}
const told = (stage: CoreStage) =>
  stage.take().map(({ to, number, text }) => `${to} ${number} ${startLine(text)}`);

describe('a request that comes again over another connection (RFC 3261 §17.2.3, §18.2.2)', () => {
  it('has its answer over the first one while that is there', () => {
    const { stage, forwarded, other } = stageOf('MESSAGE');
    stage.request(other, fromPartner('MESSAGE'), 7);
    assert.deepEqual([told(stage), other.abandoned], [[], [7]]);
    stage.response('staff', responseTo(forwarded, 200));
    assert.deepEqual(told(stage), ['origin 1 SIP/2.0 200 Reason']);
  });

  it('has it over the new one where the first is gone, with the address that it came from', () => {
    const { stage, forwarded, other } = stageOf('MESSAGE');
    stage.globex.isOpen = false;
    Object.assign(other, { sourceAddress: '192.0.2.77' });
    stage.request(other, fromPartner('MESSAGE'), 7);
    assert.deepEqual([told(stage), other.abandoned], [[], []]);
    assert.deepEqual([stage.globex.share.held, other.share.held], [0, 1]);
    stage.response('staff', responseTo(forwarded, 200));
    const [answer] = stage.take();
    assert.equal(answer?.number, 7);
    assert.match(headers(answer?.text ?? '', 'Via')[0] ?? '', /;received=192\.0\.2\.77$/);
    assert.equal(stage.core.size, 0);
    assert.deepEqual([other.share.held, other.share.bytes], [0, 0]);
  });

  it('an INVITE is told 100 there, and rings on', () => {
    const { stage, forwarded, other } = stageOf('INVITE');
    stage.globex.isOpen = false;
    stage.request(other, fromPartner('INVITE'), 7);
    assert.deepEqual(told(stage), ['origin 7 SIP/2.0 100 Trying']);
    stage.response('staff', responseTo(forwarded, 180));
    stage.response('staff', responseTo(forwarded, 200));
    assert.deepEqual(told(stage), ['origin 7 SIP/2.0 180 Reason', 'origin 7 SIP/2.0 200 Reason']);
  });

  it('an INVITE that was accepted has every further 2xx there (RFC 6026 §7.1)', () => {
    const { stage, forwarded, other } = stageOf('INVITE');
    stage.response('staff', responseTo(forwarded, 200));
    stage.globex.isOpen = false;
    stage.take();
    stage.request(other, fromPartner('INVITE'), 7);
    assert.deepEqual([told(stage), other.abandoned], [[], [7]]);
    stage.response('staff', responseTo(forwarded, 200));
    assert.deepEqual(told(stage), ['origin 7 SIP/2.0 200 Reason']);
  });

  it('an INVITE whose rejection went with the first begins anew', () => {
    const { stage, forwarded, other } = stageOf('INVITE');
    stage.response('staff', responseTo(forwarded, 401));
    stage.take();
    stage.request(stage.globex, fromPartner('INVITE'), 2);
    assert.deepEqual(told(stage), [], 'while its connection is there it has its answer');
    stage.globex.isOpen = false;
    stage.request(other, fromPartner('INVITE'), 7);
    const [trying, invite] = stage.take();
    assert.equal(trying?.number, 7);
    assert.match(startLine(invite?.text ?? ''), /^INVITE /);
    assert.deepEqual(other.abandoned, []);
    stage.response('staff', responseTo(invite?.text ?? '', 401));
    assert.deepEqual(told(stage).at(-1), 'origin 7 SIP/2.0 401 Reason');
  });
});
