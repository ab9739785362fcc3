import { hash } from 'node:crypto';
import { type HashSeed, type Keyed, TextTable } from '@sallyport/shared/net/text-table.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { topViaBranch } from '@sallyport/shared/sip/syntax-check.ts';

/** How long the ACK to a final response may be on its way: timers H and I end at 64 × T1 (RFC 3261 §17.2.1). */
const ANSWERED_KEPT_MS = 32_000;
const ANSWERED_MAX = 65_536;

/** Of a branch; a longer one counts by its SHA-256, for a hundred thousand of them are kept. */
const BRANCH_CHARACTERS_MAX = 128;

/** What INVITE, CANCEL and ACK of one connection have in common. */
export function inviteKey(flow: number, branch: string): string {
  const isLong = branch.length > BRANCH_CHARACTERS_MAX;
  return `${flow} ${isLong ? hash('sha256', branch, 'base64') : branch}`;
}

/** CANCEL and the ACK to a final refusal carry the branch of their INVITE (RFC 3261 §9.1, §17.1.1.3). */
export function inviteKeyOf(flow: number, index: MessageIndex): string {
  return inviteKey(flow, topViaBranch(index) ?? index.valueOf(Header.callId) ?? '');
}

interface Route<Link> extends Keyed {
  readonly link: Link;
}

/**
 * Which gateway has an INVITE, for its CANCEL and for the ACK to a refusal: both belong to that very
 * transaction (RFC 3261 §9.2, §17.1.1.3), though the choice by Call-ID may have changed in between.
 *
 * An answered INVITE is remembered for 32 to 64 s, and among at least 65,536 others; one that is forgotten is
 * only routed like any other request.
 */
export class InviteRoutes<Link> {
  readonly #pending: TextTable<Route<Link>>;
  #answered = new Map<string, Link>();
  #answeredBefore = new Map<string, Link>();
  #turnedAtMs: number;

  constructor(nowMs: number, hashSeed: HashSeed) {
    this.#pending = new TextTable(hashSeed);
    this.#turnedAtMs = nowMs;
  }

  /** How many are remembered, whether answered or not. */
  get size(): number {
    return this.#pending.size + this.#answered.size + this.#answeredBefore.size;
  }

  /** False where it is on its way already: that route stays. */
  begin(key: string, link: Link): boolean {
    const keyHash = this.#pending.hashOf(key);
    if (this.#pending.get(key, keyHash) !== undefined) return false;
    this.#pending.set({ key, keyHash, link });
    return true;
  }

  /** It has its final response, or will get none; `by` where another one gave it than had the INVITE. */
  settle(key: string, nowMs: number, by?: Link): void {
    const route = this.#pendingOf(key);
    if (route === undefined) return;
    this.#pending.delete(route);
    this.answered(key, by ?? route.link, nowMs);
  }

  /** It was answered by that one, as soon as it came. */
  answered(key: string, link: Link, nowMs: number): void {
    if (this.#answered.size >= ANSWERED_MAX) this.#turn(nowMs);
    this.#answered.set(key, link);
  }

  find(key: string): Link | undefined {
    return this.#pendingOf(key)?.link ?? this.#answered.get(key) ?? this.#answeredBefore.get(key);
  }

  /** About once a second. */
  sweep(nowMs: number): void {
    if (nowMs - this.#turnedAtMs >= ANSWERED_KEPT_MS) this.#turn(nowMs);
  }

  #pendingOf(key: string): Route<Link> | undefined {
    return this.#pending.get(key, this.#pending.hashOf(key));
  }

  #turn(nowMs: number): void {
    this.#turnedAtMs = nowMs;
    this.#answeredBefore = this.#answered;
    this.#answered = new Map();
  }
}
