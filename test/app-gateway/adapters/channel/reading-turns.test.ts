import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadingTurns } from '@sallyport/app-gateway/adapters/channel/reading-turns.ts';
import { HeldReading } from '@sallyport/shared/io/held-reading.ts';

const READ = 65_536;

function stage() {
  const waiting: (() => void)[] = [];
  let turn = 7;
  const turns = new ReadingTurns(
    (then) => waiting.push(then),
    () => turn,
  );
  const resting = new Set<string>();
  const channelOf = (node: string, worker = 0) => {
    const name = `${node}/${worker}`;
    const channel = {
      certified: { site: 'acme', role: 'proxy' as const, node, serials: [] },
      reading: new HeldReading({
        pause: () => resting.add(name),
        resume: () => resting.delete(name),
      } as never),
      /** All that a socket brings at once, in records, however much of it has been asked for. */
      reads: (bytes: number) => {
        for (let at = 0; at < bytes; at += 16_384) {
          turns.took(channel, Math.min(16_384, bytes - at));
        }
      },
    };
    return channel;
  };
  const endTurn = (late = () => {}) => {
    for (const then of waiting.splice(0)) then();
    late();
    turn++;
  };
  return { turns, channelOf, endTurn, waiting, resting: () => [...resting].toSorted() };
}

describe('turns of reading', () => {
  it('rest a channel that has brought its share, until the turn ends', () => {
    const { channelOf, endTurn, resting } = stage();
    const flooding = channelOf('edge-2');
    flooding.reads(READ);
    assert.deepEqual(resting(), ['edge-2/0']);
    endTurn();
    assert.deepEqual(resting(), []);
  });

  it('leave alone who brings less, and other hosts', () => {
    const { channelOf, waiting, resting } = stage();
    channelOf('edge-1').reads(READ - 1);
    assert.equal(waiting.length, 0);
    channelOf('edge-2').reads(READ);
    assert.deepEqual(resting(), ['edge-2/0']);
  });

  it('leave alone who brings no more than its share in each turn', () => {
    const { channelOf, endTurn, waiting, resting } = stage();
    const busy = channelOf('edge-1');
    for (let turn = 0; turn < 20; turn++) {
      busy.reads(READ - 16_384);
      assert.deepEqual([resting(), waiting.length], [[], 0], `turn ${turn}`);
      endTurn();
    }
    busy.reads(READ);
    busy.reads(READ);
    assert.deepEqual(resting(), ['edge-1/0'], 'what it left of earlier turns is not saved up');
  });

  it('read one channel of a flooding host a turn, one after the other, however many there are', () => {
    const { channelOf, endTurn, resting } = stage();
    const channels = [0, 1, 2, 3].map((worker) => channelOf('edge-2', worker));
    for (const channel of channels) channel.reads(READ);
    const read: string[] = [];
    for (let turn = 0; turn < 12; turn++) {
      endTurn();
      const awake = channels.filter((_, worker) => !resting().includes(`edge-2/${worker}`));
      assert.ok(awake.length <= 1, `${awake.length} of them read in turn ${turn}`);
      for (const channel of awake) {
        read.push(`${channels.indexOf(channel)}`);
        channel.reads(READ);
      }
    }
    // Three turns go by for what three of them brought beyond the share.
    assert.equal(read.join(''), '012301230'.slice(0, read.length));
    assert.equal(read.length, 9);
  });

  it('have a host rest for as many turns as it brought shares', () => {
    const { channelOf, endTurn, resting } = stage();
    channelOf('edge-2').reads(5 * READ);
    let turns = 0;
    for (; resting().length > 0; turns++) endTurn();
    assert.equal(turns, 5);
  });

  it('ask no rest for what comes when a turn has paid and the next has not begun', () => {
    const { channelOf, endTurn, resting } = stage();
    const flooding = channelOf('edge-2');
    flooding.reads(READ);
    endTurn(() => flooding.reads(16_384));
    assert.deepEqual(resting(), []);
  });

  it('come to an end when nobody rests any more', () => {
    const { channelOf, endTurn, waiting, resting } = stage();
    for (const worker of [0, 1, 2]) channelOf('edge-2', worker).reads(READ);
    for (let turn = 0; turn < 6; turn++) endTurn();
    assert.deepEqual([resting(), waiting.length], [[], 0]);
  });

  it('let a channel that has ended go, and see its end', () => {
    const { turns, channelOf, endTurn, resting } = stage();
    const [first, second] = [channelOf('edge-2', 0), channelOf('edge-2', 1)];
    first.reads(READ);
    second.reads(READ);
    turns.ended(first);
    assert.deepEqual(resting(), ['edge-2/1']);
    endTurn();
    endTurn();
    assert.deepEqual(resting(), []);
  });
});
