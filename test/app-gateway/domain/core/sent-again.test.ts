import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  headers,
  responseTo,
  type Sent,
  startLine,
} from './core-stage.ts';

const branchOf = (text: string) => /branch=([^;\s]+)/.exec(headers(text, 'Via')[0] ?? '')?.[1];
const lines = (sent: readonly Sent[]) => sent.map(({ to, text }) => `${to} ${startLine(text)}`);

describe('a request whose connection is lost', () => {
  it('inside goes once more as it was, where nothing has come back; then the next host gets it', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    const first = stage.one();
    const lost = stage.link(first.where, 'staff', '');
    stage.core.linkLost(lost);
    assert.deepEqual(stage.one(), first);
    stage.core.linkLost(lost);
    const second = stage.one();
    assert.equal(second.where, 'staff/two.inner.example:5061');
    assert.notEqual(branchOf(first.text), branchOf(second.text));
    stage.response('staff', responseTo(first.text, 200));
    assert.deepEqual(stage.take(), [], 'the first try is over');
    stage.core.linkLost(stage.link(second.where, 'staff', ''));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 503 Service Unavailable']);
  });

  it('inside gets the answer to what was sent once more', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    const [, first] = stage.take();
    stage.core.linkLost(stage.link(first?.where ?? '', 'staff', ''));
    assert.deepEqual(stage.one(), first);
    stage.response('staff', responseTo(first?.text ?? '', 200));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 200 Reason']);
    assert.deepEqual(stage.partners, ['globex', 'globex']);
  });

  it('goes to the next host at once where the first cannot be reached any more', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    const first = stage.one();
    stage.broken.add(first.where);
    stage.core.linkLost(stage.link(first.where, 'staff', ''));
    assert.equal(stage.one().where, 'staff/two.inner.example:5061');
  });

  it('does not go once more where it was cancelled, nor to a partner', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    const [, invite] = stage.take();
    stage.request(stage.globex, fromPartner('CANCEL'), 2);
    stage.take();
    stage.core.linkLost(stage.link(invite?.where ?? '', 'staff', ''));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 487 Request Terminated']);
    stage.request(stage.staff, fromInside('MESSAGE'));
    const out = stage.one();
    stage.core.linkLost(stage.link('198.51.100.7:5061', 'globex', 'edge-1/0/globex'));
    assert.notEqual(branchOf(stage.one().text), branchOf(out.text));
  });
});
