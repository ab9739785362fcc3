import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { FlowTable } from '@sallyport/dmz-proxy/flows/flow-table.ts';
import { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { proxySite } from '../../integration/support/proxy-site.ts';
import { globexIdentity, globexLeaf, OWN_KEY, recordedLink } from '../edge-fixture.ts';
import { tlsPair } from '../tls-pair.ts';

const site = await proxySite();
const built = edgeConfig(site.snapshot, undefined, 0);
assert.ok(built.ok);
const config = built.value;
site.remove();

const FACTS = {
  direction: 'inbound',
  remoteAddress: '192.0.2.1',
  remotePort: 4000,
  localPort: 5061,
  ownIdentity: 'acme',
  ownKey: OWN_KEY,
  openedAtMs: 0,
  nextHop: undefined,
} as const;

describe('the connections of a worker', () => {
  it('are announced to every gateway, those that come later too, and so is their end', async () => {
    const gateways = new Gateways();
    const early = recordedLink('gateway-1');
    gateways.add(early.link);
    const flows = new FlowTable(gateways);
    const events = {
      message: () => undefined,
      fatal: () => undefined,
      heard: flows.heard.bind(flows),
      closed: flows.closed.bind(flows),
    };
    const identity = globexIdentity({ connectionsMax: 1 });
    const pair = await tlsPair(globexLeaf, globexLeaf);
    const flow = flows.open(pair.accepted, identity, FACTS, config, events, 0);
    assert.ok(flow);
    assert.equal(flows.find(flow.facts.id), flow);
    assert.equal(identity.partner.load.connections, 1);

    const second = await tlsPair(globexLeaf, globexLeaf);
    assert.equal(flows.open(second.accepted, identity, FACTS, config, events, 0), undefined);

    const late = recordedLink('gateway-2');
    gateways.add(late.link);
    flows.announceTo(late.link);
    flow.close('test');
    flows.closed(flow, 'again');
    for (const { channel } of [early, late]) {
      assert.deepEqual(
        channel.frames.map(({ type, flow: id }) => [type, id]),
        [
          [FrameType.flowOpened, 1],
          [FrameType.flowClosed, 1],
        ],
      );
    }
    assert.equal(flows.size, 0);
    assert.equal(identity.partner.load.connections, 0);
    pair.close();
    second.close();
  });

  it('are put on record by one gateway each, and what they heard as well', async () => {
    const gateways = new Gateways();
    const flows = new FlowTable(gateways);
    const events = {
      message: () => undefined,
      fatal: () => undefined,
      heard: flows.heard.bind(flows),
      closed: flows.closed.bind(flows),
    };
    const pairs = [await tlsPair(globexLeaf, globexLeaf), await tlsPair(globexLeaf, globexLeaf)];
    const open = (pair: (typeof pairs)[number] | undefined) => {
      const flow = pair && flows.open(pair.accepted, globexIdentity(), FACTS, config, events, 0);
      assert.ok(flow);
      return flow;
    };
    // Nobody is there yet: the one that comes first hears of everything.
    const early = open(pairs[0]);
    early.keepAlivePing();
    const one = recordedLink('gateway-1');
    gateways.add(one.link);
    flows.announceTo(one.link);
    const two = recordedLink('gateway-2');
    gateways.add(two.link);
    flows.announceTo(two.link);
    const late = open(pairs[1]);
    late.keepAlivePing();
    late.keepAlivePing();
    flows.changed(late);
    const recorded = ({ channel }: typeof one) =>
      channel.frames.map(({ flow, text }) => [flow, JSON.parse(text).sightings.join()]);
    assert.deepEqual(recorded(one), [
      [1, 'accepted,presented'],
      [2, 'accepted'],
      [2, 'presented'],
      [2, ''],
    ]);
    assert.deepEqual(recorded(two), [
      [1, ''],
      [2, ''],
      [2, ''],
    ]);
    for (const flow of [early, late]) flow.close('test');
    for (const pair of pairs) pair.close();
  });
});
