import type { Socket } from 'node:net';
import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import { type ChannelPeer, isRevokedPeer } from '@sallyport/shared/io/channel-tls.ts';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { Audit } from '../audit/audit.ts';
import { type EdgeConfig, edgeConfig } from '../bundle/edge-config.ts';
import { belowRequired } from '../bundle/own-posture.ts';
import { SnapshotKeeper } from '../bundle/snapshot-keeper.ts';
import { dialSource } from '../connections/dial-source.ts';
import { DnsResolver } from '../dns/resolver.ts';
import type { Flow, FlowEvents, FlowFacts } from '../flows/flow.ts';
import { type FlowRefusal, FlowTable } from '../flows/flow-table.ts';
import { gatewayClockMetrics, logClock } from '../flows/gateway-clocks.ts';
import { type GatewayEvents, GatewayLink } from '../flows/gateway-link.ts';
import { Gateways } from '../flows/gateways.ts';
import type { DownReason } from '../health/health.ts';
import type { Identity } from '../identity/identity.ts';
import { allowAnew, NO_PARTNERS, type PartnerTable } from '../identity/partner.ts';
import { Outbound } from '../outbound/outbound.ts';
import { Probes } from '../probe/probes.ts';
import type { EdgeOptions } from './edge-options.ts';
import { Egress } from './egress.ts';
import { Ingress } from './ingress.ts';
import { Reception } from './reception.ts';
import { Revalidation } from './revalidation.ts';
import { Rotation } from './rotation.ts';
import { WouldRefuse } from './would-refuse.ts';

const REASON_CHARS_MAX = 1000;

const PATHS_KEPT = 4096;
const DNS_LIMITS = {
  timeoutMs: 2000,
  tries: 2,
  locateTimeoutMs: 10_000,
  cacheMax: { entries: 10_000, bytes: 16_777_216 },
  pendingMax: 1000,
} as const;
/** Longer than timer C lets an INVITE ring without a word (RFC 3261 §16.6 step 11). */
const PENDING_MS_MAX = 200_000;

/**
 * The edge of one worker: joins partners' connections and gateways' channels under one configuration.
 *
 * Fails closed: no snapshot, no listener; no gateway, 503.
 */
export class Edge {
  readonly #options: EdgeOptions;
  readonly #gateways = new Gateways();
  readonly #flows = new FlowTable(this.#gateways);
  readonly #cache = new PathCache(PATHS_KEPT);
  readonly #reception: Reception;
  readonly #rotation: Rotation;
  readonly #ingress: Ingress;
  readonly #egress: Egress;
  readonly #outbound: Outbound;
  readonly #probes: Probes;
  readonly #resolver: DnsResolver;
  readonly #revalidation: Revalidation;
  readonly #wouldRefuse: WouldRefuse;
  readonly #audit: Audit;
  readonly #flowEvents: FlowEvents;
  readonly #gatewayEvents: GatewayEvents;
  #config: EdgeConfig | undefined;
  #isDraining = false;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { bundle, counters, clock, log, revocationOf } = options;
    const config = () => this.#config;
    this.#audit = new Audit({
      ...options,
      gateways: () => this.#gateways.all,
      fullChanged: () => this.#rotation.look(),
    });
    const nowMs = () => clock.monotonicMs();
    this.#resolver = new DnsResolver({
      ...DNS_LIMITS,
      nowMs,
      failed: (code) => counters.add(`dns-failed:${code}`),
    });
    this.#wouldRefuse = new WouldRefuse(log, counters, nowMs);
    this.#revalidation = new Revalidation({
      flows: this.#flows,
      cache: this.#cache,
      counters,
      log,
      wallMs: () => clock.wallMs(),
      nowMs,
      revocationOf,
      stays: (flow) => this.#tried(flow),
    });
    const outside = {
      config,
      resolver: this.#resolver,
      revocationOf,
      sourceFor: (address: string) => dialSource(bundle.config.listen, address),
    };
    this.#outbound = new Outbound({
      ...outside,
      cache: this.#cache,
      counters,
      wallMs: () => clock.wallMs(),
      open: (...proven) => this.#open(...proven),
      failed: (...failure) => this.#outboundFailed(...failure),
      isClosed: () => this.#audit.isClosed,
      sent: (...request) => this.#audit.messages.sent(...request),
    });
    this.#probes = new Probes({ ...outside, clock, log });
    this.#ingress = new Ingress({
      gateways: this.#gateways,
      counters,
      config,
      audit: this.#audit,
      nowMs,
      nextTurn: setImmediate,
      tagPrefix: options.tagPrefix,
      hashSeed: options.hashSeed,
      aliased: (flow) => this.#outbound.learnAlias(flow),
      wouldRefuse: ({ facts, identity }, rule) =>
        this.#wouldRefuse.report(identity.partner.id, rule, facts.id),
      refused: ({ facts, identity }, { code, status }) => {
        const { partner } = identity;
        const source = facts.remoteAddress;
        log.warn('request-refused', { partner: partner.id, flow: facts.id, source, code, status });
      },
    });
    const snapshots = new SnapshotKeeper(bundle, options.worker, (content) => this.#use(content));
    this.#egress = new Egress({
      ...options,
      flows: this.#flows,
      ingress: this.#ingress,
      outbound: this.#outbound,
      snapshots,
      probes: this.#probes,
      audit: this.#audit,
    });
    this.#reception = this.#newReception();
    this.#rotation = this.#newRotation();
    this.#flowEvents = this.#eventsOfFlows();
    this.#gatewayEvents = this.#eventsOfGateways();
  }

  /** A new channel; it counts once both sides have said hello. */
  openChannel(connection: ChannelConnection): ChannelSink {
    return new GatewayLink(connection, this.#options.bundle.config.site, this.#gatewayEvents);
  }

  /** Whether the snapshot in use says that a gateway was lost. */
  isRevoked(gateway: ChannelPeer): boolean {
    return isRevokedPeer(gateway, this.#config?.revokedNodes ?? []);
  }

  /** Why partners cannot connect right now; undefined: they can. */
  get downReason(): DownReason | undefined {
    return this.obstacle ?? (this.#rotation.isOpen ? undefined : 'no-listener');
  }

  /** Why nobody new can be served now; undefined: everybody can. */
  get obstacle(): DownReason | undefined {
    if (this.#isDraining) return 'draining';
    if (this.#config === undefined) return 'no-snapshot';
    if (this.#audit.isClosed) return 'audit-full';
    if (this.#gateways.available.length === 0) return 'no-gateway';
    return undefined;
  }

  /** Counters, and beside them what there is right now. */
  metrics(): Readonly<Record<string, number>> {
    return {
      ...this.#options.counters.read(),
      flows: this.#flows.size,
      gateways: this.#gateways.all.length,
      pendingRequests: this.owed.toPartners,
      snapshotVersion: this.#config?.version ?? 0,
      ...this.#audit.metrics,
    };
  }

  /** How far gateways' clocks are off; for this host alone, a gateway knows it itself. */
  get clockMetrics(): Readonly<Record<string, number>> {
    return gatewayClockMetrics(this.channels.map(({ clockOffset }) => clockOffset));
  }

  /** Open channels, to send reports on. */
  get channels(): readonly ChannelConnection[] {
    return this.#gateways.all.map((link) => link.connection);
  }

  /** Partners of the configuration in use. */
  get partners(): PartnerTable {
    return this.#config?.partners ?? NO_PARTNERS;
  }

  /** Asks the name servers of the configuration in use, for that partner. */
  ask(question: DnsQuestion, partner: string): Promise<DnsAnswer> {
    return this.#resolver.ask(question, partner);
  }

  /** Answers that partners still wait for, and those that they owe us. */
  get owed(): { readonly toPartners: number; readonly byPartners: number } {
    const toPartners = this.#gateways.all.reduce((sum, link) => sum + link.pending.size, 0);
    return { toPartners, byPartners: this.#flows.answersAwaited };
  }

  /** About once a second. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const flow of this.#flows.values()) {
      // A share of the interval that differs from flow to flow; it need not be unpredictable.
      flow.sweep(nowMs, ((flow.facts.id * 7919) % 1024) / 1024);
    }
    this.#revalidation.sweep(this.#config);
    this.#ingress.sweep(nowMs - PENDING_MS_MAX);
    this.#audit.sweep();
    this.#rotation.look();
  }

  /** Accepts no more connections and requests; what is under way goes on. */
  drain(): void {
    this.#isDraining = true;
    this.#rotation.look();
    this.#ingress.drain();
    this.#outbound.drain();
    this.#probes.drain();
    for (const link of this.#gateways.all) link.connection.drain();
  }

  /** Ends every connection. */
  close(): void {
    for (const flow of [...this.#flows.values()]) flow.close('proxy-stopped');
    this.#resolver.close();
    this.#audit.close();
  }

  /** Whether no gateway has still to acknowledge what was put on record. */
  get isAudited(): boolean {
    return this.#audit.isClear;
  }

  /** Last of all: what was put on record and no gateway has stays on the disk. */
  keepRecords(): void {
    this.#audit.keepRest();
  }

  /** Puts a snapshot to use: builds everything first, and changes something only when nothing can be refused any more. */
  #use(content: SnapshotContent): Result<undefined, readonly string[]> {
    const { bundle, clock, log } = this.#options;
    const below = belowRequired(bundle.config, content);
    if (below.length > 0) {
      log.error('posture-too-low', { reason: below.join('; ').slice(0, REASON_CHARS_MAX) });
      return err(below);
    }
    const built = edgeConfig(content, this.#config, clock.monotonicMs());
    if (!built.ok) return built;
    const config = built.value;
    const askThem = this.#resolver.prepare(config.nameservers);
    const audited = askThem.ok ? this.#audit.use(content.audit) : err([askThem.error]);
    if (!askThem.ok || !audited.ok) return audited;
    this.#config = config;
    askThem.value();
    allowAnew(config.partners, clock.monotonicMs());
    this.#ingress.useLimits(config.limits);
    this.#outbound.usePartners(config.partners);
    this.#probes.usePartners(config.partners);
    this.#options.hostUse?.usePartners(config.partners);
    this.#revalidation.all(config);
    for (const link of [...this.#gateways.all]) {
      if (this.isRevoked(link.connection.certified)) link.connection.close('node-revoked');
    }
    log.info('snapshot-in-use', { version: config.version, partners: config.partners.byId.size });
    this.#reception.use(config);
    this.#rotation.look();
    return ok(undefined);
  }

  #newReception(): Reception {
    const { bundle, clock, log, counters, revocationOf } = this.#options;
    return new Reception({
      listen: bundle.config.listen,
      workers: bundle.config.workers,
      site: bundle.config.site,
      cache: this.#cache,
      clock,
      log,
      counters,
      revocationOf,
      closedFor: () => (this.#audit.isClosed ? 'audit-full' : undefined),
      turnedAway: (connection) => this.#audit.connections.refused(connection),
      admit: (socket, identity, facts) =>
        this.#config === undefined
          ? err('no-configuration')
          : this.#open(socket, identity, facts, this.#config),
    });
  }

  #newRotation(): Rotation {
    const { log, counters, listening, failed, turned } = this.#options;
    return new Rotation({
      obstacle: () => this.obstacle,
      open: () => this.#reception.open(),
      close: () => this.#reception.close(),
      log,
      counters,
      opened: listening,
      failed,
      turned: (isIn) => turned?.(isIn),
    });
  }

  #eventsOfFlows(): FlowEvents {
    return {
      message: (flow, index) => this.#ingress.message(flow, index),
      fatal: (flow, index, answerable) => this.#ingress.fatal(flow, index, answerable),
      heard: (flow) => this.#flows.heard(flow),
      closed: (flow, reason) => this.#flowClosed(flow, reason),
    };
  }

  #eventsOfGateways(): GatewayEvents {
    return {
      ready: (link) => this.#gatewayReady(link),
      frame: (...received) => this.#egress.frame(...received),
      flowWritable: (link, flow) => link.unblock(flow),
      draining: (link) => this.#gatewayDraining(link),
      clockTurned: (link, ...turn) => logClock(this.#options.log, link.node, ...turn),
      closed: (link, reason) => this.#gatewayClosed(link, reason),
    };
  }

  #open(
    socket: Socket,
    identity: Identity,
    facts: Omit<FlowFacts, 'id'>,
    config: EdgeConfig,
  ): Result<Flow, FlowRefusal> {
    const nowMs = this.#options.clock.monotonicMs();
    const onRecord = (opened: Flow) => this.#audit.connections.opened(opened, socket);
    const events = this.#flowEvents;
    const flow = this.#flows.open(socket, identity, facts, config, events, nowMs, onRecord);
    if (!flow.ok) return flow;
    this.#options.counters.add(`flows-opened:${facts.direction}`);
    this.#tried(flow.value);
    return flow;
  }

  /** A connection may stand for days: rules on trial see it whenever those in force do. */
  #tried(flow: Flow): void {
    const { clock, revocationOf } = this.#options;
    this.#wouldRefuse.judge(flow, revocationOf, clock.wallMs());
  }

  #outboundFailed(
    partner: string,
    peer: { readonly address: string; readonly port: number },
    code: string,
    socket?: Socket,
  ): void {
    const { address, port } = peer;
    this.#options.log.warn('outbound-failed', { partner, address, port, code });
    this.#audit.connections.refused({ direction: 'outbound', code, peer, partner, socket });
  }

  #flowClosed(flow: Flow, reason: string): void {
    this.#options.counters.add(`flow-closed:${reason}`);
    this.#audit.connections.closed(flow, reason);
    this.#outbound.flowClosed(flow);
    this.#ingress.flowLost(flow);
    this.#flows.closed(flow, reason);
  }

  #gatewayReady(link: GatewayLink): void {
    this.#gateways.add(link);
    this.#audit.gatewayOpened(link);
    this.#options.log.info('gateway-connected', { gateway: link.node });
    this.#flows.announceTo(link);
    this.#ingress.gatewayReady(link);
    if (this.#isDraining) link.connection.drain();
    this.#rotation.look();
  }

  #gatewayDraining(link: GatewayLink): void {
    this.#gateways.refresh();
    this.#audit.gatewaysChanged();
    this.#options.log.info('gateway-draining', { gateway: link.node });
    this.#rotation.look();
  }

  #gatewayClosed(link: GatewayLink, reason: string): void {
    // Without a hello it never counted.
    if (link.node === '') return;
    this.#gateways.remove(link);
    this.#audit.gatewayClosed(link, reason);
    for (const flow of [...link.blocked.keys()]) link.unblock(flow);
    this.#ingress.gatewayLost(link);
    this.#options.log.warn('gateway-disconnected', { gateway: link.node, reason });
    this.#rotation.look();
  }
}
