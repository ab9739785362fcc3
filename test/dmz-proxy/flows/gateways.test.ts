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
});
