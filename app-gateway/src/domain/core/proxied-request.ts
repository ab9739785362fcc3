import { Timer, type TimerWheel } from '@sallyport/shared/net/timer-wheel.ts';
import { IDLE, type ResponseContext } from '@sallyport/shared/sip/proxy/response-context.ts';
import type { TimerName } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import type { Link, OnLink, Origin } from '../signalling.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import type { ClientState, ServerState } from './machines.ts';
import type { UpstreamHead } from './upstream-head.ts';

/**
 * Answers to one request that go on beside the final one: ringing, or word of a place in a queue every few seconds for an hour. The
 * edge bounds what partners answer; whoever owns its host, or a server inside, would say it without end.
 */
export const ANSWERS_MAX = 1024;

/** Whoever a transaction timer belongs to. */
export type TimerOwner = ProxiedRequest | ClientTry;

/**
 * One request on its way through us: its server transaction, its response context, and the try that carries it now.
 *
 * The request is kept, because the next target gets it edited anew; as text, which costs no memory outside of V8's heap.
 */
export class ProxiedRequest {
  readonly key: string;
  readonly keyHash: number;
  readonly method: string;
  readonly isInvite: boolean;
  /** Where its answer goes: the connection it came on, or came on again when that was gone. */
  origin: Origin;
  exchange: number;
  head: UpstreamHead;
  /** Topmost Via line with the address it came from, where that differs from what was sent. */
  readonly topVia: string | undefined;
  readonly plan: ForwardingPlan;
  /** The whole request in latin1. */
  readonly text: string;
  readonly toTag: string;
  serverState: ServerState;
  context: ResponseContext = IDLE;
  current: ClientTry | undefined;
  /** Remote addresses that failed this request; made when the first one does. */
  avoid: readonly string[] = NONE;
  /** Why its sender cancelled it, as header lines. */
  cancelReason = '';
  /** Somebody answered 503: the next hop lives, and is overloaded. */
  isBusySeen = false;
  /** Its partner is one no more: the answer is no failure of ours but a refusal. */
  isPartnerGone = false;
  /** Whoever looks for connections has tried them all. */
  isExhausted = false;
  /** It was sent once more, for its connection had ended. */
  isSentAgain = false;
  /** Answers since it was sent, or since it has its final one. */
  #answers = 0;
  readonly timers = new TransactionTimers<ProxiedRequest>(this);

  constructor(
    fields: Pick<
      ProxiedRequest,
      | 'key'
      | 'keyHash'
      | 'method'
      | 'origin'
      | 'exchange'
      | 'head'
      | 'topVia'
      | 'plan'
      | 'text'
      | 'toTag'
    >,
  ) {
    this.key = fields.key;
    this.keyHash = fields.keyHash;
    this.method = fields.method;
    this.isInvite = fields.method === 'INVITE';
    this.origin = fields.origin;
    this.exchange = fields.exchange;
    this.head = fields.head;
    this.topVia = fields.topVia;
    this.plan = fields.plan;
    this.text = fields.text;
    this.toTag = fields.toTag;
    this.serverState = this.isInvite ? 'proceeding' : 'trying';
  }

  /** Whether its sender still waits for a final response. */
  get isUnanswered(): boolean {
    return this.serverState === 'trying' || this.serverState === 'proceeding';
  }

  /** Counts an answer; false for one beyond all bounds. */
  hears(status: number): boolean {
    const isAwaited = status >= 200 && this.isUnanswered;
    this.#answers = isAwaited ? 0 : this.#answers + 1;
    return this.#answers <= ANSWERS_MAX;
  }

  /** Its partner is one no more: no try is made any more. */
  losePartner(): void {
    this.isPartnerGone = true;
    this.isExhausted = true;
  }

  /** No further try goes there; an address that is not known yet cannot be avoided. */
  avoidRemote(remote: string | undefined): void {
    if (remote !== undefined && remote !== '' && !this.avoid.includes(remote)) {
      this.avoid = [...this.avoid, remote];
    }
  }
}

const NONE: readonly string[] = [];

/** Where sent-by begins, behind `Via: SIP/2.0/TLS ` or the like with TCP. */
const SENT_BY_AT = 17;

/** One client transaction: the request as it was sent to one target. */
export class ClientTry implements OnLink {
  readonly number: number;
  readonly request: ProxiedRequest;
  readonly branch: string;
  readonly viaLine: string;
  state: ClientState;
  /** Connection that carries it; undefined until it is handed over. It changes with `waitOn`. */
  link: Link | undefined;
  before: OnLink | undefined;
  after: OnLink | undefined;
  readonly timers = new TransactionTimers<ClientTry>(this);

  constructor(number: number, request: ProxiedRequest, branch: string, viaLine: string) {
    this.number = number;
    this.request = request;
    this.branch = branch;
    this.viaLine = viaLine;
    this.state = request.isInvite ? 'calling' : 'trying';
  }

  get partner(): string {
    return this.request.plan.partner;
  }

  /** Whether a response of that peer with that branch and sent-by on top is to this try (RFC 3261 §17.1.3, §18.1.2). */
  isAnsweredBy(peer: string, branch: string, sentBy: string | undefined): boolean {
    return this.branch === branch && this.link?.peer === peer && this.#isSentBy(sentBy);
  }

  /** The port may be left out where it is the default, for TLS or for TCP (RFC 3261 §18.2.2); `sentBy` is in lower case. */
  #isSentBy(sentBy: string | undefined): boolean {
    const own = this.viaLine.slice(SENT_BY_AT, this.viaLine.indexOf(';')).toLowerCase();
    return own === sentBy || own === `${sentBy}:5061` || own === `${sentBy}:5060`;
  }

  /**
   * Whether it may be sent once more, now that its connection is gone: inside, and nothing has come back. A server that has it already takes
   * it for a retransmission. Only once, for it may be what the server has closed the connection over.
   */
  mayBeSentAgain(): boolean {
    const { plan, context, isSentAgain, isExhausted } = this.request;
    if (isExhausted || (this.state !== 'trying' && this.state !== 'calling')) return false;
    if (plan.direction === 'outward' || context.cancel !== 'none') return false;
    this.request.isSentAgain = true;
    return !isSentAgain;
  }
}

/** The few timers of one owner, made when first armed; nearly all have one only. */
class TransactionTimers<Owner extends TimerOwner> {
  readonly #owner: Owner;
  #first: Timer<TimerOwner, TimerName> | undefined;
  #others: Timer<TimerOwner, TimerName>[] | undefined;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  get(name: TimerName): Timer<TimerOwner, TimerName> {
    const made = this.#made(name);
    if (made !== undefined) return made;
    const timer = new Timer<TimerOwner, TimerName>(this.#owner, name);
    if (this.#first === undefined) this.#first = timer;
    else if (this.#others === undefined) this.#others = [timer];
    else this.#others.push(timer);
    return timer;
  }

  /** Nothing happens where it was never armed. */
  cancel(name: TimerName, wheel: TimerWheel<TimerOwner, TimerName>): void {
    const timer = this.#made(name);
    if (timer !== undefined) wheel.cancel(timer);
  }

  cancelAll(wheel: TimerWheel<TimerOwner, TimerName>): void {
    if (this.#first !== undefined) wheel.cancel(this.#first);
    for (const timer of this.#others ?? []) wheel.cancel(timer);
  }

  #made(name: TimerName): Timer<TimerOwner, TimerName> | undefined {
    if (this.#first?.name === name) return this.#first;
    return this.#others?.find((timer) => timer.name === name);
  }
}
