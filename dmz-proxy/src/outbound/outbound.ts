import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SendFailure, SipTarget } from '@sallyport/shared/channel/delivery.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import { FairShares } from '@sallyport/shared/net/fair-shares.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import type { Target } from '@sallyport/shared/net/target.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { TIMER_MS } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import type { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import { dial } from '../connections/dial.ts';
import { dialPlain } from '../connections/dial-plain.ts';
import type { DnsResolver } from '../dns/resolver.ts';
import type { Flow, FlowFacts } from '../flows/flow.ts';
import { FlowPool, transportAddress } from '../flows/flow-pool.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import type { Counters } from '../health/counters.ts';
import { identifyServer } from '../identity/identity.ts';
import { identifyPartnerByNetwork } from '../identity/network-identity.ts';
import { isPlainAgreed, type PartnerTable } from '../identity/partner.ts';
import { peerChain } from '../identity/peer-chain.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';
import {
  type Errand,
  endpointsKey,
  hopKey,
  isBehindEndpoints,
  namesAskedFor,
  placesOf,
  poolKey,
} from './errand.ts';
import { Presence } from './presence.ts';
import { mayBeDialled } from './reserved-networks.ts';

export interface OutboundOptions {
  readonly config: () => EdgeConfig | undefined;
  readonly resolver: Pick<DnsResolver, 'locate'>;
  readonly cache: PathCache;
  readonly counters: Counters;
  readonly wallMs: () => number;
  /** Address of ours from which a partner's is dialled; undefined lets the system choose. */
  readonly sourceFor: (address: string) => string | undefined;
  readonly revocationOf?: RevocationOf | undefined;
  /** Takes a proven connection in; or there is no room for one more. */
  readonly open: (
    socket: Socket,
    identity: Flow['identity'],
    facts: Omit<FlowFacts, 'id'>,
    config: EdgeConfig,
  ) => Result<Flow, string>;
  /** A connection that could not be made or proven, for the operators' log and the record. */
  readonly failed: (partner: string, target: Target, code: string, socket?: Socket) => void;
  /** Whether nothing may be sent, because it could not be put on record. */
  readonly isClosed?: () => boolean;
  /** A request is about to go out. */
  readonly sent: (flow: Flow, bytes: Buffer, start: number, end: number) => void;
}

/** A connection that was made. */
interface Reached {
  readonly socket: Socket;
  readonly ocspResponse?: Buffer | undefined;
}

/** Copies of requests that wait for a connection, all together, of which no partner has all. */
const WAITING_BYTES_MAX = 16_777_216;
/**
 * Connections that are being made, as many as may come in at once; each is a socket that somebody else lets hang as long as it may. No
 * partner has all of them: hosts in its Contacts are any, and as many as it likes.
 */
const DIALS_MAX = 1024;
/**
 * So long a request waits for a connection: less than its transaction lives at the gateway (timers B and F). What went out later would
 * ring for a caller who has been told that nobody answers, and whom nobody can cancel for.
 */
const WAIT_MS = TIMER_MS.F - 2000;
const NO_NETWORKS = new NetworkSet([]);
/** How partners' servers are looked for. */
export const LOCATE_POLICY = {
  families: ['A', 'AAAA'],
  federationService: true,
  forbidden: NO_NETWORKS,
} as const;

/**
 * Sends requests to where a URI leads: over a connection there is, or over one made for it.
 *
 * A new connection counts only when its certificate covers the host of the URI and leads to an anchor of that partner
 * (RFC 5922 §7.3); otherwise it is closed before a byte of SIP. Requests to one place share one dial. Where plain TCP was
 * agreed, the address reached must lie in the partner's networks.
 *
 * Once another key of ours is to be shown, new requests take a connection on which it was: the partner meets it
 * without a connection being dropped. One from before is used where no new one can be had.
 */
export class Outbound {
  readonly #options: OutboundOptions;
  readonly #pool = new FlowPool();
  readonly #keys = new Map<Flow, Set<string>>();
  readonly #dials = new Map<string, Promise<Result<Flow, SendFailure>>>();
  /** Of partners that requests wait for now, or did. */
  readonly #presences = new Map<string, Presence>();
  readonly #dialling = new FairShares(DIALS_MAX);
  readonly #waitingBytes = new FairShares(WAITING_BYTES_MAX);
  #isDraining = false;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  /** From now on nothing new is sent. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Whoever is no partner any more is not dialled to the end, and requests that wait for it are answered now. */
  usePartners({ byId }: PartnerTable): void {
    for (const [id, presence] of this.#presences) {
      if (byId.has(id)) continue;
      this.#presences.delete(id);
      presence.end();
    }
  }

  /** The message is `bytes[start, end)`, valid only during the call. */
  send(
    link: GatewayLink,
    target: SipTarget,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const errand = this.#errand(link, target, exchange);
    if (!errand.ok) return this.#fail(link, exchange, errand.error);
    const pooled = this.#pooled(errand.value, errand.value.identity?.key);
    if (pooled !== undefined) return this.#deliver(errand.value, pooled, bytes, start, end);
    const size = end - start;
    const { partner } = target;
    if (!this.#waitingBytes.take(partner, size)) return this.#fail(link, exchange, 'limit');
    const message = Buffer.from(bytes.subarray(start, end));
    this.#awaitFlow(errand.value).then((reached) => {
      this.#waitingBytes.giveBack(partner, size);
      const flow = reached.ok ? reached : this.#olderFlow(errand.value, reached);
      if (flow.ok) this.#deliver(errand.value, flow.value, message, 0, size);
      else this.#fail(link, exchange, flow.error);
    }, asBug);
  }

  /** An inbound connection whose peer asked that its own requests' way back be used (RFC 5923 §4). */
  learnAlias(flow: Flow): void {
    const { partner, domains } = flow.identity;
    const { ownIdentity } = flow.facts;
    for (const domain of domains) this.#keep(hopKey(partner, ownIdentity, domain), flow);
  }

  flowClosed(flow: Flow): void {
    this.#pool.remove(this.#keys.get(flow) ?? [], flow);
    this.#keys.delete(flow);
  }

  #errand(link: GatewayLink, target: SipTarget, exchange: number): Result<Errand, SendFailure> {
    const config = this.#options.config();
    const partner = config?.partners.byId.get(target.partner);
    const uri = parseSipUri(target.uri);
    if (this.#isDraining) return err('draining');
    if (exchange !== 0 && this.#options.isClosed?.() === true) return err('limit');
    if (config === undefined || partner === undefined || !uri.ok) return err('no-target');
    const isPlain = target.transport === 'tcp';
    // The gateway has written into the request how it goes; by the configuration of here it may not.
    if (isPlain !== isPlainAgreed(partner)) return err('no-target');
    if (isPlain && uri.value.scheme === 'sips') return err('no-target');
    const { identities } = config;
    const shown = identities.byName.get(partner.settings.ownIdentity) ?? identities.first;
    const identity = isPlain ? undefined : shown;
    const { avoid } = target;
    const presence = this.#presenceOf(partner.id);
    return ok({ link, exchange, partner, uri: uri.value, avoid, config, identity, presence });
  }

  #presenceOf(partner: string): Presence {
    const known = this.#presences.get(partner);
    if (known !== undefined) return known;
    const presence = new Presence();
    this.#presences.set(partner, presence);
    return presence;
  }

  /** A flow to the partner; or at once the word that it is no partner any more, and in time that nobody waits for it. */
  #awaitFlow(errand: Errand): Promise<Result<Flow, SendFailure>> {
    return new Promise((resolve, reject) => {
      const { presence } = errand;
      const gone = (): void => resolve(err('no-target'));
      const late = setTimeout(() => resolve(err('timeout')), WAIT_MS);
      presence.enter(gone);
      const reached = this.#reach(errand).then(resolve, reject);
      void reached.finally(() => {
        clearTimeout(late);
        presence.leave(gone);
      });
    });
  }

  /** What there is from before a change of our key; else why there is no new connection. */
  #olderFlow(errand: Errand, failed: Result<never, SendFailure>): Result<Flow, SendFailure> {
    if (errand.presence.signal.aborted) return failed;
    const older = this.#pooled(errand);
    return older === undefined ? failed : ok(older);
  }

  /** A connection that is there: made for that next hop, or good for all behind the partner's endpoints. */
  #pooled(errand: Errand, ownKey?: string): Flow | undefined {
    const known = this.#pool.find(poolKey(errand), errand.avoid, ownKey);
    if (known !== undefined || !isBehindEndpoints(errand)) return known;
    const shared = this.#pool.find(endpointsKey(errand), errand.avoid, ownKey);
    // The partner's domains may be others by now.
    return shared !== undefined && shared.identity.domains.size > 0 ? shared : undefined;
  }

  /** Tries the places in order (RFC 3263 §4.3) until one proves to be the partner. */
  async #reach(errand: Errand): Promise<Result<Flow, SendFailure>> {
    const targets = await this.#targets(errand);
    if (!targets.ok) return targets;
    let failure: SendFailure = 'no-target';
    for (const target of targets.value) {
      if (errand.presence.signal.aborted) return err('no-target');
      if (errand.avoid.includes(transportAddress(target.address, target.port))) continue;
      const flow = await this.#connect(errand, target);
      if (flow.ok) return flow;
      failure = flow.error;
    }
    return err(failure);
  }

  async #targets(errand: Errand): Promise<Result<readonly Target[], SendFailure>> {
    const { resolver } = this.#options;
    const { partner, uri } = errand;
    const { isAgreed, subjects } = placesOf(errand);
    const found: Target[] = [];
    let failure: SendFailure = 'no-target';
    for (const subject of subjects) {
      const targets = await resolver.locate(subject, LOCATE_POLICY, partner.id);
      if (targets.ok) {
        for (const target of targets.value) {
          if (!isAgreed && !mayBeDialled(target.address, partner.sourceNetworks)) {
            this.#options.counters.add('outbound-address-reserved');
          } else found.push({ ...target, serverName: uri.host });
        }
      }
      if (!targets.ok && targets.error === 'dns-failed') failure = 'dns';
    }
    return found.length > 0 ? ok(found) : err(failure);
  }

  /** Next hops behind the same endpoints wait for one dial: its connection is good for all, unless it has proven the first one's host alone. */
  async #connect(errand: Errand, target: Target): Promise<Result<Flow, SendFailure>> {
    const own = dialKey(poolKey(errand), errand, target);
    if (!isBehindEndpoints(errand)) return await this.#dial(own, errand, target);
    const shared = dialKey(endpointsKey(errand), errand, target);
    const begun = this.#dials.get(shared);
    if (begun === undefined) return await this.#dial(shared, errand, target);
    const reached = await begun;
    if (!reached.ok && reached.error !== 'identity') return reached;
    const pooled = this.#pooled(errand, errand.identity?.key);
    return pooled === undefined ? await this.#dial(own, errand, target) : ok(pooled);
  }

  #dial(key: string, errand: Errand, target: Target): Promise<Result<Flow, SendFailure>> {
    const known = this.#dials.get(key);
    if (known !== undefined) return known;
    const { id } = errand.partner;
    if (!this.#dialling.take(id, 1)) return Promise.resolve(err('limit'));
    const made = this.#connectAlone(errand, target).finally(() => {
      this.#dials.delete(key);
      this.#dialling.giveBack(id, 1);
    });
    this.#dials.set(key, made);
    return made;
  }

  async #connectAlone(errand: Errand, target: Target): Promise<Result<Flow, SendFailure>> {
    const { partner, config, identity, presence } = errand;
    const { signal } = presence;
    if (partner.load.connectionsOfHost >= partner.settings.connectionsMax) return err('limit');
    const timeoutMs = config.limits.outboundConnectTimeoutMs;
    const sourced = { ...target, localAddress: this.#options.sourceFor(target.address) };
    const dialled =
      identity === undefined
        ? await dialPlain(sourced, timeoutMs, signal)
        : await dial(sourced, identity, timeoutMs, signal);
    if (!dialled.ok) {
      this.#options.counters.add(`outbound-failed:${dialled.error}`);
      this.#options.failed(partner.id, target, dialled.error);
      return dialled;
    }
    const flow = this.#prove(errand, target, dialled.value);
    if (!flow.ok) dialled.value.socket.destroy();
    return flow;
  }

  /** Whom did we reach? Judged by the configuration of now, which may have changed since the dial. */
  #prove(errand: Errand, target: Target, dialled: Reached): Result<Flow, SendFailure> {
    const { socket, ocspResponse } = dialled;
    const { config, cache, wallMs, counters, revocationOf } = this.#options;
    const current = config() ?? errand.config;
    const partner = current.partners.byId.get(errand.partner.id);
    if (partner === undefined) return err('no-target');
    const identity =
      socket instanceof TLSSocket
        ? identifyServer(
            { table: current.partners, cache, revocationOf },
            partner,
            namesAskedFor(errand),
            {
              ...peerChain(socket),
              ocspResponse,
              sourceAddress: target.address,
              resumed: false,
              atMs: wallMs(),
            },
          )
        : identifyPartnerByNetwork(current.partners, partner, target.address);
    if (!identity.ok) {
      counters.add(`outbound-identity:${identity.error}`);
      this.#options.failed(partner.id, target, identity.error, socket);
      return err('identity');
    }
    const facts: Omit<FlowFacts, 'id'> = {
      direction: 'outbound',
      remoteAddress: normalizeAddress(socket.remoteAddress ?? '') ?? target.address,
      remotePort: target.port,
      localAddress: socket.localAddress ?? '',
      localPort: socket.localPort ?? 0,
      ...(errand.identity && { ownIdentity: errand.identity.name, ownKey: errand.identity.key }),
      openedAtMs: wallMs(),
      nextHop: errand.uri.host,
    };
    const flow = this.#options.open(socket, identity.value, facts, current);
    if (!flow.ok) return err('limit');
    if (flow.value.isClosed) return err('connect');
    this.#keep(poolKey(errand), flow.value);
    if (placesOf(errand).isAgreed) this.#keep(endpointsKey(errand), flow.value);
    return flow;
  }

  #deliver(errand: Errand, flow: Flow, bytes: Buffer, start: number, end: number): void {
    const { link, exchange } = errand;
    if (flow.isClosed || flow.isEnding) return this.#fail(link, exchange, 'flow-gone');
    const { id, remoteAddress, remotePort } = flow.facts;
    // First where it went, then the answer can come: the gateway hears both in order.
    link.connection.sendJson(FrameType.sent, id, exchange, { remoteAddress, remotePort });
    this.#options.counters.add('requests-sent');
    this.#options.sent(flow, bytes, start, end);
    flow.writeRequest(bytes, start, end);
  }

  #fail(link: GatewayLink, exchange: number, reason: SendFailure): void {
    this.#options.counters.add(`send-failed:${reason}`);
    link.connection.sendJson(FrameType.sendFailed, 0, exchange, { reason });
  }

  #keep(key: string, flow: Flow): void {
    const keys = this.#keys.get(flow);
    if (keys === undefined) this.#keys.set(flow, new Set([key]));
    else keys.add(key);
    this.#pool.add(key, flow);
  }
}

function dialKey(pool: string, { identity }: Errand, { address, port }: Target): string {
  return `${pool} ${identity?.key} ${transportAddress(address, port)}`;
}

/** Everything expected is a value by now. */
function asBug(cause: unknown): never {
  throw cause;
}
