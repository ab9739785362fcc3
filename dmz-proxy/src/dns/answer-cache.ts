import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';

/**
 * DNS answers for as long as they may be believed.
 *
 * Addresses live for the shortest TTL among them, at most `ADDRESS_MS_MAX`; a TTL of zero is
 * not kept at all (RFC 1035 §3.2.1). Node tells no TTL for SRV and NAPTR records nor
 * for an absence, so these get a fixed short life, and failures a shorter one, which spares a
 * server in trouble without keeping a partner out for long (RFC 2308 §7).
 * When full, the longest held answer goes: forgetting costs one question.
 */
export class AnswerCache {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, { readonly answer: DnsAnswer; readonly untilMs: number }>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(question: DnsQuestion, nowMs: number): DnsAnswer | undefined {
    const key = questionKey(question);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (nowMs < entry.untilMs) return entry.answer;
    this.#entries.delete(key);
    return undefined;
  }

  /** `ttlMs` is the shortest TTL of the records, where it is known. */
  keep(question: DnsQuestion, answer: DnsAnswer, ttlMs: number | undefined, nowMs: number): void {
    const lifeMs = lifeOf(answer, ttlMs);
    const key = questionKey(question);
    this.#entries.delete(key);
    if (lifeMs <= 0) return;
    if (this.#entries.size >= this.#entriesMax) this.#dropOldest();
    this.#entries.set(key, { answer, untilMs: nowMs + lifeMs });
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}

/** One text per question, for maps. */
export function questionKey(question: DnsQuestion): string {
  return `${question.type} ${question.name}`;
}

function lifeOf(answer: DnsAnswer, ttlMs: number | undefined): number {
  switch (answer.kind) {
    case 'addresses':
      return Math.min(ttlMs ?? 0, ADDRESS_MS_MAX);
    case 'srv':
    case 'naptr':
    case 'none':
      return NO_TTL_MS;
    case 'failed':
      return FAILURE_MS;
  }
}

const ADDRESS_MS_MAX = 3_600_000;
const NO_TTL_MS = 30_000;
const FAILURE_MS = 3000;
