import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HeldForGateway } from '@sallyport/dmz-proxy/edge/held-for-gateway.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { LIMITS } from '../edge-fixture.ts';
import { recordedFlow } from './recorded-flow.ts';

const HELD_MS = 32_000;

describe('what waits for a gateway', () => {
  const index = new MessageIndex({ ...LIMITS, bodyBytesMax: 200_000 });
  let held: HeldForGateway;
  let seen: string[];
  let flow: Flow;
  beforeEach(() => {
    held = new HeldForGateway({ ...LIMITS, bodyBytesMax: 200_000 });
    seen = [];
    ({ flow } = recordedFlow());
  });
  const hold = (status: number, tag: string, nowMs = 0, body = '') => {
    const text = `SIP/2.0 ${status} Reason\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const bytes = Buffer.from(`before${text}behind`, 'latin1');
    index.scan(bytes, 6, bytes.length - 6);
    const isHeld = held.hold(flow, index, tag, nowMs);
    bytes.fill(0x2a);
    return isHeld;
  };
  const each = (_flow: Flow, { status }: MessageIndex) => seen.push(String(status));

  it('comes in its order when that gateway is back, and once', () => {
    held.lost('one');
    assert.deepEqual([hold(180, 'one'), hold(486, 'one'), hold(200, '')], [true, true, true]);
    held.returned('one', each);
    assert.deepEqual(seen, ['180', '486', '200']);
    held.returned('one', each);
    assert.equal(seen.length, 3);
    assert.equal(hold(486, 'one'), false, 'it is there');
  });

  it('is for one that was there, and for no other', () => {
    assert.equal(hold(486, 'one'), false);
    assert.equal(hold(486, ''), false);
    held.lost('one');
    assert.equal(hold(486, 'two'), false);
    hold(486, 'one');
    held.returned('two', each);
    assert.deepEqual(seen, []);
  });

  it('for any gateway comes with the first', () => {
    held.lost('one');
    hold(200, '');
    held.returned('two', each);
    assert.deepEqual(seen, ['200']);
  });

  it('waits as long as whoever waits for it, and is given back then', () => {
    held.lost('one');
    hold(486, 'one', 0);
    hold(603, 'one', 1);
    held.sweep(HELD_MS - 1, each);
    assert.deepEqual(seen, []);
    held.sweep(HELD_MS, each);
    assert.deepEqual(seen, ['486']);
    held.returned('one', each);
    assert.deepEqual(seen, ['486', '603']);
  });

  it('leaves room for others, whatever one partner sends, and is given back to whose it was', () => {
    held.lost('one');
    const body = 'x'.repeat(100_000);
    const { flow: hostile } = recordedFlow({ id: 'hostile' });
    for (let turn = 0; turn < 3; turn++) {
      const other = flow;
      flow = hostile;
      let taken = 0;
      while (hold(200, 'one', 0, body)) taken++;
      assert.equal(taken, 8, `turn ${turn}`);
      flow = other;
      assert.equal(hold(486, 'one'), true);
      held.returned('one', each);
      held.lost('one');
    }
  });

  it('is a mebibyte at most, whose room comes back', () => {
    held.lost('one');
    const body = 'x'.repeat(
      104_857 - `SIP/2.0 200 Reason\r\nContent-Length: 104811\r\n\r\n`.length,
    );
    for (let count = 0; count < 10; count++) {
      ({ flow } = recordedFlow({ id: `partner-${count}` }));
      assert.equal(hold(200, 'one', 0, body), true);
    }
    assert.equal(hold(200, 'one'), false);
    held.returned('one', each);
    held.lost('one');
    assert.equal(hold(200, 'one'), true);
  });

  it('goes with its connection', () => {
    held.lost('one');
    hold(486, 'one');
    Object.assign(flow, { isClosed: true });
    held.returned('one', each);
    assert.deepEqual(seen, []);
  });
});
