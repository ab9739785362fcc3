import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import { signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import { type ChannelCredentials, isRevokedPeer } from '@sallyport/shared/io/channel-tls.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { ChannelEnds } from '../adapters/channel/channel-ends.ts';
import { ChannelHub } from '../adapters/channel/channel-hub.ts';
import { ConnectionPolicy } from '../adapters/channel/connection-policy.ts';
import { LINES_OF_PROXY, LimitedLog } from '../adapters/channel/limited-log.ts';
import type { ProxyChannel, ProxyChannelOwner } from '../adapters/channel/proxy-channel.ts';
import { Sightings } from '../adapters/channel/sightings.ts';
import { SnapshotAnswers } from '../adapters/channel/snapshot-answers.ts';
import { CommunityPool } from '../adapters/community/community-pool.ts';
import { HostLinks, toldIn } from '../adapters/community/host-links.ts';
import { InnerListener, innerToldIn } from '../adapters/community/inner-listener.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { ListeningPort } from '../adapters/listening-port.ts';
import type { Applied } from '../commands/command-context.ts';
import { LARGEST_MESSAGE } from '../config/limits-schema.ts';
import { messageLimitsOf } from '../config/message-limits-of.ts';
import type { GatewayNode, Site } from '../config/site.ts';
import { EPOCH_LENGTH, ProxyCore } from '../domain/core/proxy-core.ts';
import { derive } from '../domain/derived-key.ts';
import { RouteTokens } from '../domain/route-token.ts';
import { type FormerNames, siteViewOf } from '../domain/site-view-of.ts';
import { snapshotOf } from '../domain/snapshot-of-site.ts';
import type { ChannelAuthority } from '../ports/channel-authority.ts';
import type { PreparedChange } from '../ports/prepared-change.ts';
import type { SightingSink } from '../ports/sighting-sink.ts';
import type { StateStore } from '../ports/state-store.ts';
import { ChannelCertificates } from './channel-certificates.ts';
import { channelPlan, gatewayHello } from './channel-plan.ts';
import { communitiesReached } from './communities-reached.ts';
import { CountingObserver } from './counting-observer.ts';
import { healthServer } from './health.ts';
import { innerSettings } from './inner-settings.ts';
import { metricsText } from './metrics-text.ts';
import { RecordingObserver } from './recording-observer.ts';
import { obstacleToReload } from './reload-obstacle.ts';
import type { SiteLedger } from './site-ledger.ts';
import { whyTurnedAway } from './why-turned-away.ts';

const TICK_MS = 50;
const DRAIN_MS = 10_000;
/** Our word that we drain takes its time to the proxies; what they send until then is still served. */
const HANDOVER_MS = 250;
/** What rings is cancelled at the end, and its sender hears of it. */
const LEAVE_MS = 500;
const TRANSACTIONS_MAX = { held: 200_000, bytes: 268_435_456 };

export interface GatewayOptions {
  readonly bundle: GatewayBundle;
  readonly site: Site;
  readonly node: GatewayNode;
  readonly log: Logger;
  /** Takes the evidence of handshakes; none where partners are kept in files. */
  readonly sightings: SightingSink | undefined;
  /** Further numbers for monitors. */
  readonly gauges: () => Readonly<Record<string, number>>;
  /** Issues channel certificates; none where the bundle has no issuing key. */
  readonly authority: ChannelAuthority | undefined;
  readonly store: StateStore | undefined;
  /** Puts on record what happens; none where nothing is recorded. */
  readonly ledger: SiteLedger | undefined;
}

/** The inner program, composed: channels outside, communities inside, the core between them. */
export class Gateway {
  readonly #bundle: GatewayBundle;
  readonly #log: Logger;
  readonly #proxyLog: LimitedLog;
  readonly #observer = new CountingObserver();
  readonly #recorded: RecordingObserver | undefined;
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
  readonly #certificates: ChannelCertificates;
  readonly #tick: NodeJS.Timeout;
  readonly #sightings: Sightings | undefined;
  readonly #gauges: GatewayOptions['gauges'];
  readonly #ledger: SiteLedger | undefined;
  /** Names that inner servers and partners may still know us by, from before a reload. */
  #former: FormerNames = { inner: [], outside: [] };
  #site: Site;
  #node: GatewayNode;
  #channel: ChannelCredentials;
  #snapshot: Buffer;
  readonly #policy = new ConnectionPolicy();
  #isDraining = false;
  #hasPlan = false;

  constructor(options: GatewayOptions) {
    const { bundle, site, node, log, sightings, gauges, authority, store, ledger } = options;
    this.#gauges = gauges;
    this.#ledger = ledger;
    this.#recorded = ledger && new RecordingObserver(this.#observer, ledger.note);
    this.#bundle = bundle;
    this.#certificates = new ChannelCertificates({
      bundle,
      site: () => this.#site,
      authority,
      store,
      random: randomUnit,
      log,
      renewed: (credentials) => this.#showChannel(credentials),
    });
    this.#site = site;
    this.#node = node;
    this.#log = log;
    this.#proxyLog = new LimitedLog(log, () => performance.now(), LINES_OF_PROXY);
    this.#snapshot = this.#signed(site);
    this.#policy.use(site);
    this.#channel = bundle.channel;
    const limits = messageLimitsOf(site);
    this.#indexes = { inner: new MessageIndex(limits), channel: new MessageIndex(limits) };
    this.#hub = new ChannelHub(this.#channelOwner(), this.#policy, this.#indexes.channel);
    this.#ends = new ChannelEnds({
      own: gatewayHello(site, node),
      log,
      random: randomUnit,
      isRevoked: (peer) => isRevokedPeer(peer, this.#site.revokedNodes),
      open: (connection) => this.#hub.open(connection),
      turnedAway: (...caller) => this.#ledger?.turnedAway(...caller),
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
        nextTurn: setImmediate,
        hashSeed: [randomBytes(4).readInt32LE(0), randomBytes(4).readInt32LE(0)],
        observer: this.#recorded ?? this.#observer,
        bodies: ledger?.bodies,
      },
      siteViewOf(site, node),
      this.#hub,
      this.#pool,
    );
    this.#inner = new InnerListener(innerToldIn(log), this.#pool, this.#indexes.inner);
    this.#links = new HostLinks(this.#pool, this.#indexes.inner, randomUnit, toldIn(log));
    this.#sightings = sightings && new Sightings(sightings, Date.now);
    this.#tick = setInterval(() => this.#core.advance(performance.now()), TICK_MS);
  }

  /** Opens every port and starts every dial; resolves when the ports are open. */
  async start(): Promise<void> {
    const changes = [await this.#prepareInner(this.#site, this.#node)];
    changes.push(await this.#prepareHealth(this.#node));
    for (const change of changes) change.take();
    this.#use(this.#site, this.#node);
    await communitiesReached(this.#site, this.#pool);
    await this.#certificates.own.start();
    (await this.#ends.prepare(channelPlan(this.#site, this.#node, this.#channel))).take();
    this.#hasPlan = true;
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
  async reload(site: Site, bundle: Pick<GatewayBundle, 'channel' | 'witness'>): Promise<void> {
    const channel = this.#certificates.own.chosen(bundle.channel);
    const node = site.gateways.find((gateway) => gateway.node === this.#bundle.node);
    const obstacle = this.#isDraining
      ? 'the gateway is being stopped'
      : obstacleToReload(this.#site, site, this.#bundle.node, this.#channel, channel);
    if (node === undefined || obstacle !== undefined) {
      const reason = obstacle ?? `site.yaml has no gateway ${this.#bundle.node}`;
      this.#log.error('reload-refused', { reason });
      return;
    }
    const changes: PreparedChange[] = [];
    try {
      changes.push(await this.#prepareInner(site, node));
      changes.push(await this.#prepareHealth(node));
      changes.push(await this.#ends.prepare(channelPlan(site, node, channel)));
    } catch (cause) {
      for (const change of changes) change.discard();
      const reason = cause instanceof Error ? cause.message : 'unknown';
      this.#log.error('reload-refused', { reason });
      return;
    }
    this.#channel = channel;
    this.#certificates.own.use(channel);
    for (const change of changes) change.take();
    const before = this.#site.partners;
    this.#use(site, node);
    for (const proxyChannel of this.#hub.channels()) {
      const reason = whyTurnedAway(proxyChannel, this.#site);
      if (reason === undefined) this.#sendSnapshot(proxyChannel);
      else proxyChannel.connection.close(reason === 'proxy-unknown' ? 'proxy-removed' : reason);
    }
    this.#partnersGone(before, site);
    this.#ledger?.reloaded(site, bundle.witness);
    this.#log.info('reloaded', { snapshot: site.version, partners: site.partners.length });
  }

  /** Issues channel certificates, for commands. */
  get desk(): ChannelCertificates['desk'] {
    return this.#certificates.desk;
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

  /** The way to the partners, as far as commands use it. */
  get hub(): Pick<ChannelHub, 'flowsByPartner' | 'probe'> {
    return this.#hub;
  }

  /** Takes no more new requests, lets running ones end (ten seconds at most), and closes everything. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const channel of this.#hub.channels()) channel.connection.drain();
    this.#inner.stopListening();
    await delay(HANDOVER_MS);
    this.#core.drain();
    const until = performance.now() + DRAIN_MS;
    while (this.#core.unanswered > 0 && performance.now() < until) await delay(TICK_MS);
    this.#log.info('drained', { left: this.#core.unanswered });
    const leftMs = performance.now() + LEAVE_MS;
    while (this.#core.leave() && performance.now() < leftMs) await delay(TICK_MS);
    clearInterval(this.#tick);
    await this.#sightings?.stop();
    this.#certificates.own.stop();
    await this.#ends.stop('stopped');
    this.#inner.close();
    this.#pool.stop();
    this.#recorded?.stop();
    this.#health.close();
    this.#health.server?.closeAllConnections();
  }

  #partnersGone(before: Site['partners'], { partners, severed }: Site): void {
    const gone = new Set(before.map(({ id }) => id));
    for (const { id } of partners) gone.delete(id);
    this.#core.partnersGone(gone);
    for (const partner of gone) {
      this.#log.warn('partner-gone', { partner, isSevered: severed.includes(partner) });
    }
  }

  /** From here on everything sees this site; its ports are open. */
  #use(site: Site, node: GatewayNode): void {
    this.#site = site;
    // As inner servers reach it, which matters where the port was left to the system.
    this.#node = { ...node, inner: { ...node.inner, port: this.#inner.port } };
    const limits = messageLimitsOf(site);
    this.#indexes.inner.relimit(limits);
    this.#indexes.channel.relimit(limits);
    this.#snapshot = this.#signed(site);
    const view = siteViewOf(site, this.#node, this.#former);
    this.#core.replaceSite(view);
    this.#former = { inner: view.innerNames, outside: view.outsideNames };
    this.#pool.replaceLinks(this.#links.linksFor(site, this.#node));
    this.#policy.use(site);
    this.#sightings?.useIdentities(site.identities);
  }

  #signed(site: Site): Buffer {
    const content = snapshotOf(site, this.#ledger?.snapshot(site));
    return signSnapshot(content, this.#bundle.snapshotSigningKey);
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

  #channelOwner(): ProxyChannelOwner {
    return {
      request: (index, flow, exchange) => this.#core.request(index, flow, exchange),
      response: (index, peer) => this.#core.response(index, peer),
      sent: (...said) => this.#core.sent(...said),
      transportFailed: (number, isOwn, isLast) =>
        this.#core.transportFailed(number, isOwn, undefined, isLast),
      linkLost: (link) => this.#core.linkLost(link),
      sighted: (flow, proxy) => this.#sightings?.note(flow.opened, proxy),
      channelReady: (channel) => {
        const reason = whyTurnedAway(channel, this.#site);
        if (reason !== undefined) {
          this.#log.warn('channel-refused', { reason, proxy: channel.name });
          channel.connection.close(reason);
          return;
        }
        this.#hub.add(channel);
        this.#ledger?.channelOpened(channel);
        this.#sendSnapshot(channel);
        this.#log.info('channel-ready', { proxy: channel.name });
      },
      channelClosed: (channel, reason) => {
        this.#hub.remove(channel);
        this.#core.originsLost();
        this.#answers.closed(channel);
        this.#ledger?.channelClosed(channel, reason);
        this.#log.warn('channel-closed', { proxy: channel.name, reason });
      },
      snapshotAnswered: (channel, { version, accepted, reason }) =>
        this.#answers.answered(channel, version, accepted, reason),
      certificateRequested: (channel, exchange, payload) =>
        void this.#certificates.answer(channel.connection, exchange, payload),
      audit: (channel, type, bytes, start, end) =>
        this.#ledger?.frame(channel, type, bytes, start, end),
      report: (channel, event, fields, level = 'info') =>
        this.#proxyLog.write(level, channel.node, event, { proxy: channel.name, ...fields }),
    };
  }

  #sendSnapshot(channel: ProxyChannel): void {
    this.#answers.sent(channel);
    const { connection } = channel;
    connection.send(FrameType.snapshot, 0, 0, 0, this.#snapshot, 0, this.#snapshot.length);
  }

  /** New handshakes show this certificate; open channels stay. */
  async #showChannel(credentials: ChannelCredentials): Promise<void> {
    this.#channel = credentials;
    // Before the start there is no plan: the first one takes it.
    if (this.#hasPlan && !this.#isDraining) {
      (await this.#ends.prepare(channelPlan(this.#site, this.#node, credentials))).take();
    }
  }

  #metricsNow(): string {
    const now = {
      channels: this.#hub.channels().size,
      flows: this.#hub.flowCount,
      transactions: this.#core.size,
      snapshot_version: this.#site.version,
      ...(this.#sightings && { sightings_lost: this.#sightings.lost }),
      ...this.#gauges(),
      ...this.#pool.gauges,
      ...this.#ledger?.gauges(),
    };
    return metricsText({ now, events: this.#observer.counts() }, [...this.#hub.channels()]);
  }

  #healthNow() {
    const channels = this.#hub.channels().size;
    return {
      // Without a journal nothing is acknowledged, and soon nothing is let in.
      isUp: channels > 0 && !this.#isDraining && this.#ledger?.trouble !== 'journal-failing',
      facts: {
        channels,
        flows: this.#hub.flowCount,
        transactions: this.#core.size,
        draining: this.#isDraining,
        snapshot: this.#site.version,
        ...(this.#ledger && { audit: this.#ledger.trouble ?? 'ok' }),
        ...this.#observer.counts(),
      },
    };
  }
}

function randomUnit(): number {
  return randomBytes(4).readUInt32BE(0) / 2 ** 32;
}
