import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReceiveCredit, SendCredit } from '@sallyport/shared/channel/credit.ts';
import fc from 'fast-check';

const CHANNEL = 1000;
const FLOW = 400;

//  flow, bytes                                      what stands in the way of the last
const takes: readonly (readonly [readonly (readonly [number, number])[], string])[] = [
  [[[1, 400]], 'taken'],
  [[[1, 401]], 'flow-empty'],
  [
    [
      [1, 399],
      [1, 2],
    ],
    'flow-empty',
  ],
  [
    [
      [1, 400],
      [2, 400],
    ],
    'taken',
  ],
  [
    [
      [1, 400],
      [2, 400],
      [3, 201],
    ],
    'channel-empty',
  ],
  [
    [
      [1, 400],
      [2, 400],
      [3, 200],
    ],
    'taken',
  ],
  [[[9, 1000]], 'taken'],
  [[[9, 1001]], 'channel-empty'],
  [
    [
      [0, 700],
      [0, 301],
    ],
    'channel-empty',
  ],
];

describe('credit to send', () => {
  for (const [sequence, verdict] of takes) {
    it(`${JSON.stringify(sequence)} -> ${verdict}`, () => {
      const credit = new SendCredit(CHANNEL, FLOW);
      for (const flow of [1, 2, 3]) credit.open(flow);
      const verdicts = sequence.map(([flow, bytes]) => credit.take(flow, bytes));
      assert.equal(verdicts.pop(), verdict);
      assert.deepEqual(
        verdicts,
        verdicts.map(() => 'taken'),
      );
    });
  }

  it('takes nothing when it refuses', () => {
    const credit = new SendCredit(CHANNEL, FLOW);
    credit.open(1);
    assert.equal(credit.take(1, 401), 'flow-empty');
    assert.equal(credit.take(1, 400), 'taken');
    assert.equal(credit.take(9, 601), 'channel-empty');
    assert.equal(credit.take(9, 600), 'taken');
  });

  it('refuses more credit than was taken', () => {
    const credit = new SendCredit(CHANNEL, FLOW);
    credit.open(1);
    credit.take(1, 100);
    assert.equal(credit.give(1, 100), true);
    assert.equal(credit.give(1, 1), false);
    assert.equal(credit.give(0, 100), true);
    assert.equal(credit.give(0, 1), false);
  });

  it('ignores credit of a flow that has gone', () => {
    const credit = new SendCredit(CHANNEL, FLOW);
    credit.open(1);
    credit.forget(1);
    assert.equal(credit.give(1, 5000), true);
    assert.equal(credit.covers(1, 1000), true);
  });
});

describe('credit of the peer', () => {
  it('bears exactly its window, per flow and in all', () => {
    const flow = new ReceiveCredit(CHANNEL, FLOW, 10);
    flow.open(1);
    assert.equal(flow.received(1, 400), true);
    assert.equal(flow.received(1, 1), false);
    const channel = new ReceiveCredit(CHANNEL, FLOW, 10);
    assert.equal(channel.received(9, 1000), true);
    assert.equal(channel.received(9, 1), false);
  });

  it('is returned a quarter of a window at a time', () => {
    const credit = new ReceiveCredit(CHANNEL, FLOW, 10);
    credit.open(1);
    credit.received(1, 300);
    assert.deepEqual(
      [99, 1, 50].map((bytes) => credit.consumed(1, bytes)),
      [0, 100, 0],
    );
    assert.deepEqual(
      [249, 1, 50].map((bytes) => credit.read(bytes)),
      [0, 250, 0],
    );
  });

  it('is bounded in flows', () => {
    const credit = new ReceiveCredit(CHANNEL, FLOW, 2);
    assert.deepEqual(
      [1, 2, 2, 3].map((flow) => credit.open(flow)),
      [true, true, true, false],
    );
    credit.forget(1);
    assert.equal(credit.open(3), true);
  });

  it('takes no more back than came in: that is a bug of the owner', () => {
    const credit = new ReceiveCredit(CHANNEL, FLOW, 10);
    credit.open(1);
    credit.received(1, 10);
    assert.throws(() => credit.consumed(1, 11));
    assert.equal(credit.consumed(2, 11), 0, 'a flow that has gone owes nothing');
  });
});

describe('both ends of credit', () => {
  const step = fc.record({
    flow: fc.integer({ min: 0, max: 4 }),
    bytes: fc.integer({ min: 1, max: 200 }),
  });

  it('never overrun, never stuck: what was sent and consumed can be sent again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sender = new SendCredit(CHANNEL, FLOW);
        const receiver = new ReceiveCredit(CHANNEL, FLOW, 10);
        for (const flow of [1, 2, 3]) {
          sender.open(flow);
          receiver.open(flow);
        }
        for (const { flow, bytes } of steps) {
          // Half a window is the largest frame: it must always fit when nothing is held.
          assert.equal(sender.take(flow, bytes), 'taken');
          assert.equal(receiver.received(flow, bytes), true);
          const toFlow = receiver.consumed(flow, bytes);
          if (toFlow > 0) assert.equal(sender.give(flow, toFlow), true);
          const toChannel = receiver.read(bytes);
          if (toChannel > 0) assert.equal(sender.give(0, toChannel), true);
        }
      }),
    );
  });

  it('a flow whose owner consumes nothing stops itself and no other', () => {
    const sender = new SendCredit(CHANNEL, FLOW);
    const receiver = new ReceiveCredit(CHANNEL, FLOW, 10);
    const send = (flow: number, consume: boolean): boolean => {
      if (sender.take(flow, 100) !== 'taken') return false;
      assert.equal(receiver.received(flow, 100), true);
      const toChannel = receiver.read(100);
      if (toChannel > 0) sender.give(0, toChannel);
      if (consume) {
        const toFlow = receiver.consumed(flow, 100);
        if (toFlow > 0) sender.give(flow, toFlow);
      }
      return true;
    };
    for (const flow of [1, 2]) {
      sender.open(flow);
      receiver.open(flow);
    }
    const slow = Array.from({ length: 100 }, () => send(1, false)).filter(Boolean).length;
    const quick = Array.from({ length: 100 }, () => send(2, true)).filter(Boolean).length;
    assert.deepEqual([slow, quick], [4, 100]);
  });
});
