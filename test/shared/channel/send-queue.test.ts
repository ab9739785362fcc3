import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SendCredit } from '@sallyport/shared/channel/credit.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { SendQueue, type WaitingFrame } from '@sallyport/shared/channel/send-queue.ts';
import fc from 'fast-check';
import { processorMs } from '../../processor-ms.ts';

/** Far more than fifty thousand frames take, and a fraction of what moving all that wait would for each. */
const ENOUGH_MS = 500;

const LIMITS = { flowQueueBytesMax: 500, queueBytesMax: 1200 };

function frame(flow: number, bytes: number, exchange = 0): WaitingFrame {
  return { type: FrameType.sip, flags: 0, flow, exchange, payload: Buffer.alloc(bytes) };
}

function emptyCredit(flows: readonly number[]): SendCredit {
  const credit = new SendCredit(1000, 400);
  credit.take(99, 1000);
  for (const flow of flows) credit.open(flow);
  return credit;
}

function release(queue: SendQueue, flow: number, credit: SendCredit): string {
  const seen: string[] = [];
  queue.release(
    flow,
    credit,
    (sent) => seen.push(`${sent.flow}.${sent.exchange}`),
    (emptied) => seen.push(`empty ${emptied}`),
  );
  return seen.join(', ');
}

describe('queue of frames without credit', () => {
  it('lets tens of thousands go in time that grows with their number alone', () => {
    const many = 50_000;
    const bytes = 10 * many;
    const payload = Buffer.alloc(10);
    const ms = processorMs(() => {
      const credit = new SendCredit(bytes, bytes);
      credit.take(0, bytes);
      const queue = new SendQueue({ flowQueueBytesMax: 0, queueBytesMax: bytes });
      for (let exchange = 1; exchange <= many; exchange++) {
        const waiting = { ...frame(0, 0, exchange), payload };
        assert.equal(queue.add(waiting, credit), 'queued');
      }
      credit.give(0, bytes);
      let sent = 0;
      queue.release(
        0,
        credit,
        ({ exchange }) => assert.equal(exchange, ++sent),
        () => undefined,
      );
      assert.equal(sent, many);
    }, ENOUGH_MS);
    assert.ok(ms < ENOUGH_MS, `${ms} ms`);
  });

  it('serves flows in turns and keeps the order within each', () => {
    const credit = emptyCredit([1, 2]);
    const queue = new SendQueue(LIMITS);
    for (const exchange of [1, 2, 3]) queue.add(frame(1, 10, exchange), credit);
    for (const exchange of [1, 2]) queue.add(frame(2, 10, exchange), credit);
    credit.give(0, 1000);
    assert.equal(release(queue, 0, credit), '1.1, 2.1, 1.2, 2.2, empty 2, 1.3, empty 1');
    assert.equal(queue.bytes, 0);
  });

  it('stops where the channel credit ends, and goes on there', () => {
    const credit = emptyCredit([1, 2]);
    const queue = new SendQueue(LIMITS);
    queue.add(frame(1, 100, 1), credit);
    queue.add(frame(2, 10, 1), credit);
    credit.give(0, 99);
    assert.equal(release(queue, 0, credit), '', 'the small one does not overtake');
    credit.give(0, 1);
    assert.equal(release(queue, 0, credit), '1.1, empty 1');
    credit.give(0, 10);
    assert.equal(release(queue, 0, credit), '2.1, empty 2');
  });

  it('lets other flows pass while one waits for its own window', () => {
    const credit = new SendCredit(1000, 400);
    for (const flow of [1, 2]) credit.open(flow);
    credit.take(1, 400);
    const queue = new SendQueue(LIMITS);
    queue.add(frame(1, 50, 1), credit);
    assert.deepEqual([queue.mustWait(1), queue.mustWait(2)], [true, false]);
    credit.give(1, 49);
    assert.equal(release(queue, 1, credit), '');
    credit.give(1, 1);
    assert.equal(release(queue, 1, credit), '1.1, empty 1');
    assert.equal(queue.mustWait(1), false);
  });

  it('makes everybody wait while one waits for the channel', () => {
    const credit = emptyCredit([1, 2]);
    const queue = new SendQueue(LIMITS);
    queue.add(frame(1, 50), credit);
    assert.equal(queue.mustWait(2), true);
  });

  //  flow, bytes                              verdict of the last
  const limits: readonly (readonly [readonly (readonly [number, number])[], string])[] = [
    [[[1, 500]], 'queued'],
    [[[1, 501]], 'flow-overflow'],
    [
      [
        [1, 499],
        [1, 2],
      ],
      'flow-overflow',
    ],
    [
      [
        [1, 500],
        [2, 500],
        [3, 200],
      ],
      'queued',
    ],
    [
      [
        [1, 500],
        [2, 500],
        [3, 201],
      ],
      'channel-overflow',
    ],
    [[[0, 1200]], 'queued'],
    [[[0, 1201]], 'channel-overflow'],
  ];
  for (const [sequence, verdict] of limits) {
    it(`bounds: ${JSON.stringify(sequence)} -> ${verdict}`, () => {
      const credit = emptyCredit([1, 2, 3]);
      const queue = new SendQueue(LIMITS);
      const verdicts = sequence.map(([flow, bytes]) => queue.add(frame(flow, bytes), credit));
      assert.equal(verdicts.at(-1), verdict);
    });
  }

  it('forgets a flow and its bytes', () => {
    const credit = emptyCredit([1, 2]);
    const queue = new SendQueue(LIMITS);
    queue.add(frame(1, 300), credit);
    queue.add(frame(2, 30, 7), credit);
    queue.forget(1);
    assert.equal(queue.bytes, 30);
    credit.give(0, 1000);
    assert.equal(release(queue, 0, credit), '2.7, empty 2');
  });

  it('loses, repeats and reorders nothing, and ends empty', () => {
    const action = fc.oneof(
      fc.record({ flow: fc.integer({ min: 0, max: 3 }), bytes: fc.integer({ min: 1, max: 200 }) }),
      fc.constant('channel' as const),
      fc.constantFrom(1, 2, 3),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
        const queue = new SendQueue({ flowQueueBytesMax: 1e9, queueBytesMax: 1e9 });
        const credit = new SendCredit(1000, 400);
        const underWay = { channel: 0, flows: [0, 0, 0, 0] };
        const offered: number[][] = [[], [], [], []];
        const sent: number[][] = [[], [], [], []];
        const record = (flow: number, bytes: number, exchange: number): void => {
          underWay.channel += bytes;
          (underWay.flows as number[])[flow] = (underWay.flows[flow] as number) + bytes;
          sent[flow]?.push(exchange);
        };
        for (const flow of [1, 2, 3]) credit.open(flow);
        const giveBack = (flow: number): void => {
          if (flow === 0) {
            credit.give(0, underWay.channel);
            underWay.channel = 0;
          } else {
            credit.give(flow, underWay.flows[flow] as number);
            underWay.flows[flow] = 0;
          }
          queue.release(
            flow,
            credit,
            ({ flow: of, payload, exchange }) => record(of, payload.length, exchange),
            () => undefined,
          );
        };
        actions.forEach((entry, exchange) => {
          if (entry === 'channel') giveBack(0);
          else if (typeof entry === 'number') giveBack(entry);
          else {
            offered[entry.flow]?.push(exchange);
            const mayGo = !queue.mustWait(entry.flow);
            if (mayGo && credit.take(entry.flow, entry.bytes) === 'taken') {
              record(entry.flow, entry.bytes, exchange);
            } else {
              queue.add(frame(entry.flow, entry.bytes, exchange), credit);
            }
          }
        });
        for (let round = 0; queue.bytes > 0 && round < 1000; round++) {
          for (const flow of [1, 2, 3, 0]) giveBack(flow);
        }
        assert.deepEqual(sent, offered);
        assert.equal(queue.bytes, 0);
      }),
    );
  });
});
