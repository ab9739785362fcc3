import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { checkRequest, checkResponse } from '@sallyport/shared/sip/syntax-check.ts';
import { SeededRandom } from '../../../fuzz/mutator.ts';
import { environment } from '../../../peers/support/environment.ts';
import { CoreStage, FakeOrigin, LIMITS, type Sent, SITE, startLine } from './core-stage.ts';
import { INSIDE, WildMessages } from './wild-messages.ts';

/*
 * Conversations in which nobody keeps to the rules but those of syntax: requests and answers of any kind, at any time, twice, late, to
 * somebody else; connections that end, next hops that fail. As many as one likes:
 *   SEED=7 STEPS=1000000 node --test test/app-gateway/domain/core/any-conversation.test.ts
 */

const seed = Number(environment['SEED'] ?? 1);
const steps = Number(environment['STEPS'] ?? 12_000);
const STEPS_EACH = 300;
/** Longer than any transaction lives: timer C, then that of a CANCEL, then H. */
const OVER_MS = 600_000;
const HOSTS = ['staff/one.inner.example:5061', 'staff/two.inner.example:5061'];
const SENT_MAX = 60;
const index = new MessageIndex(LIMITS);

/** A request that was put in. */
interface Asked {
  readonly origin: FakeOrigin;
  readonly exchange: number;
  readonly method: string;
  readonly text: string;
}

class Conversation {
  readonly #random: SeededRandom;
  readonly #messages: WildMessages;
  readonly #stage = new CoreStage(SITE, 'epoch00001', undefined, 500, 64 * 2 ** 20);
  readonly #origins = [this.#stage.globex, this.#stage.initech, this.#stage.staff];
  readonly #asked: Asked[] = [];
  /** The newest requests that came out. */
  readonly #sent: Sent[] = [];
  /** Final status by exchange. */
  readonly #finals = new Map<number, number>();
  #flows = 2;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#messages = new WildMessages(random);
  }

  step(): void {
    const kind = this.#random.below(100);
    if (kind < 25) this.#request();
    else if (kind < 65) this.#response();
    else if (kind < 73) this.#again('CANCEL');
    else if (kind < 80) this.#again('ACK');
    else if (kind < 83) this.#again(undefined);
    else if (kind < 90) this.#wait();
    else if (kind < 92) this.#linkLost();
    else if (kind < 94) this.#fails();
    else if (kind < 95) this.#originEnds();
    else if (kind < 97) this.#toggle();
    else this.#moved();
    const { nextTurn } = this.#stage;
    while (nextTurn.length > 0 && this.#random.below(3) === 0) nextTurn.shift()?.();
    this.#look();
  }

  /** Nobody says anything more. */
  end(): void {
    const { core, links, nextTurn } = this.#stage;
    this.#stage.isUp = true;
    for (let turn = 0; turn < 3; turn++) {
      while (nextTurn.length > 0) nextTurn.shift()?.();
      this.#stage.pass(OVER_MS);
      this.#look();
    }
    assert.equal(core.size, 0, 'transactions are left');
    for (const { share } of this.#origins) assert.deepEqual(share, { held: 0, bytes: 0 });
    for (const { lastWaiting } of links.values()) assert.ok(lastWaiting === undefined);
    for (const { origin, exchange, text } of this.#asked) {
      const isOver = this.#finals.has(exchange) || origin.abandoned.includes(exchange);
      assert.ok(isOver || !origin.isOpen, `no answer: ${text}`);
    }
  }

  #request(): void {
    const origin = this.#random.pick(this.#origins);
    const method = this.#messages.method();
    this.#put(origin, method, this.#messages.request(origin, method));
  }

  #put(origin: FakeOrigin, method: string, text: string): void {
    if (!origin.isOpen) return;
    const exchange = this.#asked.length + 1;
    if (method !== 'ACK') this.#asked.push({ origin, exchange, method, text });
    this.#stage.request(origin, text, method === 'ACK' ? 0 : exchange);
  }

  #response(): void {
    const random = this.#random;
    const request = random.below(3) > 0 ? this.#lately(8) : this.#lately(SENT_MAX);
    if (request === undefined) return;
    const side = request.to === 'community' ? 'inside' : 'outside';
    const peer = request.target?.partner ?? 'staff';
    const text = this.#messages.response(side, request.text);
    this.#stage.response(random.below(20) === 0 ? 'initech' : peer, text);
  }

  /** A request of before as it was, or its CANCEL or ACK, from where it came or from somebody else. */
  #again(method: 'CANCEL' | 'ACK' | undefined): void {
    const random = this.#random;
    const recent = this.#asked
      .slice(-12)
      .filter((one) => method === undefined || one.method === 'INVITE');
    if (recent.length === 0) return;
    const before = random.pick(recent);
    const isSame = random.below(5) > 0 && before.origin.isOpen;
    const { side } = before.origin;
    const alike = this.#origins.filter((origin) => origin.side === side && origin.isOpen);
    const origin = isSame ? before.origin : random.pick(alike);
    if (method === undefined) return this.#put(origin, before.method, before.text);
    const text = before.text
      .replace(/^INVITE/, method)
      .replace(/(CSeq: \d+) INVITE/, `$1 ${method}`);
    const isOfDialog = method === 'ACK' && random.below(2) === 0;
    const tagged = text.replace(/(To: <[^>]*>)\r\n/, `$1;tag=${this.#messages.tag(side)}\r\n`);
    this.#put(origin, method, isOfDialog ? tagged : text);
  }

  #wait(): void {
    const random = this.#random;
    this.#stage.pass(50 * (1 + random.below(random.pick([2, 20, 1000]))));
  }

  #linkLost(): void {
    const links = [...this.#stage.links.values()];
    if (links.length > 0) this.#stage.core.linkLost(this.#random.pick(links));
  }

  #fails(): void {
    const random = this.#random;
    const number = random.below(4) === 0 ? random.below(1000) : (this.#lately(20)?.number ?? 1);
    const remote = random.pick([undefined, '198.51.100.7:5061', '']);
    const isOwn = () => random.below(4) > 0;
    this.#stage.core.transportFailed(number, isOwn, remote, random.below(2) === 0);
  }

  /** It was sent over another connection than it was asked for. */
  #moved(): void {
    const random = this.#random;
    const links = [...this.#stage.links.values()].filter(({ peer }) => peer !== 'staff');
    const request = this.#lately(8);
    if (links.length === 0 || request === undefined) return;
    const link = random.pick(links);
    const other = `198.51.100.${random.below(9)}:5061`;
    const next =
      random.below(2) === 0 ? link : this.#stage.link(other, link.peer, `edge-1/0/${link.peer}`);
    this.#stage.core.sent(request.number, link, next);
  }

  #originEnds(): void {
    const { core, sent } = this.#stage;
    const outside = this.#origins.filter(({ side, isOpen }) => side === 'outside' && isOpen);
    const origin = this.#random.pick(outside);
    origin.isOpen = false;
    origin.isOrphaned = this.#random.below(2) === 0;
    if (origin.isOrphaned) core.originsLost();
    const flow = `edge-1/0/${++this.#flows}`;
    const { peer, share } = origin;
    this.#origins.push(new FakeOrigin('outside', peer, flow, sent, undefined, share));
  }

  #toggle(): void {
    const random = this.#random;
    const stage = this.#stage;
    switch (random.below(5)) {
      case 0:
        stage.up = HOSTS.filter(() => random.below(3) > 0);
        return;
      case 1:
        stage.broken.add(random.pick([...HOSTS, 'globex', 'initech']));
        return;
      case 2:
        stage.isUp = !stage.isUp;
        return;
      case 3:
        stage.core.partnersGone(new Set([random.pick(['globex', 'initech', 'none', 'none'])]));
        return;
      default:
        stage.broken.clear();
        stage.isUp = true;
        stage.up = HOSTS;
    }
  }

  #lately(count: number): Sent | undefined {
    const { length } = this.#sent;
    return this.#sent.at(-1 - this.#random.below(Math.max(1, Math.min(count, length))));
  }

  /** What came out is sound, tells nothing, and answers what was asked, once. */
  #look(): void {
    for (const one of this.#stage.take()) {
      const { text, to, where } = one;
      const bytes = Buffer.from(text, 'latin1');
      assert.equal(index.scan(bytes, 0, bytes.length), bytes.length, text);
      assert.equal(index.isRequest ? checkRequest(index) : checkResponse(index), undefined, text);
      const isOutward = to === 'partner' || (to === 'origin' && where !== 'staff');
      // A Request-URI of ours is a Contact of the partner's, as a rule, and stays as it is.
      const told = index.isRequest ? text.slice(text.indexOf('\r\n')) : text;
      if (isOutward) assert.doesNotMatch(told, INSIDE, text);
      this.#messages.learn(isOutward ? 'outside' : 'inside', text);
      if (to === 'origin') this.#answered(one);
      else if (this.#sent.push(one) > SENT_MAX) this.#sent.shift();
    }
  }

  #answered({ number, isFinal, text }: Sent): void {
    const status = Number(text.slice(8, 11));
    assert.equal(isFinal, status >= 200, text);
    if (!isFinal) return;
    const one = this.#asked[number - 1];
    assert.ok(one !== undefined, `an answer to nobody: ${text}`);
    const before = this.#finals.get(number);
    // Each 2xx of a call that was forked goes on.
    const isLate = one.method === 'INVITE' && status < 300;
    assert.ok(before === undefined || isLate, `${before}, then ${startLine(text)}: ${one.text}`);
    this.#finals.set(number, status);
  }
}

describe('the core keeps its promises in any conversation', () => {
  it(`${steps} steps, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    for (let done = 0; done < steps; done += STEPS_EACH) {
      const conversation = new Conversation(random);
      for (let at = 0; at < STEPS_EACH; at++) conversation.step();
      conversation.end();
    }
  });
});
