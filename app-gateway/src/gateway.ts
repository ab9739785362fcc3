import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { type Hello, PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import { signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import { ChannelListener } from '@sallyport/shared/io/channel-listener.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { ChannelHub } from './adapters/channel/channel-hub.ts';
import type { ProxyChannel, ProxyChannelOwner } from './adapters/channel/proxy-channel.ts';
import { CommunityPool } from './adapters/community/community-pool.ts';
import { anchorsOf } from './adapters/community/community-trust.ts';
import { HostLink } from './adapters/community/host-link.ts';
import { InnerListener, type KnownCommunity } from './adapters/community/inner-listener.ts';
import type { GatewayBundle } from './adapters/files/gateway-bundle.ts';
import type { GatewayNode, Site, SiteCommunity } from './config/site.ts';
import { siteViewOf } from './config/site-view-of.ts';
import { snapshotOf } from './config/snapshot-of-site.ts';
import { CountingObserver } from './counting-observer.ts';
import { EPOCH_LENGTH, ProxyCore } from './domain/core/proxy-core.ts';
import { derive } from './domain/derived-key.ts';
import { RouteTokens } from './domain/route-token.ts';
import { healthServer } from './health.ts';

const CREDIT_BYTES = 16_777_216;
const FLOW_CREDIT_BYTES = 2_097_152;
const TICK_MS = 50;
const DRAIN_MS = 10_000;
/** Our word that we drain takes its time to the proxies; what they send until then is still served. */
const HANDOVER_MS = 250;
/** So long a start waits for inner servers; then the proxies get a gateway that can at least say so. */
const REACH_MS = 2000;
const TRANSACTIONS_MAX = 200_000;
const CHANNELS_MAX = 256;

/** The inner program, composed: channels outside, communities inside, the core between them. */
export class Gateway {
  readonly #bundle: GatewayBundle;
  readonly #log: Logger;
  readonly #observer = new CountingObserver();
  readonly #hub: ChannelHub;
  readonly #pool: CommunityPool;
  readonly #core: ProxyCore;
  readonly #index: MessageIndex;
  readonly #dialers: ChannelDialer[] = [];
  readonly #health: Server;
  readonly #tick: NodeJS.Timeout;
  readonly #links = new Map<string, HostLink>();
  #site: Site;
  #node: GatewayNode;
  #snapshot: Buffer;
  #listener: ChannelListener | undefined;
  #inner: InnerListener | undefined;
  #innerPort = 0;
  #isDraining = false;

  constructor(bundle: GatewayBundle, site: Site, node: GatewayNode, log: Logger) {
    this.#bundle = bundle;
    this.#site = site;
    this.#node = node;
    this.#log = log;
    this.#snapshot = signSnapshot(snapshotOf(site), bundle.snapshotSigningKey);
    const limits = messageLimits(site);
    this.#index = new MessageIndex(limits);
    const owner = this.#channelOwner();
    this.#hub = new ChannelHub(
      owner,
      { reusesAlways: (id) => this.#reusesAlways(id) },
      new MessageIndex(limits),
    );
    this.#pool = new CommunityPool({
      request: (index, from) => this.#core.request(index, from, 0),
      response: (index, peer) => this.#core.response(index, peer),
      linkLost: (link) => this.#core.linkLost(link),
    });
    this.#core = new ProxyCore(
      {
        node: nodeTag(site.name, node.node),
        epoch: randomBytes(EPOCH_LENGTH).toString('hex').slice(0, EPOCH_LENGTH),
        planning: {
          tokens: new RouteTokens(bundle.clusterKey),
          loopSeed: derive(bundle.clusterKey, 'sallyport loop detection').toString('hex'),
        },
        limits,
        transactionsMax: TRANSACTIONS_MAX,
        nowMs: () => performance.now(),
        hashSeed: [randomBytes(4).readInt32LE(0), randomBytes(4).readInt32LE(0)],
        observer: this.#observer,
      },
      siteViewOf(site, node),
      this.#hub,
      this.#pool,
    );
    this.#health = healthServer(() => this.#healthNow());
    this.#tick = setInterval(() => this.#core.advance(performance.now()), TICK_MS);
  }

  /** Opens every port and starts every dial; resolves when the ports are open. */
  async start(): Promise<void> {
    const { inner, health } = this.#node;
    const identity = (this.#site.communities[0] as SiteCommunity).identity;
    this.#inner = new InnerListener(
      {
        host: inner.host,
        port: inner.port,
        identity,
        refused: (address, reason) =>
          this.#log.warn('inner-connection-refused', { address, reason }),
      },
      knownCommunities(this.#site),
      this.#pool,
      this.#index,
    );
    const innerPort = await this.#inner.listen();
    this.#innerPort = innerPort;
    this.#node = boundTo(this.#node, innerPort);
    this.#core.replaceSite(siteViewOf(this.#site, this.#node));
    this.#pool.replaceLinks(this.#hostLinks());
    await new Promise<void>((resolve, reject) => {
      this.#health.once('error', reject);
      this.#health.listen(health.port, health.host, () => resolve());
    });
    await this.#reachCommunities();
    if (this.#site.channel.dial === 'inside-out') this.#dialProxies();
    else await this.#awaitProxies();
    const healthPort = (this.#health.address() as AddressInfo).port;
    this.#log.info('ready', { innerPort, healthPort, snapshot: this.#site.version });
  }

  /** Takes over a new site: new requests see it, proxies get a new snapshot, nothing is dropped. */
  reload(site: Site): void {
    const node = site.gateways.find((gateway) => gateway.node === this.#bundle.node);
    if (node === undefined) {
      this.#log.error('reload-refused', {
        reason: `site.yaml has no gateway ${this.#bundle.node}`,
      });
      return;
    }
    this.#site = site;
    this.#node = boundTo(node, this.#innerPort);
    this.#snapshot = signSnapshot(snapshotOf(site), this.#bundle.snapshotSigningKey);
    this.#core.replaceSite(siteViewOf(site, this.#node));
    this.#pool.replaceLinks(this.#hostLinks());
    this.#inner?.replaceCommunities(knownCommunities(site));
    for (const channel of this.#hub.channels()) this.#sendSnapshot(channel);
    this.#log.info('reloaded', { snapshot: site.version, partners: site.partners.length });
  }

  /** Takes no more new requests, lets running ones end (ten seconds at most), and closes everything. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const channel of this.#hub.channels()) channel.connection.drain();
    this.#inner?.stopListening();
    await delay(HANDOVER_MS);
    this.#core.drain();
    const until = performance.now() + DRAIN_MS;
    while (this.#core.unanswered > 0 && performance.now() < until) {
      await delay(TICK_MS);
    }
    this.#log.info('drained', { left: this.#core.unanswered });
    clearInterval(this.#tick);
    for (const dialer of this.#dialers) dialer.stop('stopped');
    await this.#listener?.close('stopped');
    this.#inner?.close();
    this.#pool.stop();
    this.#health.close();
    this.#health.closeAllConnections();
  }

  /** A gateway that joins before it reaches its servers would refuse what another gateway could serve. */
  async #reachCommunities(): Promise<void> {
    const isReached = () =>
      this.#site.communities.every(({ id }) => this.#pool.hosts(id, undefined, '').length > 0);
    const until = performance.now() + REACH_MS;
    while (!isReached() && performance.now() < until) await delay(TICK_MS);
  }

  #dialProxies(): void {
    for (const proxy of this.#site.proxies) {
      if (proxy.channel === undefined) continue;
      for (let worker = 0; worker < proxy.workers; worker++) {
        const { host, port } = proxy.channel;
        const dialer = new ChannelDialer(
          {
            own: this.#hello(),
            clock: systemClock,
            limits: DEFAULT_CHANNEL_LIMITS,
            flush: 'adaptive',
            host,
            port: port + worker,
            credentials: () => this.#bundle.channel,
            expected: { site: this.#site.name, role: 'proxy', node: proxy.node },
            random: randomUnit,
            failed: (reason, attempt) => {
              if (attempt === 1 || attempt % 30 === 0) {
                this.#log.warn('channel-dial-failed', {
                  proxy: proxy.node,
                  worker,
                  reason,
                  attempt,
                });
              }
            },
          },
          (connection) => this.#hub.open(connection),
        );
        this.#dialers.push(dialer);
        dialer.start();
      }
    }
  }

  async #awaitProxies(): Promise<void> {
    const { channel } = this.#node;
    if (channel === undefined) return;
    this.#listener = new ChannelListener(
      {
        own: this.#hello(),
        clock: systemClock,
        limits: DEFAULT_CHANNEL_LIMITS,
        flush: 'adaptive',
        host: channel.host,
        port: channel.port,
        credentials: this.#bundle.channel,
        expected: { site: this.#site.name, role: 'proxy' },
        connectionsMax: CHANNELS_MAX,
        refused: (reason, address) => this.#log.warn('channel-refused', { reason, address }),
      },
      (connection) => this.#hub.open(connection),
    );
    await this.#listener.listen();
  }

  #channelOwner(): ProxyChannelOwner {
    return {
      request: (index, flow, exchange) => this.#core.request(index, flow, exchange),
      response: (index, peer) => this.#core.response(index, peer),
      sent: (clientNumber, link) => this.#core.sent(clientNumber, link),
      transportFailed: (clientNumber, remote, isLast) =>
        this.#core.transportFailed(clientNumber, remote, isLast),
      linkLost: (link) => this.#core.linkLost(link),
      channelReady: (channel) => {
        this.#hub.add(channel);
        this.#sendSnapshot(channel);
        this.#log.info('channel-ready', { proxy: channel.name });
      },
      channelClosed: (channel, reason) => {
        this.#hub.remove(channel);
        this.#log.warn('channel-closed', { proxy: channel.name, reason });
      },
      report: (channel, event, fields) => this.#log.info(event, { proxy: channel.name, ...fields }),
    };
  }

  #sendSnapshot(channel: ProxyChannel): void {
    const { connection } = channel;
    connection.send(FrameType.snapshot, 0, 0, 0, this.#snapshot, 0, this.#snapshot.length);
  }

  /** Links that stay the same are kept, so that a reload drops no inner connection. */
  #hostLinks(): HostLink[] {
    const links: HostLink[] = [];
    for (const community of this.#site.communities) {
      for (const host of community.hosts) {
        const settings = JSON.stringify([
          community.id,
          host,
          community.caPem,
          community.identity,
          community.probe,
        ]);
        const link = this.#links.get(settings) ?? this.#hostLink(community, host);
        this.#links.set(settings, link);
        links.push(link);
      }
    }
    for (const [settings, link] of this.#links)
      if (!links.includes(link)) this.#links.delete(settings);
    return links;
  }

  #hostLink(community: SiteCommunity, host: SiteCommunity['hosts'][number]): HostLink {
    return new HostLink(
      {
        community: community.id,
        host: host.host,
        port: host.port,
        serverName: host.serverName ?? host.host,
        anchors: anchorsOf(community.caPem),
        identity: community.identity,
        probe: community.probe,
        innerHost: this.#node.inner.advertise,
        innerPort: this.#node.inner.port,
        random: randomUnit,
        changed: (link, event, reason) => this.#log.info(event, { host: link.key, reason }),
      },
      this.#pool,
      this.#index,
    );
  }

  #hello(): Hello {
    return {
      protocolVersions: PROTOCOL_VERSIONS,
      role: 'gateway',
      site: this.#site.name,
      node: this.#node.node,
      worker: 0,
      workers: 1,
      creditBytes: CREDIT_BYTES,
      flowCreditBytes: FLOW_CREDIT_BYTES,
    };
  }

  #reusesAlways(partner: string): boolean {
    const entry = this.#site.partners.find(({ id }) => id === partner);
    return entry?.connectionReuse === 'always';
  }

  #healthNow() {
    const channels = this.#hub.channels().size;
    return {
      isUp: channels > 0 && !this.#isDraining,
      facts: {
        channels,
        flows: this.#hub.flowCount,
        transactions: this.#core.size,
        draining: this.#isDraining,
        snapshot: this.#site.version,
        ...this.#observer.counts(),
      },
    };
  }
}

/** The node as its inner servers reach it, which matters where the port was left to the system. */
function boundTo(node: GatewayNode, port: number): GatewayNode {
  return { ...node, inner: { ...node.inner, port } };
}

function messageLimits(site: Site): MessageLimits {
  const { headBytesMax, bodyBytesMax, requestUriBytesMax, lineBytesMax, headersMax } = site.limits;
  return { headBytesMax, bodyBytesMax, requestUriBytesMax, lineBytesMax, headersMax };
}

function knownCommunities(site: Site): readonly KnownCommunity[] {
  return site.communities.map((community) => ({
    id: community.id,
    anchors: anchorsOf(community.caPem),
    names: [
      ...community.hosts.flatMap((host) => [host.serverName ?? host.host, host.host]),
      ...community.domains,
    ],
  }));
}

function randomUnit(): number {
  return randomBytes(4).readUInt32BE(0) / 2 ** 32;
}
