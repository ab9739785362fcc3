import { TimerWheel } from '@sallyport/shared/net/timer-wheel.ts';
import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { formatBranch, parseBranch } from '@sallyport/shared/sip/proxy/branch.ts';
import {
  type ContextInput,
  step as stepContext,
} from '@sallyport/shared/sip/proxy/response-context.ts';
import type { ContextEffect } from '@sallyport/shared/sip/proxy/response-context-effect.ts';
import { checkRequest, checkResponse, topViaBranch } from '@sallyport/shared/sip/syntax-check.ts';
import type {
  TransactionEffect,
  TransactionFailure,
} from '@sallyport/shared/sip/transaction/transaction-effect.ts';
import { TIMER_MS, type TimerName } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import { receivedEdit } from '@sallyport/shared/sip/via-received.ts';
import type { CommunitySide, Link, Origin, Outgoing, PartnerSide } from '../../ports/signalling.ts';
import { type Refusal, refusal } from '../routing/refusal.ts';
import type { SiteView } from '../site-view.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { ackFor, cancelFor } from './hop-request.ts';
import { type LocalReply, localReply } from './local-reply.ts';
import { type ClientInput, type ServerInput, stepClient, stepServer } from './machines.ts';
import { ClientTry, ProxiedRequest, type TimerOwner } from './proxied-request.ts';
import { editRequest } from './request-edits.ts';
import { requestKey } from './request-key.ts';
import { type Planning, planRequest } from './request-plan.ts';
import { editResponse } from './response-edits.ts';
import { type UpstreamHead, upstreamHeadOf } from './upstream-head.ts';

/** What the core reports of its decisions; for counters and the operators' log, never with addresses of users. */
export interface CoreObserver {
  refused(origin: Origin, refusal: Refusal, method: string): void;
  forwarded(method: string, direction: 'inward' | 'outward'): void;
  answered(method: string, status: number): void;
  stray(kind: 'response' | 'ack' | 'cancel'): void;
}

export interface CoreOptions {
  readonly node: string;
  /** Different at every start, so that branches of an earlier run match nothing. */
  readonly epoch: string;
  readonly planning: Planning;
  readonly limits: MessageLimits;
  readonly transactionsMax: number;
  readonly nowMs: () => number;
  readonly observer: CoreObserver;
}

const TICK_MS = 50;
/** Characters of `epoch`. */
export const EPOCH_LENGTH = 6;
const RETRY_AFTER = 'Retry-After: 5';
/** How many addresses of one partner a request tries, the proxy choosing each (RFC 3263 §4.3). */
export const PARTNER_TRIES_MAX = 3;

/**
 * The transaction and proxy core of the pair (RFC 3261 §16, §17): every request that crosses it, in either direction.
 *
 * It knows no socket: requests and responses come in as scanned messages, and leave through the two sides.
 * One input is carried out completely, effects in order, before the next.
 */
export class ProxyCore {
  readonly #options: CoreOptions;
  readonly #partners: PartnerSide;
  readonly #communities: CommunitySide;
  readonly #servers = new Map<string, ProxiedRequest>();
  readonly #tries = new Map<number, ClientTry>();
  readonly #wheel: TimerWheel<TimerOwner, TimerName>;
  readonly #edit = new MessageEdit();
  readonly #replayIndex: MessageIndex;
  #site: SiteView;
  #counter = 0;
  /** The response being handled, for effects that forward it. */
  #response: MessageIndex | undefined;

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
    this.#replayIndex = new MessageIndex(options.limits);
    this.#wheel = new TimerWheel(TICK_MS, options.nowMs());
  }

  /** Server transactions that live now. */
  get size(): number {
    return this.#servers.size;
  }

  /** New requests see the new site; those under way end as they began. */
  replaceSite(site: SiteView): void {
    this.#site = site;
  }

  /** To be called about every 50 ms while `size` is not zero. */
  advance(nowMs: number): void {
    this.#wheel.advance(nowMs, (owner, name) => this.#timerFired(owner, name));
  }

  /** A request has come; `exchange` names it towards its origin. */
  request(index: MessageIndex, origin: Origin, exchange: number): void {
    const fault = index.fault ?? checkRequest(index);
    const method = index.method();
    if (method === 'ACK') {
      if (fault === undefined) this.#acknowledge(index, origin);
      return;
    }
    const topVia = receivedEdit(index, origin.sourceAddress, origin.sourcePort);
    const head = upstreamHeadOf(index, topVia);
    if (fault !== undefined) {
      const { status, reasonPhrase } = statusOf(fault);
      this.#refuse(origin, exchange, head, method, refusal(status, reasonPhrase, fault));
      return;
    }
    const key = requestKey(index, origin, method);
    if (method === 'CANCEL') return this.#cancel(index, origin, exchange, head);
    const known = this.#servers.get(key);
    if (known !== undefined) return this.#serverInput(known, { type: 'request' });
    if (this.#servers.size >= this.#options.transactionsMax) {
      const full = refusal(503, 'Service Unavailable', 'transactions-full', RETRY_AFTER);
      return this.#refuse(origin, exchange, head, method, full);
    }
    const plan = planRequest(
      index,
      origin,
      method,
      this.#site,
      this.#options.planning,
      this.#communities,
    );
    if (!plan.ok) return this.#refuse(origin, exchange, head, method, plan.error);
    this.#proxy(index, key, method, origin, exchange, head, plan.value);
  }

  /** A response has come over `link`, or over another connection of the same peer (RFC 3261 §18.1.2). */
  response(index: MessageIndex, peer: string): void {
    if ((index.fault ?? checkResponse(index)) !== undefined) {
      return this.#options.observer.stray('response');
    }
    const branch = parseBranch(topViaBranch(index) ?? '');
    const client =
      branch && this.#tries.get(Number.parseInt(branch.unique.slice(EPOCH_LENGTH), 36));
    const isOurs = branch?.unique.startsWith(this.#options.epoch) && client?.link?.peer === peer;
    if (client === undefined || !isOurs || !answers(index, client.request.method)) {
      return this.#options.observer.stray('response');
    }
    this.#response = index;
    this.#clientInput(client, { type: 'response', status: index.status });
    this.#response = undefined;
  }

  /** The proxy found a connection for a request that had none. */
  sent(clientNumber: number, link: Link): void {
    const client = this.#tries.get(clientNumber);
    if (client !== undefined) client.link = link;
  }

  /** A request could not be handed to its next hop. */
  transportFailed(clientNumber: number, remote: string | undefined): void {
    const client = this.#tries.get(clientNumber);
    if (client === undefined) return;
    if (remote !== undefined) client.request.avoid.push(remote);
    this.#clientInput(client, { type: 'transport-failed' });
  }

  /** A connection is gone, and every request that waits on it (RFC 3261 §18.4). */
  linkLost(link: Link): void {
    for (const client of [...this.#tries.values()]) {
      if (client.link === link) this.transportFailed(client.number, link.remote);
    }
  }

  #proxy(
    index: MessageIndex,
    key: string,
    method: string,
    origin: Origin,
    exchange: number,
    head: UpstreamHead,
    plan: ForwardingPlan,
  ): void {
    const bytes = Buffer.from(index.bytes.subarray(index.start, index.end));
    const toTag = this.#newTag();
    const request = new ProxiedRequest({ key, method, origin, exchange, head, plan, bytes, toTag });
    this.#servers.set(key, request);
    if (request.isInvite) this.#sendTrying(request);
    else this.#arm(request, 'trying');
    this.#options.observer.forwarded(method, plan.direction);
    const targets = plan.direction === 'inward' ? plan.targets.length : PARTNER_TRIES_MAX;
    this.#contextInput(request, {
      type: 'start',
      targets,
      isInvite: request.isInvite,
      unavailableStatus: plan.targets.length === 0 ? 503 : 500,
    });
  }

  /** An ACK for our own rejection ends here; one for a 2xx goes on to the far side, without a transaction. */
  #acknowledge(index: MessageIndex, origin: Origin): void {
    const known = this.#servers.get(requestKey(index, origin, 'ACK'));
    if (known !== undefined && known.serverState !== 'accepted') {
      return this.#serverInput(known, { type: 'ack' });
    }
    const { planning } = this.#options;
    const plan = planRequest(index, origin, 'ACK', this.#site, planning, this.#communities);
    if (!plan.ok) return this.#options.observer.stray('ack');
    const viaLine = this.#viaLine(++this.#counter, plan.value);
    editRequest(
      this.#edit,
      index,
      'ACK',
      plan.value,
      viaLine,
      receivedEdit(index, origin.sourceAddress, origin.sourcePort),
    );
    this.#hand(plan.value, 0, 0, []);
  }

  /** Hop by hop: answered here, and passed on to the try that still waits (RFC 3261 §9.2, §16.10). */
  #cancel(index: MessageIndex, origin: Origin, exchange: number, head: UpstreamHead): void {
    const known = this.#servers.get(requestKey(index, origin, 'INVITE'));
    if (known === undefined) {
      this.#options.observer.stray('cancel');
      const unknown = refusal(481, 'Call/Transaction Does Not Exist', 'cancel-without-invite');
      return this.#refuse(origin, exchange, head, 'CANCEL', unknown);
    }
    const ok = { status: 200, reasonPhrase: 'OK', headers: [] };
    origin.respond(exchange, true, localReply(head, ok, known.toTag));
    this.#contextInput(known, { type: 'cancel-received' });
  }

  #refuse(
    origin: Origin,
    exchange: number,
    head: UpstreamHead,
    method: string,
    refused: Refusal,
  ): void {
    this.#options.observer.refused(origin, refused, method);
    origin.respond(exchange, true, localReply(head, refused, this.#newTag()));
  }

  // Response context

  #contextInput(request: ProxiedRequest, input: ContextInput): void {
    const turn = stepContext(request.context, input);
    request.context = turn.state;
    for (const effect of turn.effects) this.#contextEffect(request, effect);
  }

  #contextEffect(request: ProxiedRequest, effect: ContextEffect): void {
    switch (effect.type) {
      case 'try-target':
        return this.#tryTarget(request, effect.target);
      case 'forward-provisional':
      case 'forward-final':
      case 'forward-late-2xx':
        return this.#forwardResponse(request);
      case 'reply':
        return this.#reply(request, effect.status);
      case 'cancel-branch':
        return this.#sendCancel(request);
      case 'drop-branch':
        if (request.current !== undefined) this.#endTry(request.current);
        return;
      case 'abandon':
        return this.#serverInput(request, { type: 'abandon' });
      case 'arm-timer':
        return this.#arm(request, effect.timer);
      case 'clear-timer':
        return this.#clear(request, effect.timer);
      case 'done':
        return;
    }
  }

  #tryTarget(request: ProxiedRequest, target: number): void {
    const number = ++this.#counter;
    const client = new ClientTry(number, request, this.#viaLine(number, request.plan));
    request.current = client;
    this.#tries.set(number, client);
    this.#arm(client, request.isInvite ? 'B' : 'F');
    const index = this.#scanned(request);
    const { plan, method, origin } = request;
    const topVia = receivedEdit(index, origin.sourceAddress, origin.sourcePort);
    editRequest(this.#edit, index, method, plan, client.viaLine, topVia);
    const link = this.#hand(plan, target, number, request.avoid);
    if (link === undefined) return this.#clientInput(client, { type: 'transport-failed' });
    if (client.state !== 'terminated') client.link = link;
  }

  #hand(
    plan: ForwardingPlan,
    target: number,
    number: number,
    avoid: readonly string[],
  ): Link | undefined {
    if (plan.direction === 'inward') {
      return this.#communities.send(plan.targets[target] ?? '', number, this.#edit);
    }
    const nextHop = plan.targets[0] ?? '';
    const { partner, flow } = plan;
    return this.#partners.send({ partner, nextHop, flow, avoid }, number, this.#edit);
  }

  #scanned(request: ProxiedRequest): MessageIndex {
    this.#replayIndex.scan(request.bytes, 0, request.bytes.length);
    return this.#replayIndex;
  }

  #forwardResponse(request: ProxiedRequest): void {
    const index = this.#response;
    if (index === undefined) return;
    editResponse(this.#edit, index, request);
    this.#respond(request, index.status, this.#edit);
  }

  #reply(request: ProxiedRequest, status: number): void {
    const headers = status === 503 ? [RETRY_AFTER] : [];
    const reply = { status, reasonPhrase: REASONS.get(status) ?? 'Error', headers };
    this.#respond(request, status, localReply(request.head, reply, request.toTag));
  }

  #sendCancel(request: ProxiedRequest): void {
    const client = request.current;
    if (client === undefined) return;
    const cancel = cancelFor(this.#scanned(request), request.plan, client.viaLine);
    this.#sendAlong(client, cancel);
  }

  /** CANCEL and the ACK to a rejection take the way of their INVITE (RFC 3261 §9.1, §17.1.1.3). */
  #sendAlong(client: ClientTry, message: Outgoing): void {
    const { plan } = client.request;
    const remote = client.link?.remote ?? '';
    if (plan.direction === 'inward') this.#communities.send(remote, 0, message);
    else
      this.#partners.send(
        { partner: plan.partner, nextHop: plan.targets[0] ?? '', flow: plan.flow, avoid: [] },
        0,
        message,
      );
  }

  // Server transaction

  #respond(request: ProxiedRequest, status: number, response: Outgoing): void {
    this.#options.observer.answered(request.method, status);
    this.#serverInput(request, { type: 'respond', status }, response);
  }

  #serverInput(request: ProxiedRequest, input: ServerInput, response?: Outgoing): void {
    const turn = stepServer(request.isInvite, request.serverState, input);
    request.serverState = turn.state;
    for (const effect of turn.effects) this.#serverEffect(request, effect, input, response);
    if (turn.state === 'terminated') this.#endServer(request);
  }

  #serverEffect(
    request: ProxiedRequest,
    effect: TransactionEffect,
    input: ServerInput,
    response: Outgoing | undefined,
  ): void {
    switch (effect.type) {
      case 'send-response':
        if (response === undefined || input.type !== 'respond') return;
        request.origin.respond(request.exchange, input.status >= 200, response);
        return;
      case 'send-trying':
        return this.#sendTrying(request);
      case 'arm-timer':
        return this.#arm(request, effect.timer);
      case 'clear-timer':
        return this.#clear(request, effect.timer);
      // A repeated request on a reliable transport needs no repeated answer: the first one cannot be lost.
      case 'send-last-response':
      case 'pass-ack-up':
      case 'fail':
      case 'send-request':
      case 'send-ack':
      case 'pass-response-up':
        return;
    }
  }

  #sendTrying(request: ProxiedRequest): void {
    request.origin.respond(request.exchange, false, localReply(request.head, TRYING, ''));
  }

  #endServer(request: ProxiedRequest): void {
    if (this.#servers.get(request.key) === request) this.#servers.delete(request.key);
    for (const timer of request.timers.made()) this.#wheel.cancel(timer);
  }

  // Client transaction

  #clientInput(client: ClientTry, input: ClientInput): void {
    const turn = stepClient(client.request.isInvite, client.state, input);
    client.state = turn.state;
    const { request } = client;
    if (turn.state === 'terminated') this.#endTry(client);
    for (const effect of turn.effects) {
      switch (effect.type) {
        case 'arm-timer':
          this.#arm(client, effect.timer);
          break;
        case 'clear-timer':
          this.#clear(client, effect.timer);
          break;
        case 'send-ack':
          if (this.#response === undefined) break;
          this.#sendAlong(
            client,
            ackFor(this.#scanned(request), this.#response, request.plan, client.viaLine),
          );
          break;
        case 'pass-response-up':
          this.#passUp(client, input);
          break;
        case 'fail':
          this.#tryFailed(client, effect.reason);
          break;
        case 'send-request':
        case 'send-trying':
        case 'send-response':
        case 'send-last-response':
        case 'pass-ack-up':
          break;
      }
    }
  }

  #passUp(client: ClientTry, input: ClientInput): void {
    if (input.type !== 'response') return;
    const { request } = client;
    const isSuccess = input.status >= 200 && input.status < 300;
    if (client !== request.current && !(request.isInvite && isSuccess)) return;
    if (input.status === 503 && client.link !== undefined) request.avoid.push(client.link.remote);
    const type = input.status < 200 ? 'provisional' : 'final';
    this.#contextInput(request, { type, status: input.status });
  }

  #tryFailed(client: ClientTry, reason: TransactionFailure): void {
    const { request } = client;
    if (client !== request.current) return;
    if (client.link !== undefined) request.avoid.push(client.link.remote);
    this.#contextInput(request, { type: reason === 'timeout' ? 'timeout' : 'transport-failed' });
  }

  #endTry(client: ClientTry): void {
    client.state = 'terminated';
    this.#tries.delete(client.number);
    for (const timer of client.timers.made()) this.#wheel.cancel(timer);
  }

  // Timers and names

  #timerFired(owner: TimerOwner, name: TimerName): void {
    if (owner instanceof ClientTry) {
      if (name === 'B') this.#clientInput(owner, { type: 'timer-b' });
      else if (name === 'F') this.#clientInput(owner, { type: 'timer-f' });
      else if (name === 'M') this.#clientInput(owner, { type: 'timer-m' });
      return;
    }
    if (name === 'trying') this.#serverInput(owner, { type: 'timer-trying' });
    else if (name === 'H') this.#serverInput(owner, { type: 'timer-h' });
    else if (name === 'L') this.#serverInput(owner, { type: 'timer-l' });
    else if (name === 'C') this.#contextInput(owner, { type: 'timer-c' });
    else if (name === 'cancel') this.#contextInput(owner, { type: 'timer-cancel' });
  }

  #arm(owner: TimerOwner, name: TimerName): void {
    this.#wheel.schedule(owner.timers.get(name), this.#options.nowMs(), TIMER_MS[name]);
  }

  #clear(owner: TimerOwner, name: TimerName): void {
    this.#wheel.cancel(owner.timers.get(name));
  }

  #viaLine(number: number, plan: ForwardingPlan): string {
    const { node, epoch } = this.#options;
    const unique = epoch + number.toString(36);
    const branch = formatBranch({ node, unique, loop: plan.loop });
    const site = this.#site;
    return plan.direction === 'inward'
      ? `Via: SIP/2.0/TLS ${site.innerHost}:${site.innerPort};branch=${branch}\r\n`
      : `Via: SIP/2.0/TLS ${site.publicHost}:${site.publicPort};branch=${branch};alias\r\n`;
  }

  #newTag(): string {
    return `${this.#options.epoch}${(++this.#counter).toString(36)}`;
  }
}

const TRYING: LocalReply = { status: 100, reasonPhrase: 'Trying', headers: [] };

const REASONS: ReadonlyMap<number, string> = new Map([
  [408, 'Request Timeout'],
  [480, 'Temporarily Unavailable'],
  [487, 'Request Terminated'],
  [500, 'Server Internal Error'],
  [503, 'Service Unavailable'],
]);

/** Whether a response is to a request of that method: its CSeq says so (RFC 3261 §17.1.3). */
function answers(index: MessageIndex, method: string): boolean {
  const cseq = index.valueOf(Header.cseq) ?? '';
  return cseq.endsWith(method) && /[ \t]/.test(cseq[cseq.length - method.length - 1] ?? '');
}
