import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';

/** How much is remembered, both at once. */
export interface AnswerCacheMax {
  readonly entries: number;
  readonly bytes: number;
}

interface Held {
  readonly answer: DnsAnswer;
  readonly untilMs: number;
  readonly bytes: number;
}

/**
 * DNS answers for as long as they may be believed.
 *
 * Addresses live for the shortest TTL among them, at most `ADDRESS_MS_MAX`; a TTL of zero is
 * not kept at all (RFC 1035 §3.2.1). Node tells no TTL for SRV and NAPTR records nor
 * for an absence, so these get a fixed short life, and failures a shorter one, which spares a
 * server in trouble without keeping a partner out for long (RFC 2308 §7).
 * When full, the longest held answers go: forgetting costs one question. What counts is their number and their texts, which
 * the owner of a zone makes as long as a record may be.
 */
export class AnswerCache {
  readonly #max: AnswerCacheMax;
  readonly #entries = new Map<string, Held>();
  #bytes = 0;

  constructor(max: AnswerCacheMax) {
    this.#max = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(question: DnsQuestion, nowMs: number): DnsAnswer | undefined {
    const key = questionKey(question);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (nowMs < entry.untilMs) return entry.answer;
    this.#forget(key, entry);
    return undefined;
  }

  /** `ttlMs` is the shortest TTL of the records, where it is known. */
  keep(question: DnsQuestion, answer: DnsAnswer, ttlMs: number | undefined, nowMs: number): void {
    const lifeMs = lifeOf(answer, ttlMs);
    const key = questionKey(question);
    const before = this.#entries.get(key);
    if (before !== undefined) this.#forget(key, before);
    if (lifeMs <= 0) return;
    const bytes = ENTRY_BYTES + key.length + bytesOf(answer);
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size < this.#max.entries && this.#bytes + bytes <= this.#max.bytes) break;
      this.#forget(oldest, entry);
    }
    this.#entries.set(key, { answer, untilMs: nowMs + lifeMs, bytes });
    this.#bytes += bytes;
  }

  #forget(key: string, { bytes }: Held): void {
    this.#entries.delete(key);
    this.#bytes -= bytes;
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

/** About what an answer takes in memory: its texts, and what holds them. */
function bytesOf(answer: DnsAnswer): number {
  switch (answer.kind) {
    case 'addresses':
      return sum(answer.addresses, (address) => address.length);
    case 'srv':
      return sum(answer.records, ({ target }) => target.length);
    case 'naptr':
      return sum(
        answer.records,
        ({ flags, service, regexp, replacement }) =>
          flags.length + service.length + regexp.length + replacement.length,
      );
    case 'none':
    case 'failed':
      return 0;
  }
}

function sum<Entry>(records: readonly Entry[], charactersOf: (record: Entry) => number): number {
  return records.reduce((total, record) => total + RECORD_BYTES + charactersOf(record), 0);
}

const ENTRY_BYTES = 256;
const RECORD_BYTES = 128;
const ADDRESS_MS_MAX = 3_600_000;
const NO_TTL_MS = 30_000;
const FAILURE_MS = 3000;
