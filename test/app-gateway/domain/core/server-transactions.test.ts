import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, FakeOrigin, fromPartner, responseTo, startLine } from './core-stage.ts';

const MAX = 100;

describe('server transactions of a host that floods us', () => {
  const flooded = (stage: CoreStage) => {
    const share = { held: 0, bytes: 0 };
    const flows = [1, 2, 3].map(
      (number) =>
        new FakeOrigin('outside', 'globex', `edge-2/0/${number}`, stage.sent, undefined, share),
    );
    const begin = (at: number, body = '') =>
      stage.request(
        flows[at % 3] as FakeOrigin,
        fromPartner('MESSAGE', {
          via: `SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKflood${at}`,
          callId: `flood-${at}`,
          body,
        }),
      );
    for (let at = 0; at < 2 * MAX; at++) begin(at);
    return { share, begin };
  };

  it('is three quarters where nobody else has any, and the rest is left for others', () => {
    const stage = new CoreStage(undefined, undefined, undefined, MAX);
    const { share } = flooded(stage);
    assert.deepEqual([share.held, stage.core.size], [76, 76]);
    assert.deepEqual(new Set(stage.refusals), new Set(['transactions-full']));
    stage.take();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    assert.match(startLine(stage.one().text), /^MESSAGE /);
  });

  it('counts the octets that are kept as well', () => {
    const stage = new CoreStage(undefined, undefined, undefined, 10_000, 1_000_000);
    const { share, begin } = flooded(stage);
    for (let at = 1000; at < 1100; at++) begin(at, 'x'.repeat(50_000));
    assert.ok(share.bytes > 700_000 && share.bytes < 850_000, `${share.bytes}`);
    stage.take();
    stage.request(stage.globex, fromPartner('MESSAGE', { body: 'x'.repeat(50_000) }));
    assert.match(startLine(stage.one().text), /^MESSAGE /);
  });

  it('lets the ACK of a call pass, which begins none', () => {
    const stage = new CoreStage(undefined, undefined, undefined, MAX);
    const { share } = flooded(stage);
    const caller = new FakeOrigin('outside', 'globex', 'edge-2/0/4', stage.sent, undefined, share);
    stage.take();
    stage.request(caller, fromPartner('ACK', { to: '<sip:bob@acme.example>;tag=callee' }));
    assert.match(startLine(stage.one().text), /^ACK /);
    assert.deepEqual(stage.strays, []);
  });

  it('is given back with the end of each transaction, once', () => {
    const stage = new CoreStage(undefined, undefined, undefined, MAX);
    const { share, begin } = flooded(stage);
    const [first] = stage.take().filter(({ to }) => to === 'community');
    stage.response('staff', responseTo(first?.text ?? '', 200));
    stage.response('staff', responseTo(first?.text ?? '', 200));
    assert.equal(share.held, 75);
    begin(1000);
    assert.equal(share.held, 76);
    stage.pass(70_000);
    assert.deepEqual([share, stage.core.size], [{ held: 0, bytes: 0 }, 0]);
  });
});
