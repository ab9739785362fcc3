import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { FlowTable } from '@sallyport/dmz-proxy/flows/flow-table.ts';
import { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import { ANNOUNCED_BYTES_MAX } from '@sallyport/shared/channel/flow.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { err } from '@sallyport/shared/result.ts';
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
  localAddress: '127.0.0.1',
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
    const opened = flows.open(pair.accepted, identity, FACTS, config, events, 0);
    assert.ok(opened.ok);
    const flow = opened.value;
    assert.equal(flows.find(flow.facts.id), flow);
    assert.equal(identity.partner.load.connections, 1);

    const second = await tlsPair(globexLeaf, globexLeaf);
    assert.deepEqual(
      flows.open(second.accepted, identity, FACTS, config, events, 0),
      err('partner-connections-max'),
    );

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
      assert.ok(flow?.ok);
      return flow.value;
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

  /** A table of connections that go nowhere, each with a socket that nobody reads. */
  function crowded() {
    const gateways = new Gateways();
    const { link, channel } = recordedLink('gateway-1');
    const flows = new FlowTable(gateways);
    const events = {
      message: () => undefined,
      fatal: () => undefined,
      heard: () => undefined,
      closed: flows.closed.bind(flows),
    };
    const identity = globexIdentity({ connectionsMax: 1_000_000 });
    const socket = new Socket().setMaxListeners(0);
    const open = (domains: ReadonlySet<string> = identity.domains) =>
      flows.open(socket, { ...identity, domains }, FACTS, config, events, 0);
    gateways.add(link);
    return { flows, channel, open };
  }
  const names = (count: number) =>
    new Set(Array.from({ length: count }, (_, n) => `${n}`.padStart(250, 'x')));
  const SOME = names(500);
  const MANY = names(1000);

  it('are as many as a channel carries, and one that is too many is refused', () => {
    const { flows, open } = crowded();
    for (let count = 0; count < DEFAULT_CHANNEL_LIMITS.flowsMax; count++) assert.ok(open().ok);
    assert.deepEqual(open(), err('channel-full'));
    flows.find(1)?.close('test');
    assert.ok(open().ok);
    assert.deepEqual(open(), err('channel-full'));
  });

  it('are as many as can be announced: gateways close a channel that says more', () => {
    const { flows, channel, open } = crowded();
    while (open(MANY).ok);
    const announced = channel.frames.reduce((sum, { text }) => sum + text.length, 0);
    assert.ok(announced <= ANNOUNCED_BYTES_MAX && announced > 0.9 * ANNOUNCED_BYTES_MAX);
    flows.find(1)?.close('test');
    flows.find(2)?.close('test');
    assert.ok(open(MANY).ok);
  });

  it('that grow beyond that are closed', () => {
    const { flows, channel, open } = crowded();
    while (open(SOME).ok);
    const grown = [...flows.values()].slice(0, 8).find((flow) => {
      flow.identity = { ...flow.identity, domains: MANY };
      flows.changed(flow);
      return flow.isClosed;
    });
    const newest = new Map(channel.frames.map(({ flow, text }) => [flow, text]));
    const announced = [...newest.values()].reduce((sum, text) => sum + text.length, 0);
    assert.ok(announced <= ANNOUNCED_BYTES_MAX && announced > 0.9 * ANNOUNCED_BYTES_MAX);
    assert.ok(grown !== undefined && grown.facts.id > 1);
    assert.equal(newest.get(grown.facts.id), '{"reason":"channel-full"}');
  });
});
