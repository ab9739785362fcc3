import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeldTransactions } from '@sallyport/app-gateway/domain/core/transaction-share.ts';
import { CoreStage, FakeOrigin, fromPartner, responseTo, startLine } from './core-stage.ts';

const MAX = 100;

describe('the share of transactions that one host may hold', () => {
  //  held  of all  may begin another
  for (const [held, size, expected] of [
    [0, 99, true],
    [0, 100, false],
    [75, 75, true],
    [76, 76, false],
    [60, 80, true],
    [61, 80, false],
    [3, 99, true],
    [4, 99, false],
  ] as const) {
    it(`${held} of ${size}: ${expected ? 'one more' : 'none'}`, () => {
      const all = (many: number, octets: number) => {
        const held = new HeldTransactions({ held: MAX, bytes: MAX });
        const others = { share: { held: 0, bytes: 0 } };
        for (let at = 0; at < many; at++) held.begun({ origin: others, text: '' });
        held.begun({ origin: others, text: 'x'.repeat(octets) });
        held.ended({ origin: others, text: '' });
        return held;
      };
      assert.equal(all(size, 1).mayBegin({ held, bytes: 0 }), expected);
      assert.equal(all(1, size).mayBegin({ held: 0, bytes: held }), expected);
    });
  }

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
