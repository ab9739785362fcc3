import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { SnapshotOffers } from '@sallyport/dmz-proxy/edge/snapshot-offers.ts';
import type { SnapshotResult } from '@sallyport/shared/channel/snapshot-result.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { recordedLink } from '../edge-fixture.ts';

describe('snapshots that gateways offer', () => {
  let clock: ManualClock;
  let offered: string[];
  let isFull: boolean;
  let offers: SnapshotOffers;
  const one = recordedLink('gateway-1');
  const two = recordedLink('gateway-2');
  const said = ({ channel }: typeof one) => channel.frames.map(({ text }) => JSON.parse(text));

  beforeEach(() => {
    clock = new ManualClock();
    offered = [];
    isFull = false;
    one.channel.frames.length = 0;
    two.channel.frames.length = 0;
    const offer = (payload: Buffer): SnapshotResult => {
      offered.push(payload.toString());
      const version = Number(payload);
      return isFull
        ? { version, accepted: false, reason: 'spool-not-writable' }
        : { version, accepted: true };
    };
    offers = new SnapshotOffers({ offer }, clock);
  });

  it('are answered at once, and asked about no more', () => {
    offers.offered(one.link, Buffer.from('5'));
    assert.deepEqual(said(one), [{ version: 5, accepted: true }]);
    clock.advance(60_000);
    assert.deepEqual(offered, ['5']);
  });

  it('are taken as soon as the disk has room for their mark, and it is said once', () => {
    isFull = true;
    const bytes = Buffer.from('5');
    offers.offered(one.link, bytes);
    bytes.fill('x');
    clock.advance(15_000);
    const refused = { version: 5, accepted: false, reason: 'spool-not-writable' };
    assert.deepEqual(said(one), [refused]);
    isFull = false;
    clock.advance(5000);
    clock.advance(60_000);
    assert.deepEqual(said(one), [refused, { version: 5, accepted: true }]);
    assert.deepEqual(offered, ['5', '5', '5', '5', '5']);
  });

  it('wait one for each gateway, the newest', () => {
    isFull = true;
    offers.offered(one.link, Buffer.from('5'));
    offers.offered(two.link, Buffer.from('6'));
    offers.offered(one.link, Buffer.from('7'));
    isFull = false;
    offered.length = 0;
    clock.advance(5000);
    assert.deepEqual(offered.sort(), ['6', '7']);
    assert.deepEqual(said(two).at(-1), { version: 6, accepted: true });
  });
});
