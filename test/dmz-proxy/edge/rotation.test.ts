import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Rotation } from '@sallyport/dmz-proxy/edge/rotation.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import type { DownReason } from '@sallyport/dmz-proxy/health/health.ts';

function bench() {
  const told: string[] = [];
  const counters = new Counters();
  const state: { obstacle: DownReason | undefined } = { obstacle: 'no-snapshot' };
  const openings: PromiseWithResolvers<readonly number[] | undefined>[] = [];
  const say = (event: string) => void told.push(event);
  const rotation = new Rotation({
    obstacle: () => state.obstacle,
    open: () => {
      const opening = Promise.withResolvers<readonly number[] | undefined>();
      openings.push(opening);
      return opening.promise;
    },
    close: () => say('closed'),
    log: {
      info: say,
      warn: (event, fields) => say(`${event} ${fields?.['reason']}`),
      error: (event, fields) => say(`${event} ${fields?.['code']}`),
    },
    counters,
    opened: (ports) => say(`opened ${ports.join()}`),
    failed: () => say('failed'),
    turned: (isIn) => say(isIn ? 'in' : 'out'),
  });
  const look = async (obstacle: DownReason | undefined): Promise<void> => {
    state.obstacle = obstacle;
    rotation.look();
    await Promise.resolve();
  };
  const take = () => told.splice(0);
  return { look, openings, take, counters };
}

/** Lets what was promised be heard. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('rotation', () => {
  it('begins when nothing stands against it, and says so once it is true', async () => {
    const { look, openings, take } = bench();
    await look('no-snapshot');
    await look('no-gateway');
    assert.equal(openings.length, 0);
    await look(undefined);
    await look(undefined);
    assert.equal(openings.length, 1);
    assert.deepEqual(take(), []);
    openings[0]?.resolve([5061]);
    await turn();
    assert.deepEqual(take(), ['opened 5061', 'in']);
  });

  for (const reason of ['no-gateway', 'audit-full', 'draining'] as const) {
    it(`ends at once for ${reason}, and begins again`, async () => {
      const { look, openings, take, counters } = bench();
      await look(undefined);
      openings[0]?.resolve([5061]);
      await turn();
      take();
      await look(reason);
      await look(reason);
      assert.deepEqual(take(), ['closed', `out-of-rotation ${reason}`, 'out']);
      assert.equal(counters.read()[`out-of-rotation:${reason}`], 1);
      await look(undefined);
      openings[1]?.resolve([5061]);
      await turn();
      assert.deepEqual(take(), ['in-rotation', 'in']);
    });
  }

  it('is not begun where it ended while the ports were being opened', async () => {
    const { look, openings, take } = bench();
    await look(undefined);
    await look('no-gateway');
    openings[0]?.resolve(undefined);
    await turn();
    assert.deepEqual(take(), ['closed', 'out-of-rotation no-gateway', 'out']);
    await look(undefined);
    openings[1]?.resolve([5061]);
    await turn();
    assert.deepEqual(take(), ['opened 5061', 'in']);
  });

  it('is not ended by what became of an opening that was given up', async () => {
    const { look, openings, take } = bench();
    await look(undefined);
    await look('no-gateway');
    await look(undefined);
    openings[1]?.resolve([5061]);
    await turn();
    take();
    openings[0]?.reject(Object.assign(new Error('taken'), { code: 'EADDRINUSE' }));
    await turn();
    assert.deepEqual(take(), []);
  });

  it('that cannot begin at all is the end; later it is tried again', async () => {
    const taken = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
    const first = bench();
    await first.look(undefined);
    first.openings[0]?.reject(taken);
    await turn();
    assert.deepEqual(first.take(), ['failed']);

    const later = bench();
    await later.look(undefined);
    later.openings[0]?.resolve([5061]);
    await turn();
    await later.look('no-gateway');
    await later.look(undefined);
    later.take();
    later.openings[1]?.reject(taken);
    await turn();
    assert.deepEqual(later.take(), ['closed', 'listen-failed EADDRINUSE']);
    await later.look(undefined);
    later.openings[2]?.resolve([5061]);
    await turn();
    assert.deepEqual(later.take(), ['in-rotation', 'in']);
  });
});
