import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import { recordedLink } from '../edge-fixture.ts';

describe('the gateways of a worker', () => {
  it('take requests while they are open and do not drain; responses also while they do', () => {
    const gateways = new Gateways();
    assert.equal(gateways.forCallId(1), undefined);
    const one = recordedLink('gateway-1');
    gateways.add(one.link);
    assert.equal(gateways.forCallId(1), one.link);
    one.channel.drain();
    gateways.refresh();
    assert.equal(gateways.forCallId(1), undefined);
    assert.equal(gateways.byTag(nodeTag('acme', 'gateway-1')), one.link);
    assert.equal(gateways.byTag('gateway-1'), undefined);
    gateways.remove(one.link);
    gateways.remove(one.link);
    assert.deepEqual(gateways.all, []);
  });

  it('take a request where another one leaves pings unanswered, and each its own again once that is heard', () => {
    const gateways = new Gateways();
    const links = ['gateway-1', 'gateway-2', 'gateway-3'].map((node) => recordedLink(node));
    for (const { link } of links) gateways.add(link);
    const hashes = Array.from({ length: 64 }, (_, at) => at * 0x4_00_00_01);
    const chosen = () => hashes.map((hash) => gateways.forCallId(hash)?.node);
    const before = chosen();
    const quiet = (count: number) => {
      for (const [at, { channel }] of links.entries()) channel.isQuiet = at < count;
    };
    quiet(1);
    for (const [at, node] of chosen().entries()) {
      if (before[at] === 'gateway-1') assert.match(node ?? '', /^gateway-[23]$/);
      else assert.equal(node, before[at]);
    }
    quiet(3);
    assert.deepEqual(chosen(), before);
    quiet(0);
    assert.deepEqual(chosen(), before);
    assert.equal(gateways.available.length, 3);
  });
});
