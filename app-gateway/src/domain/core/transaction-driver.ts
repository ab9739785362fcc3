import { NumberTable } from '@sallyport/shared/net/number-table.ts';
import { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import {
  type ContextInput,
  step as stepContext,
} from '@sallyport/shared/sip/proxy/response-context.ts';
import type { ContextEffect } from '@sallyport/shared/sip/proxy/response-context-effect.ts';
import { hasCseqMethod, topViaSentBy } from '@sallyport/shared/sip/syntax-check.ts';
import type {
  TransactionEffect,
  TransactionFailure,
} from '@sallyport/shared/sip/transaction/transaction-effect.ts';
import type { TimerName } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import type { IsOwn, Link, Origin, Outgoing, Way } from '../signalling.ts';
import { Cancels, isAnswerToOne } from './cancels.ts';
import { ownReply, statusTold, TRYING } from './context-reply.ts';
import type { DriverOptions } from './driver-options.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import { ackFor, cancelFor } from './hop-request.ts';
import { localReply } from './local-reply.ts';
import { LostLinks } from './lost-links.ts';
import { type ClientInput, type ServerInput, stepClient, stepServer } from './machines.ts';
import type { NextHops } from './next-hops.ts';
import { ClientTry, type ProxiedRequest, type TimerOwner } from './proxied-request.ts';
import { editRequest } from './request-edits.ts';
import { editResponse } from './response-edits.ts';
import { ServerTransactions } from './server-transactions.ts';
import { TransactionWheel } from './transaction-wheel.ts';
import type { UpstreamHead } from './upstream-head.ts';
import { leaveLink, waitOn } from './waiting-tries.ts';

/** How many addresses of one partner a request tries, the proxy choosing each (RFC 3263 §4.3). */
const PARTNER_TRIES_MAX = 3;

/**
 * Drives the machines of every request that crosses us: server transaction, response context, client transactions.
 *
 * One input is carried out completely, effects in order. The machines decide; here stands only what each effect means.
 */
export class TransactionDriver {
  readonly servers: ServerTransactions;
  readonly #options: DriverOptions;
  readonly #hops: NextHops;
  readonly #tries: NumberTable<ClientTry>;
  readonly #wheel: TransactionWheel;
  readonly #edit = new MessageEdit();
  readonly #replayIndex: MessageIndex;
  readonly #lost: LostLinks;
  readonly #cancels = new Cancels((client) => this.#sendCancel(client));
  /** The response being handled, for effects that forward it. */
  #response: MessageIndex | undefined;
  /** The request being started and its index, so that the first try need not scan the copy. */
  #fresh: { readonly request: ProxiedRequest; readonly index: MessageIndex } | undefined;

  constructor(options: DriverOptions, hops: NextHops) {
    this.#options = options;
    this.servers = new ServerTransactions(options.hashSeed, options.transactionsMax);
    this.#hops = hops;
    this.#tries = new NumberTable(options.clientNumberMax);
    this.#replayIndex = new MessageIndex(options.limits);
    this.#wheel = new TransactionWheel(options.nowMs);
    this.#lost = new LostLinks(this.#tries, {
      sendAgain: (client) => this.#carry(client, this.#way(client.request)),
      fail: (client) => {
        this.#cancels.lost(client);
        this.transportFailed(client.number, () => true, client.link?.remote, false);
      },
      nextTurn: options.nextTurn,
    });
  }

  /** Fires what is due. */
  advance(nowMs: number): void {
    this.#wheel.advance(nowMs, (owner, name) => this.#timerFired(owner, name));
    this.#cancels.advance(nowMs);
  }

  /** Takes on a request that was planned, and tries its first target; `index` is that of its own bytes. */
  start(request: ProxiedRequest, index: MessageIndex): void {
    this.#fresh = { request, index };
    this.servers.set(request);
    if (request.isInvite) this.#sendTrying(request);
    else this.#wheel.arm(request, 'trying');
    const { plan, isInvite } = request;
    const targets = plan.direction === 'inward' ? plan.targets.length : PARTNER_TRIES_MAX;
    this.#contextInput(request, { type: 'start', targets, isInvite, unavailableStatus: 500 });
    this.#fresh = undefined;
  }

  /** It came again over another connection, for the first one is gone: there goes its answer now. */
  moved(request: ProxiedRequest, origin: Origin, exchange: number, head: UpstreamHead): void {
    this.servers.moved(request, origin, exchange, head);
    if (!request.isUnanswered) origin.abandon(exchange);
    else if (request.isInvite) this.#sendTrying(request);
  }

  /** The ACK to our rejection came; or nobody will send one, for the rejection went down with the connection (`timer-h`). */
  acknowledged(request: ProxiedRequest, type: 'ack' | 'timer-h'): void {
    this.#serverInput(request, { type });
  }

  /** Its sender wants it cancelled (RFC 3261 §16.10). */
  cancelled(request: ProxiedRequest): void {
    this.#contextInput(request, { type: 'cancel-received' });
  }

  /** Its sender is told to ask elsewhere, and what was begun for it is cancelled. */
  leave(request: ProxiedRequest): void {
    this.cancelled(request);
    this.#respond(request, 503, ownReply(request, 503));
  }

  /** Sends an ACK for a 2xx on, outside of any transaction (RFC 3261 §16.11). */
  forwardStatelessly(
    index: MessageIndex,
    method: string,
    plan: ForwardingPlan,
    topVia: string | undefined,
  ): void {
    const way = this.#hops.way(plan, 0, []);
    if (way === undefined) return;
    const branch = this.#options.branch(this.#tries.next(), plan);
    const viaLine = this.#options.viaLine(branch, way.ownName);
    if (editRequest(this.#edit, index, method, plan, viaLine, topVia, way.ownName))
      way.carry(0, this.#edit);
  }

  /**
   * A response to the client transaction of that number has come from a peer; false where there is none that asked
   * that peer with that branch, sent-by and method (RFC 3261 §17.1.3, §18.1.2), or that has heard too many.
   */
  response(number: number, branch: string, peer: string, index: MessageIndex): boolean {
    const client = this.#tries.get(number);
    if (!client?.isAnsweredBy(peer, branch, topViaSentBy(index))) return false;
    if (!hasCseqMethod(index, client.request.method)) return isAnswerToOne(client, index);
    if (!client.request.hears(index.status)) return false;
    this.#response = index;
    this.#clientInput(client, { type: 'response', status: index.status });
    this.#response = undefined;
    return true;
  }

  /** The proxy that was asked found a connection for a request that had none; another one's word changes nothing. */
  sent(number: number, asked: Link, link: Link): void {
    const client = this.#tries.get(number);
    if (client?.link === asked && link.peer === asked.peer) waitOn(client, link);
  }

  /**
   * A request could not be handed to its next hop; `remote` where its address is to blame, and not the connection alone;
   * `isLast` where another try would only fail the same way.
   * `isOwn` knows the links of whoever says so: numbers are no secret, and a proxy must not fail what others carry.
   */
  transportFailed(number: number, isOwn: IsOwn, remote: string | undefined, isLast: boolean): void {
    const client = this.#tries.get(number);
    if (client?.link === undefined || !isOwn(client.link)) return;
    client.request.avoidRemote(remote);
    if (isLast) client.request.isExhausted = true;
    this.#clientInput(client, { type: 'transport-failed' });
  }

  /** A connection is gone. */
  linkLost(link: Link): void {
    this.#lost.take(link);
  }

  /** Ends the try that is under way; where no other may be made, that is the answer. */
  giveUp(request: ProxiedRequest): void {
    this.#contextEffect(request, { type: 'drop-branch' });
    this.#contextInput(request, { type: 'transport-failed' });
  }

  // Response context

  #contextInput(request: ProxiedRequest, input: ContextInput): void {
    const turn = stepContext(request.context, input);
    request.context = turn.state;
    // By number, here and below: V8 walks a frozen array by its iterator, which costs several times as much.
    for (let at = 0; at < turn.effects.length; at++)
      this.#contextEffect(request, turn.effects[at] as ContextEffect);
  }

  #contextEffect(request: ProxiedRequest, effect: ContextEffect): void {
    switch (effect.type) {
      case 'try-target':
        return this.#tryTarget(request);
      case 'forward-provisional':
      case 'forward-final':
        return this.#forwardResponse(request);
      case 'forward-late-2xx':
        return this.#forwardLateSuccess(request);
      case 'reply':
        return this.#reply(request, effect.status);
      case 'cancel-branch':
        return this.#cancels.send(request.current);
      case 'drop-branch':
        if (request.current !== undefined) this.#endTry(request.current);
        return;
      case 'abandon':
        this.#serverInput(request, { type: 'abandon' });
        return request.origin.abandon(request.exchange);
      case 'arm-timer':
        return this.#wheel.arm(request, effect.timer);
      case 'clear-timer':
        return this.#wheel.clear(request, effect.timer);
      case 'done':
        return;
    }
  }

  #tryTarget(request: ProxiedRequest): void {
    const way = this.#way(request);
    const number = this.#tries.next();
    const branch = this.#options.branch(number, request.plan);
    const viaLine = way === undefined ? '' : this.#options.viaLine(branch, way.ownName);
    const client = new ClientTry(number, request, branch, viaLine);
    request.current = client;
    this.#tries.add(client);
    this.#wheel.arm(client, request.isInvite ? 'B' : 'F');
    if (!this.#carry(client, way)) this.#clientInput(client, { type: 'transport-failed' });
  }

  #way({ plan, context, avoid, isExhausted }: ProxiedRequest): Way | undefined {
    return isExhausted ? undefined : this.#hops.way(plan, context.target, avoid);
  }

  #carry(client: ClientTry, way: Way | undefined): boolean {
    if (way === undefined) return false;
    const { plan, method, topVia } = client.request;
    const index = this.#scanned(client.request);
    const { viaLine } = client;
    if (!editRequest(this.#edit, index, method, plan, viaLine, topVia, way.ownName)) return false;
    const link = way.carry(client.number, this.#edit);
    if (link !== undefined && client.state !== 'terminated') waitOn(client, link);
    return link !== undefined;
  }

  #scanned(request: ProxiedRequest): MessageIndex {
    if (this.#fresh?.request === request) return this.#fresh.index;
    const bytes = Buffer.from(request.text, 'latin1');
    this.#replayIndex.scan(bytes, 0, bytes.length);
    return this.#replayIndex;
  }

  #forwardResponse(request: ProxiedRequest): void {
    const index = this.#edited(request);
    if (index !== undefined) this.#respond(request, index.status, this.#edit);
    else if ((this.#response?.status ?? 0) >= 200)
      this.#respond(request, 500, ownReply(request, 500));
  }

  /** The callee's word counts although the caller has had its answer already (RFC 3261 §16.7 step 5). */
  #forwardLateSuccess(request: ProxiedRequest): void {
    if (request.serverState === 'accepted') return this.#forwardResponse(request);
    if (this.#edited(request)) request.origin.respond(request.exchange, true, this.#edit);
  }

  /** The response being handled, once it is edited for whoever asked; undefined where it cannot be. */
  #edited(request: ProxiedRequest): MessageIndex | undefined {
    const index = this.#response;
    const ownName = request.origin.ownName ?? this.#hops.innerName;
    return index && editResponse(this.#edit, index, request, ownName) ? index : undefined;
  }

  #reply(request: ProxiedRequest, contextStatus: number): void {
    const status = statusTold(contextStatus, request, this.#hops.isPartnerSideUp);
    this.#respond(request, status, ownReply(request, status));
  }

  #sendCancel(client: ClientTry): Link | undefined {
    const { plan, cancelReason } = client.request;
    const index = this.#scanned(client.request);
    return this.#hops.sendAlong(client, cancelFor(index, plan, client.viaLine, cancelReason));
  }

  // Server transaction

  #respond(request: ProxiedRequest, status: number, response: Outgoing): void {
    this.#options.answered(request.method, status);
    this.#serverInput(request, { type: 'respond', status }, response);
  }

  #serverInput(request: ProxiedRequest, input: ServerInput, response?: Outgoing): void {
    const turn = stepServer(request.isInvite, request.serverState, input);
    request.serverState = turn.state;
    for (let at = 0; at < turn.effects.length; at++)
      this.#serverEffect(request, turn.effects[at] as TransactionEffect, input, response);
    if (turn.state !== 'terminated') return;
    this.servers.delete(request);
    request.timers.cancelAll(this.#wheel);
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
        return this.#wheel.arm(request, effect.timer);
      case 'clear-timer':
        return this.#wheel.clear(request, effect.timer);
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

  // Client transaction

  #clientInput(client: ClientTry, input: ClientInput): void {
    const turn = stepClient(client.request.isInvite, client.state, input);
    client.state = turn.state;
    if (turn.state === 'terminated') this.#endTry(client);
    for (let at = 0; at < turn.effects.length; at++)
      this.#clientEffect(client, turn.effects[at] as TransactionEffect, input);
  }

  #clientEffect(client: ClientTry, effect: TransactionEffect, input: ClientInput): void {
    switch (effect.type) {
      case 'arm-timer':
        return this.#wheel.arm(client, effect.timer);
      case 'clear-timer':
        return this.#wheel.clear(client, effect.timer);
      case 'send-ack':
        return this.#sendAck(client);
      case 'pass-response-up':
        return this.#passUp(client, input);
      case 'fail':
        return this.#tryFailed(client, effect.reason);
      case 'send-request':
      case 'send-trying':
      case 'send-response':
      case 'send-last-response':
      case 'pass-ack-up':
        return;
    }
  }

  #sendAck(client: ClientTry): void {
    if (this.#response === undefined) return;
    const { request, viaLine } = client;
    const ack = ackFor(this.#scanned(request), this.#response, request.plan, viaLine);
    this.#hops.sendAlong(client, ack);
  }

  #passUp(client: ClientTry, input: ClientInput): void {
    if (input.type !== 'response') return;
    const { request } = client;
    const isSuccess = input.status >= 200 && input.status < 300;
    if (client !== request.current && !(request.isInvite && isSuccess)) return;
    if (input.status === 503) {
      request.isBusySeen = true;
      request.avoidRemote(client.link?.remote);
    }
    const type = input.status < 200 ? 'provisional' : 'final';
    this.#contextInput(request, { type, status: input.status });
  }

  #tryFailed(client: ClientTry, reason: TransactionFailure): void {
    const { request } = client;
    if (client !== request.current) return;
    // Of what failed otherwise, whoever saw it said whether the address is to blame.
    if (reason === 'timeout') request.avoidRemote(client.link?.remote);
    this.#contextInput(request, { type: reason === 'timeout' ? 'timeout' : 'transport-failed' });
  }

  #endTry(client: ClientTry): void {
    client.state = 'terminated';
    leaveLink(client);
    this.#tries.delete(client.number);
    client.timers.cancelAll(this.#wheel);
  }

  #timerFired(owner: TimerOwner, name: TimerName): void {
    if (owner instanceof ClientTry) {
      const type = name === 'B' ? 'timer-b' : name === 'F' ? 'timer-f' : 'timer-m';
      this.#clientInput(owner, { type });
    } else if (name === 'trying') this.#serverInput(owner, { type: 'timer-trying' });
    else if (name === 'H') this.#serverInput(owner, { type: 'timer-h' });
    else if (name === 'L') this.#serverInput(owner, { type: 'timer-l' });
    else this.#contextInput(owner, { type: name === 'C' ? 'timer-c' : 'timer-cancel' });
  }
}
