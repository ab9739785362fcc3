import { setTimeout as delay } from 'node:timers/promises';
import { answerText, type SipText } from '../../test/integration/support/pair-message.ts';
import { CallerDesk } from './sip-asked.ts';
import type { SipCompany } from './sip-company.ts';
import type { Wire } from './sip-wire.ts';

/** What is said beside what every message says. */
export interface Saying {
  readonly headers?: readonly string[];
  readonly body?: string;
}

interface Offer {
  readonly request: SipText;
  final: number;
  isAcknowledged: boolean;
}

/** A 2xx is said again after so long, later and later, until its ACK comes (RFC 3261 §13.3.1.4). */
const T1_MS = 500;
const T2_MS = 4000;
const AGAIN_MS_MAX = 32_000;

/**
 * One user in one conversation: its dialog, what it has asked (`asks`), and what it was asked, with a strict account of both.
 *
 * What comes within the dialog is answered at once, and counted; an INVITE that begins one is left to whoever tells the story.
 */
export class SipParty {
  readonly user: string;
  readonly company: SipCompany;
  readonly key: number;
  readonly asks: CallerDesk;
  /** How often it was asked what. */
  readonly seen = new Map<string, number>();
  callId = '';
  tag: string;
  remoteTag = '';
  remote: string;
  target: string;
  routes: readonly string[] = [];
  /** The request that began the dialog here, or would have. */
  offer: SipText | undefined;
  isCancelled = false;
  /** It answers a re-INVITE with 491 while one of its own is under way. */
  isOffering = false;
  isClosed = false;
  readonly #offers = new Map<string, Offer>();
  #remoteCseq = 0;
  #watchers: (() => void)[] = [];

  constructor(company: SipCompany, key: number, user: string, peer: string) {
    this.company = company;
    this.key = key;
    this.user = user;
    this.remote = peer;
    this.target = peer;
    this.tag = `t${key}${user[0]}`;
    this.asks = new CallerDesk(this);
    company.parties.set(user, this);
  }

  get local(): string {
    return `sip:${this.user}@${this.company.options.domain}`;
  }

  get contact(): string {
    return `Contact: <sip:${this.user}@${this.company.options.sentBy};transport=tls>`;
  }

  /** Resolves as soon as that is so; false after so long, or once the conversation is over. */
  async until(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
    const endMs = performance.now() + timeoutMs;
    while (!isSo() && !this.isClosed) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      const stop = new AbortController();
      const changed = new Promise<void>((resolve) => this.#watchers.push(resolve));
      const late = delay(leftMs, undefined, { signal: stop.signal }).catch(() => undefined);
      await Promise.race([changed, late]);
      stop.abort();
    }
    return isSo();
  }

  changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  take(message: SipText): void {
    if (message.method === undefined) this.asks.answered(message);
    else this.#asked(message);
    this.changed();
  }

  wireLost(wire: Wire): void {
    this.asks.wireLost(wire);
  }

  /** Answers what began the dialog, or any other request that is still open. */
  reply(request: SipText, status: string, saying: Saying = {}): void {
    const offer = this.#offers.get(cseqOf(request));
    const code = Number(status.slice(0, 3));
    if (offer !== undefined && code >= 200) {
      if (offer.final !== 0) return;
      offer.final = code;
    }
    const isFirst = !request.header('To').includes(';tag=');
    const contact = code > 100 && code < 300 ? [this.contact] : [];
    const text = answerText(request, status, [...contact, ...(saying.headers ?? [])], saying.body);
    const tag = code === 100 ? '' : `;tag=${this.tag}`;
    const said = isFirst ? text.replace(';tag=answer', tag) : text;
    this.company.respond(request, said);
    if (offer !== undefined && code >= 200) void this.#untilAcknowledged(offer, said);
  }

  /** Whether the last INVITE that it has answered was acknowledged, now or soon. */
  acknowledged(timeoutMs: number): Promise<boolean> {
    const last = [...this.#offers.values()].at(-1);
    return this.until(() => last?.isAcknowledged !== false, timeoutMs);
  }

  /** Somebody calls, and nobody has answered or given up. */
  get isRinging(): boolean {
    return [...this.#offers.values()].some(({ final }) => final === 0);
  }

  close(): void {
    this.isClosed = true;
    this.company.parties.delete(this.user);
    this.changed();
  }

  /** Takes the dialog from a message that bears it: a request as it came, or a response to one of ours. */
  enter(message: SipText): void {
    const isRequest = message.method !== undefined;
    const far = message.header(isRequest ? 'From' : 'To');
    this.remoteTag = /;tag=([^;]+)/.exec(far)?.[1] ?? this.remoteTag;
    this.callId = message.callId;
    const routes = message.headers('Record-Route');
    this.routes = isRequest ? routes : routes.toReversed();
    this.target = /<([^>]*)>/.exec(message.header('Contact'))?.[1] ?? this.target;
    if (isRequest) this.#remoteCseq = Number.parseInt(message.header('CSeq'), 10);
  }

  #asked(request: SipText): void {
    const { sums } = this.company.options;
    const method = request.method ?? '';
    const [uriUser] = /^sips?:([^@;]+)@/.exec(request.requestUri)?.slice(1) ?? [];
    if (uriUser !== this.user) {
      sums.complain(`${method} for ${request.requestUri} came to ${this.user}`);
    }
    if (method === 'ACK') return this.#acknowledge(request);
    if (method === 'CANCEL') return this.#cancel(request);
    const cseq = Number.parseInt(request.header('CSeq'), 10);
    const isInDialog = request.header('To').includes(';tag=');
    if (isInDialog && this.remoteTag !== '' && cseq <= this.#remoteCseq) {
      sums.complain(
        `${method} ${cseq} of ${this.user} came after ${this.#remoteCseq}: ${request.text}`,
      );
    }
    if (isInDialog) this.#remoteCseq = Math.max(cseq, this.#remoteCseq);
    this.seen.set(method, (this.seen.get(method) ?? 0) + 1);
    if (method === 'INVITE') {
      this.#offers.set(cseqOf(request), { request, final: 0, isAcknowledged: false });
    }
    if (!isInDialog && method !== 'MESSAGE') {
      if (this.offer !== undefined) sums.count('offered again');
      this.offer = request;
      this.enter(request);
      if (method === 'INVITE') this.reply(request, '100 Trying');
      return;
    }
    if (isInDialog && method === 'NOTIFY' && this.remoteTag === '') this.enter(request);
    this.reply(request, this.#answerTo(method));
  }

  #answerTo(method: string): string {
    if (method === 'INVITE' && this.isOffering) return '491 Request Pending';
    return method === 'REFER' ? '202 Accepted' : '200 OK';
  }

  #acknowledge(request: SipText): void {
    const { sums } = this.company.options;
    const cseq = Number.parseInt(request.header('CSeq'), 10);
    const offer = this.#offers.get(`${cseq} INVITE`);
    if (offer === undefined || offer.final === 0) {
      sums.complain(`ACK ${cseq} to ${this.user} for what it has not answered: ${request.text}`);
    } else offer.isAcknowledged = true;
  }

  #cancel(request: SipText): void {
    const cseq = Number.parseInt(request.header('CSeq'), 10);
    const offer = this.#offers.get(`${cseq} INVITE`);
    this.company.respond(request, answerText(request, '200 OK'));
    this.seen.set('CANCEL', (this.seen.get('CANCEL') ?? 0) + 1);
    this.isCancelled = true;
    if (offer === undefined) this.company.options.sums.count('CANCEL for an unknown INVITE');
    else if (offer.final === 0) this.reply(offer.request, '487 Request Terminated');
  }

  /** On a reliable transport only a 2xx is said again; whoever never hears its ACK counts it. */
  async #untilAcknowledged(offer: Offer, text: string): Promise<void> {
    const sinceMs = performance.now();
    for (let waitMs = T1_MS; ; waitMs = Math.min(2 * waitMs, T2_MS)) {
      if (await this.until(() => offer.isAcknowledged, waitMs)) return;
      if (this.isClosed) return;
      if (performance.now() - sinceMs > AGAIN_MS_MAX) break;
      if (offer.final < 300) this.company.respond(offer.request, text);
      if (offer.final < 300) this.company.options.sums.count('2xx said again');
    }
    this.company.options.sums.count(`no ACK to ${offer.final < 300 ? '2xx' : 'a rejection'}`);
  }
}

/** Number and method, by which what is asked once more is known. */
export function cseqOf(message: SipText): string {
  return message.header('CSeq');
}
