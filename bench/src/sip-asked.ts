import { setTimeout as delay } from 'node:timers/promises';
import type { SipText } from '../../test/integration/support/pair-message.ts';
import type { Saying, SipParty } from './sip-party.ts';
import type { Wire } from './sip-wire.ts';

/** How a request ended; 0 where its connection ended, or none was there, and 408 where nobody answered in time. */
export interface Outcome {
  readonly status: number;
  readonly answer: SipText | undefined;
}

/** A request under way, or over. */
export interface Asked {
  readonly method: string;
  readonly text: string;
  readonly cseq: number;
  readonly provisionals: SipText[];
  readonly outcome: Promise<Outcome>;
  ended: Outcome | undefined;
}

interface OpenAsked extends Asked {
  readonly wire: Wire | undefined;
  readonly end: (outcome: Outcome) => void;
  ack: string;
  isWithoutWire: boolean;
}

/** Longer than the timers B and F of whoever stands in between. */
const ANSWER_MS = 40_000;
/** A final response may come over another connection. */
const OTHER_WIRE_MS = 6000;
let counter = 0;

/** What one user asks: each request has one final answer, and no other. */
export class CallerDesk {
  readonly #party: SipParty;
  readonly #asked = new Map<string, OpenAsked>();
  #cseq = 0;

  constructor(party: SipParty) {
    this.#party = party;
    this.#cseq = party.key % 1000;
  }

  /** Sends a request of the dialog, or one that begins it; to be awaited by its outcome. */
  async begin(method: string, saying: Saying = {}): Promise<Asked> {
    const branch = `z9hG4bK${(++counter).toString(36)}x${this.#party.key}`;
    const text = this.#text(method, ++this.#cseq, branch, saying);
    return await this.#send(method, branch, this.#cseq, text);
  }

  /** The same, and waits for its end. */
  async ask(method: string, saying: Saying = {}): Promise<Outcome> {
    return await (await this.begin(method, saying)).outcome;
  }

  /** Within a dialog that stands: what goes down with a connection or a program is asked anew, a moment later. */
  async askOn(method: string, saying: Saying = {}): Promise<Outcome> {
    for (let turn = 0; ; turn++) {
      const outcome = await this.ask(method, saying);
      const isDisturbed = [0, 408, 500, 503].includes(outcome.status);
      if (!isDisturbed || turn === TURNS_MAX || this.#party.isClosed) return outcome;
      this.#party.company.options.sums.count(`${method} within a dialog asked anew`);
      await delay(pauseMs(turn));
    }
  }

  /** Acknowledges the 2xx that an INVITE had. */
  acknowledge(invite: Asked): void {
    const asked = this.#asked.get(branchOf(invite.text));
    if (asked === undefined) return;
    const branch = `z9hG4bK${(++counter).toString(36)}a${this.#party.key}`;
    asked.ack = this.#text('ACK', invite.cseq, branch, {});
    void this.#transmit(asked.ack);
  }

  /** Hop by hop, with the branch and by the way of its INVITE (RFC 3261 §9.1). */
  async cancel(invite: Asked): Promise<Outcome> {
    const asked = this.#asked.get(branchOf(invite.text));
    const text = ofSameBranch('CANCEL', invite.text);
    const key = `${branchOf(invite.text)} CANCEL`;
    return await (await this.#send('CANCEL', key, invite.cseq, text, asked?.wire)).outcome;
  }

  answered(answer: SipText): void {
    const { sums } = this.#party.company.options;
    const branch = branchOf(answer.text);
    const isOfCancel = answer.header('CSeq').endsWith('CANCEL');
    const asked = this.#asked.get(isOfCancel ? `${branch} CANCEL` : branch);
    if (asked === undefined) return sums.complain(`an answer to nothing: ${answer.text}`);
    if (asked.ended !== undefined) return this.#answeredAgain(asked, answer);
    if (answer.status < 200) {
      asked.provisionals.push(answer);
      return;
    }
    if (asked.method === 'INVITE' && answer.status >= 300)
      this.#acknowledgeRejection(asked, answer);
    asked.end({ status: answer.status, answer });
  }

  wireLost(wire: Wire): void {
    for (const asked of this.#asked.values()) {
      if (asked.wire !== wire || asked.ended !== undefined) continue;
      asked.isWithoutWire = true;
      void delay(OTHER_WIRE_MS, undefined, { ref: false }).then(() => {
        asked.end({ status: 0, answer: undefined });
      });
    }
  }

  /** A 2xx to an INVITE is said again until it is acknowledged; whoever gave up meanwhile takes the call and ends it. */
  #answeredAgain(asked: OpenAsked, answer: SipText): void {
    const { sums } = this.#party.company.options;
    const isSuccess = asked.method === 'INVITE' && answer.status >= 200 && answer.status < 300;
    if (answer.status < 200) return sums.count('provisional after the end');
    if (isSuccess && asked.ended?.status === answer.status) {
      if (asked.ack !== '') void this.#transmit(asked.ack);
      return;
    }
    if (asked.ended?.answer !== undefined && !isSuccess) {
      return sums.complain(
        `${asked.method} was answered ${asked.ended.status} and ${answer.status}: ${answer.text}`,
      );
    }
    sums.count(`${asked.method} answered ${answer.status} after it was ${asked.ended?.status}`);
    if (!isSuccess) return;
    const isFirst = asked.ack === '';
    this.#party.enter(answer);
    this.acknowledge(asked);
    if (isFirst) void this.ask('BYE');
  }

  #acknowledgeRejection({ text, wire }: OpenAsked, answer: SipText): void {
    const ack = ofSameBranch('ACK', text).replace(/^To: .*$/m, `To: ${answer.header('To')}`);
    wire?.send(ack);
  }

  async #send(
    method: string,
    key: string,
    cseq: number,
    text: string,
    known?: Wire,
  ): Promise<Asked> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const wire = known?.isOpen === true ? known : await this.#wire(text);
    const late = new AbortController();
    const asked: OpenAsked = {
      method,
      text,
      cseq,
      wire,
      provisionals: [],
      outcome: promise,
      ended: undefined,
      ack: '',
      isWithoutWire: false,
      end: (outcome) => {
        if (asked.ended !== undefined) return;
        asked.ended = outcome;
        late.abort();
        resolve(outcome);
        this.#party.changed();
      },
    };
    this.#asked.set(key, asked);
    if (wire === undefined) asked.end({ status: 0, answer: undefined });
    else wire.send(text);
    void delay(ANSWER_MS, undefined, { signal: late.signal, ref: false }).then(
      () => {
        if (!this.#party.isClosed && !asked.isWithoutWire && method !== 'INVITE') {
          this.#party.company.options.sums.count(`${method} unanswered for ${ANSWER_MS} ms`);
        }
        if (method !== 'INVITE' || asked.provisionals.length === 0) {
          asked.end({ status: 408, answer: undefined });
        }
      },
      () => undefined,
    );
    return asked;
  }

  async #transmit(text: string): Promise<void> {
    (await this.#wire(text))?.send(text);
  }

  async #wire(text: string): Promise<Wire | undefined> {
    const door = /^Route: <sip:[^@]*@([^:;>]+)/m.exec(text)?.[1];
    return await this.#party.company.wireFor(door, this.#party.key);
  }

  #text(method: string, cseq: number, branch: string, { headers = [], body = '' }: Saying): string {
    const party = this.#party;
    if (party.callId === '') party.callId = `${party.key}${party.user}`;
    const to = party.remoteTag === '' ? '' : `;tag=${party.remoteTag}`;
    const lines = [
      `${method} ${party.target} SIP/2.0`,
      `Via: SIP/2.0/TLS ${party.company.options.sentBy};branch=${branch}`,
      'Max-Forwards: 70',
      ...party.routes.map((route) => `Route: ${route}`),
      `From: <${party.local}>;tag=${party.tag}`,
      `To: <${party.remote}>${to}`,
      `Call-ID: ${party.callId}`,
      `CSeq: ${cseq} ${method}`,
      ...(CONTACT_METHODS.has(method) ? [party.contact] : []),
      ...headers,
    ];
    return `${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }
}

/** Before a request is asked for the next time. */
export function pauseMs(turn: number): number {
  return AGAIN_MS * 2 ** Math.min(turn, 3);
}

const CONTACT_METHODS = new Set(['INVITE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'UPDATE']);
const AGAIN_MS = 300;
const TURNS_MAX = 9;

function branchOf(text: string): string {
  return /branch=([^;\s,]+)/.exec(text)?.[1] ?? '';
}

/** CANCEL and the ACK to a rejection: the INVITE's first lines with another method. */
function ofSameBranch(method: string, invite: string): string {
  const kept = /^(Via|Max-Forwards|Route|From|To|Call-ID):/;
  const [first = '', ...lines] = invite.slice(0, invite.indexOf('\r\n\r\n')).split('\r\n');
  return [
    first.replace(/^\w+/, method),
    ...lines.filter((line) => kept.test(line)),
    `CSeq: ${/^CSeq: (\d+)/m.exec(invite)?.[1]} ${method}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
