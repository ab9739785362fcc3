import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flowPair, recordedLink } from '../edge-fixture.ts';

const SILENT = {
  message: () => undefined,
  fatal: () => undefined,
  heard: () => undefined,
  closed: () => undefined,
};

describe('the link to one gateway', () => {
  it('blocks a flow once, however often credit is missing', async () => {
    const { link } = recordedLink('gateway-1');
    const { flow, pair } = await flowPair(SILENT);
    link.block(flow);
    link.block(flow);
    assert.equal(flow.blockedBy, 1);
    link.unblock(1);
    link.unblock(1);
    assert.equal(flow.blockedBy, 0);
    pair.close();
  });

  it('gives credit back on its channel', () => {
    const { link, channel } = recordedLink('gateway-1');
    link.consumed(1, 500);
    assert.deepEqual(channel.returned, [500]);
  });
});
