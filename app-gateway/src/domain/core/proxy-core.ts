import { EXCHANGE_MAX } from '@sallyport/shared/channel/frame.ts';
import type { HashSeed } from '@sallyport/shared/net/text-table.ts';
import { err } from '@sallyport/shared/result.ts';
import type { MessageIndex, MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { formatBranch, startOfBranch } from '@sallyport/shared/sip/proxy/branch.ts';
import {
  checkRequest,
  checkResponse,
  topViaBranch,
  topViaBranchStarts,
  topViaHasAlias,
  toTag,
} from '@sallyport/shared/sip/syntax-check.ts';
import { receivedEdit } from '@sallyport/shared/sip/via-received.ts';
import { type Refusal, refusal } from '../routing/refusal.ts';
import type { CommunitySide, IsOwn, Link, Origin, OwnName, PartnerSide } from '../signalling.ts';
import type { SiteView } from '../site-view.ts';
import { AgreedRates } from './agreed-rates.ts';
import type { BodySink } from './body-sink.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { GonePartners } from './gone-partners.ts';
import { HeldQuestions } from './held-questions.ts';
import { reasonLines } from './hop-request.ts';
import { localReply } from './local-reply.ts';
import { NextHops } from './next-hops.ts';
import { OrphanedCalls } from './orphaned-calls.ts';
import { OwnRefusals } from './own-refusals.ts';
import { ProxiedRequest } from './proxied-request.ts';
import { requestKey } from './request-key.ts';
import { type Planning, planRequest, TO_US } from './request-plan.ts';
import { TransactionDriver } from './transaction-driver.ts';
import type { TransactionShare } from './transaction-share.ts';
import { type UpstreamHead, upstreamHeadOf } from './upstream-head.ts';

/** What the core reports of its decisions. */
export interface CoreObserver {
  /** `index` is the request, valid during the call; its users are for the ledger, never for counters or logs. */
  refused(origin: Origin, refusal: Refusal, method: string, index: MessageIndex): void;
  forwarded(method: string, direction: 'inward' | 'outward'): void;
  answered(method: string, status: number): void;
  stray(kind: 'response' | 'ack' | 'cancel'): void;
}

export interface CoreOptions {
  readonly node: string;
  /**
   * `EPOCH_LENGTH` random letters and digits, different at every start: branches of an earlier run match nothing,
   * and an ACK shows by its To tag that it answers a rejection of ours.
   */
  readonly epoch: string;
  readonly planning: Planning;
  readonly limits: MessageLimits;
  readonly transactionsMax: TransactionShare;
  /** The last number of a try towards a partner: less than a channel has room for, in tests. */
  readonly clientNumberMax?: number;
  readonly nowMs: () => number;
  /** Calls back in another turn of the loop. */
  readonly nextTurn: (then: () => void) => void;
  /** Random at every start. */
  readonly hashSeed: HashSeed;
  readonly observer: CoreObserver;
  /** Is shown what goes on; absent where no body is recorded. */
  readonly bodies?: BodySink | undefined;
}

/** What an inner server that asks for us hears while no partner is within reach. */
export const NO_PROXY = refusal(503, 'Service Unavailable', 'no-proxy', 'Retry-After: 5');

/** Characters of `epoch`. */
export const EPOCH_LENGTH = 10;

/**
 * So long after the last proxy went, whoever inside asks for us waits for the next one: a restart takes a fraction of it, and one
 * 503 keeps servers away for a minute or two. They wait for an answer longer than that. So long may a partner take, too, to
 * ask again for what went with a channel.
 */
const GRACE_MS = 2000;

const FULL = refusal(503, 'Service Unavailable', 'transactions-full', 'Retry-After: 5');
const TOO_MANY = refusal(503, 'Service Unavailable', 'partner-rate', 'Retry-After: 1');
const DRAINING = refusal(503, 'Service Unavailable', 'draining', 'Retry-After: 5');

/**
 * The proxy core of the pair (RFC 3261 §16): every request that crosses it, in either direction.
 *
 * It knows no socket: requests and responses come in as scanned messages, and leave through the two sides.
 * Here a message is understood and decided on; the transaction driver carries the decision out.
 */
export class ProxyCore {
  readonly #options: CoreOptions;
  readonly #partners: PartnerSide;
  readonly #communities: CommunitySide;
  readonly #driver: TransactionDriver;
  readonly #rates: AgreedRates;
  #site: SiteView;
  /** What all branches of this run begin with. */
  readonly #branchStart: Buffer;
  #tagCounter = 0;
  readonly #questions: HeldQuestions;
  readonly #refusals: OwnRefusals;
  /** When a proxy was last seen to take requests; one that starts with us counts as seen. */
  #lastUpMs: number;
  readonly #orphans: OrphanedCalls;
  readonly #gone: GonePartners;
  #isDraining = false;

  constructor(
    options: CoreOptions,
    site: SiteView,
    partners: PartnerSide,
    communities: CommunitySide,
  ) {
    this.#options = options;
    this.#site = site;
    this.#partners = partners;
    this.#communities = communities;
    const { node, epoch, limits, transactionsMax, nowMs, nextTurn, hashSeed, observer } = options;
    this.#branchStart = Buffer.from(startOfBranch(node, epoch), 'latin1');
    this.#rates = new AgreedRates(nowMs());
    this.#lastUpMs = nowMs();
    this.#refusals = new OwnRefusals(
      (...refused) => observer.refused(...refused),
      () => this.#newTag(),
    );
    this.#questions = new HeldQuestions(limits, (...asked) => this.request(...asked));
    this.#driver = new TransactionDriver(
      {
        limits,
        transactionsMax,
        nowMs,
        nextTurn,
        hashSeed,
        clientNumberMax: options.clientNumberMax ?? EXCHANGE_MAX,
        branch: (number, plan) => this.#branch(number, plan),
        viaLine: (branch, ownName) => this.#viaLine(branch, ownName),
        answered: (method, status) => observer.answered(method, status),
      },
      new NextHops(partners, communities, () => this.#site.innerName),
    );
    const { servers } = this.#driver;
    this.#orphans = new OrphanedCalls(
      () => servers.entries(),
      (request) => this.#driver.cancelled(request),
      nextTurn,
    );
    this.#gone = new GonePartners(
      () => servers.entries(),
      {
        cancelled: (request) => this.#driver.cancelled(request),
        giveUp: (request) => this.#driver.giveUp(request),
      },
      nextTurn,
    );
  }

  /** Server transactions that live now. */
  get size(): number {
    return this.#driver.servers.size;
  }

  /** Those of them that still owe their sender a final response. */
  get unanswered(): number {
    let count = 0;
    for (const request of this.#driver.servers.entries()) if (request.isUnanswered) count++;
    return count;
  }

  /** New requests see the new site; those under way end as they began. */
  replaceSite(site: SiteView): void {
    this.#site = site;
    this.#rates.agreed(site);
  }

  /**
   * Partners are none any more: whoever inside waits for one is answered now, and what one began inside and nobody
   * has answered yet is cancelled there, in turns of the loop.
   */
  partnersGone(partners: ReadonlySet<string>): void {
    this.#gone.take(partners);
  }

  /** From now on no dialog and no other new request begins; what runs goes on. */
  drain(): void {
    this.#isDraining = true;
    this.#questions.release();
  }

  /**
   * We end: whoever still waits is told to come again (503), and what rings for them is cancelled, which takes its time:
   * true until it is over.
   */
  leave(): boolean {
    let isRinging = false;
    for (const request of this.#driver.servers.entries()) {
      if (request.isUnanswered) this.#driver.leave(request);
      isRinging ||= request.isInvite && request.context.phase === 'trying';
    }
    return isRinging;
  }

  /** A channel is lost, and its proxy has answered what came over it, or is no more. */
  originsLost(): void {
    this.#orphans.dueAt(this.#options.nowMs() + GRACE_MS);
  }

  get #isWithinGrace(): boolean {
    return this.#options.nowMs() - this.#lastUpMs < GRACE_MS;
  }

  /** To be called about every 50 ms. */
  advance(nowMs: number): void {
    this.#rates.advance(nowMs);
    this.#driver.advance(nowMs);
    this.#orphans.advance(nowMs);
    if (this.#partners.isUp) this.#lastUpMs = nowMs;
    if (this.#partners.isUp || !this.#isWithinGrace) this.#questions.release();
  }

  /** `asked`: what `PartnerSide.send` gave for it. */
  sent(clientNumber: number, asked: Link, link: Link): void {
    this.#driver.sent(clientNumber, asked, link);
  }

  /** `isLast`: no other connection is left to try; `isOwn`: whether a link is of the side that says so. */
  transportFailed(
    clientNumber: number,
    isOwn: IsOwn,
    remote: string | undefined,
    isLast: boolean,
  ): void {
    this.#driver.transportFailed(clientNumber, isOwn, remote, isLast);
  }

  linkLost(link: Link): void {
    this.#driver.linkLost(link);
  }

  /** A request has come; `exchange` names it towards its origin. */
  request(index: MessageIndex, origin: Origin, exchange: number): void {
    const fault = checkRequest(index);
    const method = index.method();
    if (method === 'ACK') {
      if (fault === undefined) this.#acknowledge(index, origin);
      return;
    }
    if (fault !== undefined) {
      return this.#refusals.refuseMalformed(index, origin, exchange, method, fault);
    }
    const text = index.text();
    const topVia = receivedEdit(index, origin.sourceAddress, origin.sourcePort);
    const head = upstreamHeadOf(index, topVia);
    if (method === 'CANCEL') return this.#cancel(index, origin, exchange, head);
    const key = requestKey(index, origin, method);
    const { servers } = this.#driver;
    const keyHash = servers.hashOf(key);
    const known = servers.get(key, keyHash);
    if (known !== undefined && this.#isAgain(known, origin, exchange, head)) return;
    const plan = this.#plan(index, origin, method);
    if (!plan.ok) {
      const isHeld = plan.error === NO_PROXY && this.#isWithinGrace;
      if (isHeld && this.#questions.hold(index, origin, exchange)) return;
      return this.#refusals.refuse(index, origin, exchange, head, method, plan.error);
    }
    if (origin.side === 'outside' && topViaHasAlias(index)) origin.allowReuse();
    this.#options.observer.forwarded(method, plan.value.direction);
    this.#options.bodies?.passing(index, method, plan.value);
    const request = new ProxiedRequest({
      key,
      keyHash,
      method,
      origin,
      exchange,
      head,
      topVia,
      text,
      plan: plan.value,
      toTag: this.#newTag(),
    });
    this.#driver.start(request, index);
  }

  /**
   * The request came again; false where it begins anew.
   *
   * The answer goes over the connection of the first one (RFC 3261 §18.2.2), and over this one where that is gone. A
   * rejection that went with it is not known any more: whoever asks again is answered anew.
   */
  #isAgain(known: ProxiedRequest, origin: Origin, exchange: number, head: UpstreamHead): boolean {
    const isLost = known.origin !== origin && !known.origin.isOpen;
    if (isLost && known.serverState === 'completed') {
      this.#driver.acknowledged(known, 'timer-h');
      return false;
    }
    if (isLost) this.#driver.moved(known, origin, exchange, head);
    else origin.abandon(exchange);
    return true;
  }

  /** A response has come from a peer; over which of its connections does not matter (RFC 3261 §18.1.2). */
  response(index: MessageIndex, peer: string): void {
    if (checkResponse(index) === undefined) {
      if (topViaBranchStarts(index, this.#branchStart)) {
        const branch = topViaBranch(index) ?? '';
        const number = numberIn(branch, this.#branchStart.length);
        if (this.#driver.response(number, branch, peer, index)) return;
      }
    }
    this.#options.observer.stray('response');
  }

  #plan(index: MessageIndex, origin: Origin, method: string) {
    const closed = method === 'ACK' ? undefined : this.#closedFor(index, origin, method);
    if (closed !== undefined) return err(closed);
    const { planning } = this.#options;
    const plan = planRequest(index, origin, method, this.#site, planning, this.#communities);
    const isAsked = !plan.ok && plan.error.rule === TO_US && origin.side === 'inside';
    // As a request to a partner would be answered now (RFC 3261 §11.2): who asks how we are sends it to another gateway.
    return isAsked && !this.#partners.isUp ? ({ ok: false, error: NO_PROXY } as const) : plan;
  }

  /** Why no transaction begins now; an ACK begins none, and a call without it hangs. */
  #closedFor(index: MessageIndex, origin: Origin, method: string): Refusal | undefined {
    if (!this.#driver.servers.mayBegin(origin.share)) return FULL;
    if (!this.#isWithinRate(origin, method)) return TOO_MANY;
    return this.#isDraining && toTag(index) === '' ? DRAINING : undefined;
  }

  #isWithinRate(origin: Origin, method: string): boolean {
    return origin.side === 'inside' || this.#rates.takes(origin, this.#site, method);
  }

  /** An ACK for our own rejection ends here, and shows it by our tag or, in a dialog, by its branch; one for a 2xx goes on to the far side. */
  #acknowledge(index: MessageIndex, origin: Origin): void {
    const key = requestKey(index, origin, 'ACK');
    const known = this.#server(key);
    if (known !== undefined && known.serverState !== 'accepted') {
      return this.#driver.acknowledged(known, 'ack');
    }
    if (toTag(index).startsWith(this.#options.epoch)) return;
    if (known === undefined && this.#refusals.isEndedBy(key)) return;
    const plan = this.#isWithinRate(origin, 'ACK') ? this.#plan(index, origin, 'ACK') : undefined;
    if (plan?.ok !== true) return this.#options.observer.stray('ack');
    this.#options.bodies?.passing(index, 'ACK', plan.value);
    const topVia = receivedEdit(index, origin.sourceAddress, origin.sourcePort);
    this.#driver.forwardStatelessly(index, 'ACK', plan.value, topVia);
  }

  /** Hop by hop: answered here, and passed on to the try that still waits (RFC 3261 §9.2, §16.10). */
  #cancel(index: MessageIndex, origin: Origin, exchange: number, head: UpstreamHead): void {
    const known = this.#server(requestKey(index, origin, 'INVITE'));
    if (known === undefined) {
      this.#options.observer.stray('cancel');
      const unknown = refusal(481, 'Call/Transaction Does Not Exist', 'cancel-without-invite');
      return this.#refusals.refuse(index, origin, exchange, head, 'CANCEL', unknown);
    }
    const ok = { status: 200, reasonPhrase: 'OK', headers: [] };
    origin.respond(exchange, true, localReply(head, ok, known.toTag));
    known.cancelReason = reasonLines(index, known.plan);
    this.#driver.cancelled(known);
  }

  #server(key: string): ProxiedRequest | undefined {
    const { servers } = this.#driver;
    return servers.get(key, servers.hashOf(key));
  }

  #branch(number: number, plan: ForwardingPlan): string {
    return formatBranch({
      node: this.#options.node,
      unique: this.#options.epoch + number.toString(36),
      loop: plan.loop,
    });
  }

  /** Only partners are asked to use the connection for their own requests too (RFC 5923 §4). */
  #viaLine(branch: string, ownName: OwnName): string {
    const transport = ownName.transport === 'tcp' ? 'TCP' : 'TLS';
    const alias = ownName === this.#site.innerName ? '' : ';alias';
    return `Via: SIP/2.0/${transport} ${ownName.hostPort};branch=${branch}${alias}\r\n`;
  }

  #newTag(): string {
    return `${this.#options.epoch}${(++this.#tagCounter).toString(36)}`;
  }
}

/** The client transaction that a branch of ours names, in digits of base 36 from `start` to the next dot. */
function numberIn(branch: string, start: number): number {
  const end = branch.indexOf('.', start);
  return end < 0 ? Number.NaN : Number.parseInt(branch.slice(start, end), 36);
}
