import { everyTurn, type Flushable } from '@sallyport/shared/io/flush-schedule.ts';
import type { HashSeed } from '@sallyport/shared/net/text-table.ts';
import type { MessageIndex, MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { formatReply } from '@sallyport/shared/sip/reply.ts';
import { topViaHasAlias, toTag } from '@sallyport/shared/sip/syntax-check.ts';
import { type MessageRecords, NOT_RECORDED } from '../audit/message-records.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { Flow } from '../flows/flow.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import type { Gateways } from '../flows/gateways.ts';
import type { PendingRequest } from '../flows/pending.ts';
import { hashCallId } from '../flows/rendezvous.ts';
import type { Counters } from '../health/counters.ts';
import type { Partner } from '../identity/partner.ts';
import {
  answerToFault,
  type EdgeAnswer,
  screenRequest,
  sipsOverPlainTcp,
  unavailable,
} from '../identity/screening.ts';
import type { TrialRule } from '../identity/trial.ts';
import { triedOnRequest } from '../identity/tried.ts';
import { HeldForGateway } from './held-for-gateway.ts';
import { InviteRoutes, inviteKeyOf } from './invite-routes.ts';
import { Orphans } from './orphans.ts';
import { PartnerAnswers } from './partner-answers.ts';

export interface IngressOptions {
  readonly gateways: Gateways;
  readonly counters: Counters;
  readonly config: () => EdgeConfig | undefined;
  readonly nowMs: () => number;
  /** Calls back in another turn of the loop. */
  readonly nextTurn: (then: () => void) => void;
  /** Starts every To tag that this worker makes. */
  readonly tagPrefix: string;
  /** Unpredictable: partners choose the branches that a table is made of. */
  readonly hashSeed: HashSeed;
  /** The peer lets its own connection be used for requests to it (RFC 5923 §4). */
  readonly aliased: (flow: Flow) => void;
  readonly audit: IngressAudit;
  /** A request was let in that a rule on trial would have refused. */
  readonly wouldRefuse: (flow: Flow, rule: TrialRule) => void;
  /** A refusal, for the operators' log; status 0 where nothing could be answered. */
  readonly refused: (flow: Flow, answer: EdgeAnswer, method: string) => void;
}

/** Where the ingress puts messages on record, and asks whether that can be done. */
export interface IngressAudit {
  readonly messages: MessageRecords;
  /** Nothing more can be put on record, and the site wants nothing let in then. */
  readonly isClosed: boolean;
}

const RETRY_AFTER_S = 5;
const NO_GATEWAY = unavailable('no-gateway', RETRY_AFTER_S);
const DRAINING = unavailable('draining', RETRY_AFTER_S);
const GATEWAY_LOST = unavailable('gateway-lost', RETRY_AFTER_S);
const AUDIT_FULL = unavailable('audit-full', RETRY_AFTER_S);
const RATE = unavailable('rate-exceeded', 1);
const IN_FLIGHT = unavailable('requests-in-flight-max', 1);
const ENDING = unavailable('identity-ended', 1);
const PENDING = unavailable('pending-requests-max', 1);
/** Who answered an INVITE that went to no gateway. */
const EDGE = 'edge';
/** Until it is known what is let in. */
const NO_HEADS: MessageLimits = {
  headBytesMax: 0,
  bodyBytesMax: 0,
  requestUriBytesMax: 0,
  lineBytesMax: 0,
  headersMax: 1,
};

/**
 * The way in: from a partner's connection, through the screens, to one gateway's channel.
 *
 * A message costs no object that outlives it but its entry among the pending requests.
 */
export class Ingress implements Flushable {
  readonly #options: IngressOptions;
  readonly #invites: InviteRoutes<GatewayLink | typeof EDGE>;
  /** Connections that ended in this turn with requests that nobody has answered. */
  readonly #lost = new Set<Flow>();
  readonly #orphans: Orphans;
  #isDraining = false;
  #tags = 0;
  /** Of the request that is being handled. */
  #callIdHash = 0;
  readonly #answers: PartnerAnswers;
  readonly #held = new HeldForGateway(NO_HEADS);

  constructor(options: IngressOptions) {
    this.#options = options;
    const hold = (...held: [Flow, MessageIndex, string]) => this.#isHeld(...held);
    this.#answers = new PartnerAnswers({ ...options, hold });
    this.#invites = new InviteRoutes(options.nowMs(), options.hashSeed);
    this.#orphans = new Orphans({
      nextTurn: options.nextTurn,
      limits: NO_HEADS,
      settle: (request) => this.#settle(request, EDGE),
      answer: (request, head) => this.#answerKept(request, head, GATEWAY_LOST),
    });
  }

  /** Heads that were let in under these limits can be read again when they must be answered. */
  useLimits(limits: MessageLimits): void {
    this.#orphans.useLimits(limits);
    this.#held.useLimits(limits);
  }

  /** From now on new requests are refused, except within dialogs; those under way go on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** A message that the reader has cut. */
  message(flow: Flow, index: MessageIndex): void {
    if (index.isRequest) this.#request(flow, index);
    else this.#answers.take(flow, index);
  }

  /** Something after which nothing can be understood: an answer if there is a head, then the end. */
  fatal(flow: Flow, index: MessageIndex, answerable: boolean): void {
    const fault = index.fault ?? 'sip-start-line-malformed';
    this.#options.counters.add(`framing:${fault}`);
    const answer = answerToFault(fault);
    const isAnswered = answerable && index.isRequest;
    const { messages } = this.#options.audit;
    messages.refused(flow, answerable ? index : undefined, fault, isAnswered ? answer.status : 0);
    if (isAnswered) this.#answer(flow, index, answer);
    this.#options.refused(flow, isAnswered ? answer : { ...answer, status: 0 }, 'unread');
  }

  /** A gateway answered with `bytes[start, end)`; `isFinal` ends the exchange. */
  answered(
    link: GatewayLink,
    exchange: number,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (!isFinal) {
      link.pending.touch(exchange, this.#options.nowMs());
      return;
    }
    const request = link.pending.take(exchange);
    if (request === undefined) return;
    this.#settle(request);
    this.#options.audit.messages.answered(request.owner, request.recordSeq, bytes, start, end);
  }

  /** A gateway gives no answer: the request came again, and its first exchange has it, or there is none (RFC 4320 §4.2). */
  abandoned(link: GatewayLink, exchange: number): void {
    const request = link.pending.take(exchange);
    if (request === undefined) return;
    this.#options.counters.add('pending-abandoned');
    this.#settle(request);
  }

  /** A gateway takes messages, and knows all flows: it has those first that came while its channel was down. */
  gatewayReady(link: GatewayLink): void {
    this.#held.returned(link.tag, (flow, index) => this.#release(flow, index));
  }

  /** A gateway is gone, and takes nothing any more: whoever waits for it is told at once instead of being left to time out. */
  gatewayLost(link: GatewayLink): void {
    this.#held.lost(link.tag);
    this.#orphans.take(link.pending);
  }

  /** A partner's connection is gone: there is nobody to answer any more. Thousands may go in one turn, and are looked for at its end. */
  flowLost(flow: Flow): void {
    if (flow.requestsOwed === 0) return;
    if (this.#lost.size === 0) everyTurn.dirty(this);
    this.#lost.add(flow);
  }

  /** The turn ends: forgets what connections that are gone have asked. */
  flush(): void {
    for (const link of this.#options.gateways.all) {
      link.pending.takeOf(this.#lost, (request) => this.#settle(request));
    }
    this.#lost.clear();
  }

  /** Forgets requests that no gateway has spoken of for so long that no one waits for them. */
  sweep(olderThanMs: number): void {
    for (const link of this.#options.gateways.all) {
      link.pending.sweep(olderThanMs, (request) => {
        this.#options.counters.add('pending-expired');
        this.#settle(request);
      });
    }
    const nowMs = this.#options.nowMs();
    this.#invites.sweep(nowMs);
    this.#held.sweep(nowMs, (flow, index) => this.#answers.drop(flow, index, 'gateway-gone'));
  }

  #request(flow: Flow, index: MessageIndex): void {
    const { counters, nowMs, config } = this.#options;
    const method = index.method();
    const { partner } = flow.identity;
    // An ACK cannot be refused, and a call without it hangs; a CANCEL makes less work than it saves.
    const isOwed = method === 'ACK' || method === 'CANCEL';
    counters.add('requests');
    const isWithinRate = isWithinRateOf(partner, isOwed, nowMs());
    // It ends a refusal of the edge itself, of which nobody inside has heard.
    if (method === 'ACK' && this.#isToRefusal(flow, index)) {
      this.#inVain(flow);
      return counters.add('acks-to-refusals');
    }
    this.#callIdHash = hashCallId(index);
    if (this.#isUnderWay(partner, index)) {
      this.#inVain(flow);
      return counters.add('requests-repeated');
    }
    if (!isWithinRate) return this.#refuse(flow, index, RATE, method);
    // Who it is from is not proven any more: only what was begun while it was comes to its end.
    if (flow.isEnding && !isOwed) return this.#refuse(flow, index, ENDING, method);
    const answer = screenFlow(flow, index, method, config()?.ownHosts);
    if (answer !== undefined && answer.status !== 200) {
      return this.#refuse(flow, index, answer, method);
    }
    if (partner.trial !== undefined) {
      const rule = triedOnRequest(partner.trial, index, method);
      if (rule !== undefined) this.#options.wouldRefuse(flow, rule);
    }
    const closed = isOwed ? undefined : this.#closedFor(index);
    if (closed !== undefined) return this.#refuse(flow, index, closed, method);
    if (answer !== undefined && this.#options.gateways.available.length > 0) {
      return this.#refuse(flow, index, answer, method);
    }
    const link = this.#gatewayFor(flow, index, method);
    if (link === undefined) return this.#withoutGateway(flow, index, method);
    if (flow.isAlias === undefined) this.#learnAlias(flow, index);
    this.#forward(flow, index, method, link);
  }

  #withoutGateway(flow: Flow, index: MessageIndex, method: string): void {
    if (method === 'ACK' && this.#isHeld(flow, index, '')) return;
    this.#refuse(flow, index, NO_GATEWAY, method);
  }

  /** It came before: that one has its answer coming, and a refusal of this one would be another (RFC 3261 §17.2). */
  #isUnderWay({ id }: Partner, index: MessageIndex): boolean {
    // No closure: this is on the way of every request.
    for (const { pending } of this.#options.gateways.all) {
      const owner = pending.same(index, this.#callIdHash)?.owner;
      if (owner?.identity.partner.id === id && !owner.isClosed) return true;
    }
    return false;
  }

  /** The To tag of a refusal within a dialog is the dialog's; there the branch tells (RFC 3261 §17.1.1.3). */
  #isToRefusal(flow: Flow, index: MessageIndex): boolean {
    const isOurTag = toTag(index).startsWith(this.#options.tagPrefix);
    return isOurTag || this.#invites.find(inviteKeyOf(flow.facts.id, index)) === EDGE;
  }

  /** Why nothing new may come in now. */
  #closedFor(index: MessageIndex): EdgeAnswer | undefined {
    if (this.#options.audit.isClosed) return AUDIT_FULL;
    return this.#isDraining && !isWithinDialog(index) ? DRAINING : undefined;
  }

  /** Asked once, of the first request that is let in; an outbound connection is our own. */
  #learnAlias(flow: Flow, index: MessageIndex): void {
    flow.isAlias = topViaHasAlias(index) && flow.facts.direction === 'inbound';
    if (flow.isAlias) this.#options.aliased(flow);
  }

  #forward(flow: Flow, index: MessageIndex, method: string, link: GatewayLink): void {
    const { load, settings } = flow.identity.partner;
    let exchange = 0;
    let recordSeq = NOT_RECORDED;
    if (method !== 'ACK') {
      const isFull = load.requestsInFlightOfHost >= settings.requestsInFlightMax;
      if (isFull && !(method === 'CANCEL' && this.#inviteLink(flow, index) !== undefined)) {
        return this.#refuse(flow, index, IN_FLIGHT, method);
      }
      const pendingMax = this.#options.config()?.limits.pendingRequestsMax ?? 0;
      if (link.pending.size >= pendingMax) return this.#refuse(flow, index, PENDING, method);
      recordSeq = this.#options.audit.messages.admitted(flow, index);
      load.requestsInFlight++;
      flow.requestsOwed++;
      const inviteKey = method === 'INVITE' ? this.#beginInvite(flow, index, link) : undefined;
      const kept = { owner: flow, inviteKey, recordSeq };
      exchange = link.pending.add(kept, index, this.#callIdHash, this.#options.nowMs());
    } else this.#options.audit.messages.admitted(flow, index);
    link.pass(flow, index, exchange);
  }

  /** The key of an INVITE's route, which ends with it; undefined for one that came again: the first one has it. */
  #beginInvite(flow: Flow, index: MessageIndex, link: GatewayLink): string | undefined {
    flow.identity.partner.load.inviteTaken();
    const key = inviteKeyOf(flow.facts.id, index);
    return this.#invites.begin(key, link) ? key : undefined;
  }

  /** It came while a channel was down, and was found to be in order then. */
  #release(flow: Flow, index: MessageIndex): void {
    if (!index.isRequest) return this.#answers.deliver(flow, index);
    this.#callIdHash = hashCallId(index);
    const link = this.#options.gateways.forCallId(this.#callIdHash);
    if (link !== undefined) this.#forward(flow, index, 'ACK', link);
  }

  #isHeld(flow: Flow, index: MessageIndex, tag: string): boolean {
    const isHeld = this.#held.hold(flow, index, tag, this.#options.nowMs());
    if (isHeld) this.#options.counters.add('held-for-gateway');
    return isHeld;
  }

  #inVain(flow: Flow): void {
    if (flow.inVain()) this.#options.counters.add('connections-held');
  }

  #gatewayFor(flow: Flow, index: MessageIndex, method: string): GatewayLink | undefined {
    const { gateways } = this.#options;
    const isOfInvite = method === 'CANCEL' || method === 'ACK';
    const link = isOfInvite ? this.#inviteLink(flow, index) : undefined;
    if (link !== undefined && gateways.all.includes(link)) return link;
    return gateways.forCallId(this.#callIdHash);
  }

  /** The gateway that has the INVITE with that branch. */
  #inviteLink(flow: Flow, index: MessageIndex): GatewayLink | undefined {
    const link = this.#invites.find(inviteKeyOf(flow.facts.id, index));
    return link === EDGE ? undefined : link;
  }

  #refuse(flow: Flow, index: MessageIndex, answer: EdgeAnswer, method: string): void {
    const isRefusal = answer.status !== 200;
    this.#options.counters.add(`${isRefusal ? 'refused' : 'answered'}:${answer.code}`);
    const { messages } = this.#options.audit;
    if (isRefusal) {
      this.#inVain(flow);
      this.#options.refused(flow, answer, method);
      messages.refused(flow, index, answer.code, method === 'ACK' ? 0 : answer.status);
      if (method === 'INVITE' && isWithinDialog(index)) {
        this.#invites.answered(inviteKeyOf(flow.facts.id, index), EDGE, this.#options.nowMs());
      }
    } else messages.answeredHere(flow, messages.admitted(flow, index), answer.status, answer.code);
    this.#answer(flow, index, answer);
  }

  /** `formatReply` gives nothing for an ACK. */
  #answer(flow: Flow, index: MessageIndex, answer: EdgeAnswer): void {
    const { status, reasonPhrase, headers } = answer;
    const source = { address: flow.facts.remoteAddress, port: flow.facts.remotePort };
    const toTag = this.#newTag();
    const reply = formatReply(index, { status, reasonPhrase, headers, toTag, source });
    if (reply.length > 0) flow.write(reply, 0, reply.length);
  }

  #answerKept(request: PendingRequest<Flow>, head: MessageIndex, answer: EdgeAnswer): void {
    this.#options.counters.add(`refused:${answer.code}`);
    const { owner, recordSeq } = request;
    this.#options.audit.messages.answeredHere(owner, recordSeq, answer.status, answer.code);
    this.#answer(owner, head, answer);
  }

  #settle(request: PendingRequest<Flow>, by?: typeof EDGE): void {
    request.owner.identity.partner.load.requestsInFlight--;
    request.owner.requestsOwed--;
    if (request.inviteKey !== undefined) {
      this.#invites.settle(request.inviteKey, this.#options.nowMs(), by);
    }
  }

  #newTag(): string {
    this.#tags++;
    return `${this.#options.tagPrefix}${this.#tags.toString(36)}`;
  }
}

/** What is wrong with a request by itself, and by the connection that it came on. */
function screenFlow(
  flow: Flow,
  index: MessageIndex,
  method: string,
  ownHosts: ReadonlySet<string> | undefined,
): EdgeAnswer | undefined {
  const answer = flow.isPlain ? sipsOverPlainTcp(index) : undefined;
  return answer ?? screenRequest(index, method, flow.identity, ownHosts);
}

/** Beyond the rate comes what ends an INVITE that was let in, and no more of it than that can need. */
function isWithinRateOf({ load }: Partner, isOwed: boolean, nowMs: number): boolean {
  return load.takeMessage(nowMs) || (isOwed && load.takeEnding());
}

/** A request within a dialog has a tag in To (RFC 3261 §12.2.1.1). */
function isWithinDialog(index: MessageIndex): boolean {
  return toTag(index) !== '';
}
