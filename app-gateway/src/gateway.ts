import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { type Hello, PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import { signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { ChannelEnds, type ChannelPlan } from './adapters/channel/channel-ends.ts';
import { ChannelHub } from './adapters/channel/channel-hub.ts';
import { liveFlow } from './adapters/channel/live-flow.ts';
import type { ProxyChannel, ProxyChannelOwner } from './adapters/channel/proxy-channel.ts';
import { ShownKeys } from './adapters/channel/shown-keys.ts';
import { Sightings } from './adapters/channel/sightings.ts';
import { SnapshotAnswers } from './adapters/channel/snapshot-answers.ts';
import { CommunityPool } from './adapters/community/community-pool.ts';
import { HostLinks } from './adapters/community/host-links.ts';
import { InnerListener } from './adapters/community/inner-listener.ts';
import type { GatewayBundle } from './adapters/files/gateway-bundle.ts';
import { ListeningPort } from './adapters/listening-port.ts';
import type { Applied, RunningSite } from './commands/command-context.ts';
import { checkChannelCertificate } from './config/check-channel-certificate.ts';
import { LARGEST_MESSAGE } from './config/limits-schema.ts';
import type { GatewayNode, Site } from './config/site.ts';
import { formatSiteProblem } from './config/site-problem.ts';
import { innerName, siteViewOf } from './config/site-view-of.ts';
import { snapshotOf } from './config/snapshot-of-site.ts';
import { CountingObserver } from './counting-observer.ts';
import { EPOCH_LENGTH, ProxyCore } from './domain/core/proxy-core.ts';
import { derive } from './domain/derived-key.ts';
import { RouteTokens } from './domain/route-token.ts';
import { healthServer } from './health.ts';
import { innerSettings } from './inner-settings.ts';
import { metricsText } from './metrics-text.ts';
import type { PreparedChange } from './ports/prepared-change.ts';
import type { SightingSink } from './ports/sighting-sink.ts';

const CREDIT_BYTES = 16_777_216;
const FLOW_CREDIT_BYTES = 2_097_152;
const TICK_MS = 50;
const DRAIN_MS = 10_000;
/** What handshakes showed reaches the store so late at most. */
const FLUSH_MS = 5000;
/** Our word that we drain takes its time to the proxies; what they send until then is still served. */
const HANDOVER_MS = 250;
/** So long a start waits for inner servers; then the proxies get a gateway that can at least say so. */
const REACH_MS = 2000;
const TRANSACTIONS_MAX = 200_000;

/** The inner program, composed: channels outside, communities inside, the core between them. */
export class Gateway {
  readonly #bundle: GatewayBundle;
  readonly #log: Logger;
  readonly #observer = new CountingObserver();
  readonly #hub: ChannelHub;
  readonly #pool: CommunityPool;
  readonly #core: ProxyCore;
  /** What inner servers send, and what comes over the channels. */
  readonly #indexes: { readonly inner: MessageIndex; readonly channel: MessageIndex };
  readonly #ends: ChannelEnds;
  readonly #inner: InnerListener;
  readonly #health = new ListeningPort<Server>();
  readonly #links: HostLinks;
  readonly #answers = new SnapshotAnswers();
  readonly #tick: NodeJS.Timeout;
  readonly #sightings: Sightings | undefined;
  readonly #flush: NodeJS.Timeout;
  /** Names that inner servers may still know us by, from before a reload. */
  readonly #formerNames = new Set<string>();
  #site: Site;
  #node: GatewayNode;
  #channel: ChannelCredentials;
  #snapshot: Buffer;
  #shownKeys: ShownKeys;
  #isDraining = false;

  /** `sightings` takes the evidence of handshakes, where there is a store for it. */
  constructor(
    bundle: GatewayBundle,
    site: Site,
    node: GatewayNode,
    log: Logger,
    sightings?: SightingSink,
  ) {
    this.#bundle = bundle;
    this.#site = site;
    this.#node = node;
    this.#log = log;
    this.#snapshot = signSnapshot(snapshotOf(site), bundle.snapshotSigningKey);
    this.#shownKeys = new ShownKeys(site);
    this.#channel = bundle.channel;
    const limits = messageLimits(site);
    this.#indexes = { inner: new MessageIndex(limits), channel: new MessageIndex(limits) };
    this.#hub = new ChannelHub(
      this.#channelOwner(),
      {
        reusesAlways: (id) => this.#reusesAlways(id),
        isOfNow: (opened) => this.#shownKeys.isOfNow(opened),
      },
      this.#indexes.channel,
    );
    this.#ends = new ChannelEnds({
      own: this.#hello(),
      log,
      random: randomUnit,
      open: (connection) => this.#hub.open(connection),
    });
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
        // It reads again what was accepted once, under limits that may have changed since.
        limits: LARGEST_MESSAGE,
        transactionsMax: TRANSACTIONS_MAX,
        nowMs: () => performance.now(),
        hashSeed: [randomBytes(4).readInt32LE(0), randomBytes(4).readInt32LE(0)],
        observer: this.#observer,
      },
      siteViewOf(site, node),
      this.#hub,
      this.#pool,
    );
    this.#inner = new InnerListener(
      (address, reason) => log.warn('inner-connection-refused', { address, reason }),
      this.#pool,
      this.#indexes.inner,
    );
    this.#links = new HostLinks(
      this.#pool,
      this.#indexes.inner,
      randomUnit,
      (link, event, reason) => log.info(event, { host: link.key, reason }),
    );
    this.#sightings = sightings && new Sightings(sightings, Date.now);
    this.#flush = setInterval(() => void this.#sightings?.flush(), FLUSH_MS);
    this.#tick = setInterval(() => this.#core.advance(performance.now()), TICK_MS);
  }

  /** Opens every port and starts every dial; resolves when the ports are open. */
  async start(): Promise<void> {
    const changes = [await this.#prepareInner(this.#site, this.#node)];
    changes.push(await this.#prepareHealth(this.#node));
    for (const change of changes) change.take();
    this.#use(this.#site, this.#node);
    await this.#reachCommunities();
    (await this.#ends.prepare(this.#channelPlan(this.#site, this.#node, this.#channel))).take();
    this.#log.info('ready', {
      innerPort: this.#inner.port,
      healthPort: this.#health.port,
      snapshot: this.#site.version,
    });
  }

  /**
   * Takes over a new site and new channel files: new requests and new connections see them, proxies get a new
   * snapshot, live connections stay but those that lead nowhere any more.
   *
   * All or nothing: where one thing cannot be had, the log says which, and everything old stays in force.
   */
  async reload(site: Site, channel: ChannelCredentials): Promise<void> {
    const node = site.gateways.find((gateway) => gateway.node === this.#bundle.node);
    const obstacle = this.#obstacleTo(site, channel);
    if (node === undefined || obstacle !== undefined) {
      const reason = obstacle ?? `site.yaml has no gateway ${this.#bundle.node}`;
      this.#log.error('reload-refused', { reason });
      return;
    }
    const changes: PreparedChange[] = [];
    try {
      changes.push(await this.#prepareInner(site, node));
      changes.push(await this.#prepareHealth(node));
      changes.push(await this.#ends.prepare(this.#channelPlan(site, node, channel)));
    } catch (cause) {
      for (const change of changes) change.discard();
      const reason = cause instanceof Error ? cause.message : 'unknown';
      this.#log.error('reload-refused', { reason });
      return;
    }
    this.#channel = channel;
    for (const change of changes) change.take();
    const before = this.#site.partners;
    this.#use(site, node);
    for (const proxyChannel of this.#hub.channels()) {
      if (this.#isOurs(proxyChannel)) this.#sendSnapshot(proxyChannel);
      else proxyChannel.connection.close('proxy-removed');
    }
    this.#partnersGone(before, site);
    this.#log.info('reloaded', { snapshot: site.version, partners: site.partners.length });
  }

  /** The site that is in force. */
  get site(): Site {
    return this.#site;
  }

  /** What the proxies say of the snapshot of a revision; it waits for those that have not answered. */
  snapshotAnswers(revision: number, withinMs: number): Promise<Applied['proxies']> {
    const version = Math.max(revision, this.#site.version);
    return this.#answers.of(version, () => this.#hub.channels(), withinMs);
  }

  /** Live connections of a partner. */
  flowsOf(partner: string): ReturnType<RunningSite['flows']> {
    return [...(this.#hub.flowsByPartner.get(partner) ?? [])].map(liveFlow);
  }

  /** All live connections by name. */
  flowNames(): ReadonlySet<string> {
    const flows = [...this.#hub.flowsByPartner.values()].flatMap((ofOne) => [...ofOne]);
    return new Set(flows.map(({ flow }) => flow));
  }

  /** Whether connections are open of anybody who is no partner, or not any more. */
  get hasStrangers(): boolean {
    const partners = new Set(this.#site.partners.map(({ id }) => id));
    return [...this.#hub.flowsByPartner.keys()].some((id) => !partners.has(id));
  }

  /** Takes no more new requests, lets running ones end (ten seconds at most), and closes everything. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const channel of this.#hub.channels()) channel.connection.drain();
    this.#inner.stopListening();
    await delay(HANDOVER_MS);
    this.#core.drain();
    const until = performance.now() + DRAIN_MS;
    while (this.#core.unanswered > 0 && performance.now() < until) {
      await delay(TICK_MS);
    }
    this.#log.info('drained', { left: this.#core.unanswered });
    clearInterval(this.#tick);
    clearInterval(this.#flush);
    await this.#sightings?.flush();
    await this.#ends.stop('stopped');
    this.#inner.close();
    this.#pool.stop();
    this.#health.close();
    this.#health.server?.closeAllConnections();
  }

  #partnersGone(before: Site['partners'], { partners, severed }: Site): void {
    const left = new Set(partners.map(({ id }) => id));
    const gone = before.map(({ id }) => id).filter((id) => !left.has(id));
    if (gone.length === 0) return;
    this.#core.partnersGone(new Set(gone));
    for (const partner of gone) {
      const reason = severed.includes(partner) ? 'partner-severed' : 'partner-removed';
      this.#log.warn('partner-gone', { partner, reason });
    }
  }

  /** A gateway that joins before it reaches its servers would refuse what another gateway could serve. */
  async #reachCommunities(): Promise<void> {
    const isReached = () =>
      this.#site.communities.every(({ id }) => this.#pool.hosts(id, undefined, '').length > 0);
    const until = performance.now() + REACH_MS;
    while (!isReached() && performance.now() < until) await delay(TICK_MS);
  }

  /** What no reload can take over. */
  #obstacleTo(site: Site, channel: ChannelCredentials): string | undefined {
    if (this.#isDraining) return 'the gateway is being stopped';
    if (site.name !== this.#site.name) return 'the name of a site is in all its certificates';
    if (JSON.stringify(channel) === JSON.stringify(this.#channel)) return undefined;
    const identity = { site: site.name, role: 'gateway', node: this.#bundle.node } as const;
    return checkChannelCertificate(channel, identity, Date.now())
      .filter(({ severity }) => severity === 'error')
      .map(formatSiteProblem)[0];
  }

  /** From here on everything sees this site; its ports are open. */
  #use(site: Site, node: GatewayNode): void {
    this.#site = site;
    this.#node = boundTo(node, this.#inner.port);
    const limits = messageLimits(site);
    this.#indexes.inner.relimit(limits);
    this.#indexes.channel.relimit(limits);
    this.#snapshot = signSnapshot(snapshotOf(site), this.#bundle.snapshotSigningKey);
    this.#core.replaceSite(siteViewOf(site, this.#node, this.#formerNames));
    this.#formerNames.add(innerName(this.#node));
    this.#pool.replaceLinks(this.#links.linksFor(site, this.#node));
    this.#shownKeys = new ShownKeys(site);
    this.#sightings?.useIdentities(site.identities);
  }

  #prepareInner(site: Site, node: GatewayNode): Promise<PreparedChange> {
    return this.#inner.prepare(innerSettings(site, node));
  }

  #prepareHealth(node: GatewayNode): Promise<PreparedChange> {
    return this.#health.prepare(node.health, () =>
      healthServer(
        () => this.#healthNow(),
        () => this.#metricsNow(),
      ),
    );
  }

  #channelPlan(site: Site, node: GatewayNode, credentials: ChannelCredentials): ChannelPlan {
    if (site.channel.dial === 'outside-in') return { dials: [], listen: node.channel, credentials };
    const dials = site.proxies.flatMap(({ node: proxy, workers, channel }) =>
      channel === undefined
        ? []
        : Array.from({ length: workers }, (_, worker) => ({
            proxy,
            worker,
            host: channel.host,
            port: channel.port + worker,
          })),
    );
    return { dials, listen: undefined, credentials };
  }

  #channelOwner(): ProxyChannelOwner {
    return {
      request: (index, flow, exchange) => this.#core.request(index, flow, exchange),
      response: (index, peer) => this.#core.response(index, peer),
      sent: (clientNumber, link) => this.#core.sent(clientNumber, link),
      transportFailed: (clientNumber, remote, isLast) =>
        this.#core.transportFailed(clientNumber, remote, isLast),
      linkLost: (link) => this.#core.linkLost(link),
      sighted: (flow, proxy) => this.#sightings?.note(flow.opened, proxy),
      channelReady: (channel) => {
        if (!this.#isOurs(channel)) {
          this.#log.warn('channel-refused', { reason: 'proxy-unknown', proxy: channel.name });
          channel.connection.close('proxy-unknown');
          return;
        }
        this.#hub.add(channel);
        this.#sendSnapshot(channel);
        this.#log.info('channel-ready', { proxy: channel.name });
      },
      channelClosed: (channel, reason) => {
        this.#hub.remove(channel);
        this.#answers.closed(channel);
        this.#log.warn('channel-closed', { proxy: channel.name, reason });
      },
      snapshotAnswered: (channel, { version, accepted, reason }) =>
        this.#answers.answered(channel, version, accepted, reason),
      report: (channel, event, fields) => this.#log.info(event, { proxy: channel.name, ...fields }),
    };
  }

  #sendSnapshot(channel: ProxyChannel): void {
    this.#answers.sent(channel);
    const { connection } = channel;
    connection.send(FrameType.snapshot, 0, 0, 0, this.#snapshot, 0, this.#snapshot.length);
  }

  /** A certificate outlives the entry of its proxy. */
  #isOurs(channel: ProxyChannel): boolean {
    return this.#site.proxies.some(({ node }) => node === channel.node);
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

  #metricsNow(): string {
    const channels = this.#hub.channels();
    const now = {
      channels: channels.size,
      flows: this.#hub.flowCount,
      transactions: this.#core.size,
      snapshot_version: this.#site.version,
    };
    const workers = [...channels].map(({ node, worker, metrics }) => ({
      proxy: node,
      worker,
      metrics,
    }));
    return metricsText({ now, events: this.#observer.counts() }, workers);
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

function randomUnit(): number {
  return randomBytes(4).readUInt32BE(0) / 2 ** 32;
}
