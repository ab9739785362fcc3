import { err, ok, type Result } from '../result.ts';
import { formatAddress, parseAddress } from './address.ts';
import { TokenBucket } from './token-bucket.ts';

/** Limits on connections by where they come from. */
export interface SourceLimitsOptions {
  /** Open at once, all sources together. */
  readonly connectionsMax: number;
  /** Open at once from one source. */
  readonly connectionsPerSourceMax: number;
  /** New ones from one source, and the burst of one second's worth. */
  readonly connectionsPerSourcePerSecond: number;
  /** Sources remembered at once. */
  readonly sourcesMax: number;
}

/** Why a connection is turned away before its first byte is read. */
export type SourceRefusal = 'connections-max' | 'source-connections-max' | 'source-rate';

/** One admitted connection's place in the table; give it back once. */
export interface SourceLease {
  readonly counted: SourceRecord;
}

/**
 * Counts connections per source in a table of bounded size that an attacker cannot flush.
 *
 * A record is forgotten only when it says nothing: no connection open and its rate
 * bucket full again, which is exactly what a new record would say. So pressing other
 * sources into the table never wipes what one has used up. When the table is full of
 * records that do say something, further *unknown* sources share one record, with the
 * limits of a single source: a flood from many addresses then slows strangers, never
 * those already known. Work per connection is bounded: `EXAMINED_MAX` old records.
 *
 * An attempt refused for too many open connections has used up rate all the same.
 */
export class SourceLimits {
  #options: SourceLimitsOptions;
  readonly #records = new Map<string, SourceRecord>();
  readonly #strangers: SourceRecord;
  #connections = 0;

  constructor(options: SourceLimitsOptions, nowMs: number) {
    this.#options = options;
    this.#strangers = this.#newRecord(nowMs);
  }

  /** Sources remembered now. */
  get sources(): number {
    return this.#records.size;
  }

  /** Connections admitted and not given back. */
  get connections(): number {
    return this.#connections;
  }

  /** Counts a new connection, or says why not. */
  admit(address: string, nowMs: number): Result<SourceLease, SourceRefusal> {
    if (this.#connections >= this.#options.connectionsMax) return err('connections-max');
    const record = this.#recordOf(sourceKey(address), nowMs);
    if (!record.rate.take(nowMs)) return err('source-rate');
    if (record.connections >= this.#options.connectionsPerSourceMax) {
      return err('source-connections-max');
    }
    record.connections++;
    this.#connections++;
    return ok({ counted: record });
  }

  release(lease: SourceLease): void {
    lease.counted.connections--;
    this.#connections--;
  }

  /** New limits hold for connections to come; open ones stay. */
  adjust(options: SourceLimitsOptions, nowMs: number): void {
    this.#options = options;
    const rate = options.connectionsPerSourcePerSecond;
    for (const record of [this.#strangers, ...this.#records.values()]) {
      record.rate.adjust(rate, burstOf(rate), nowMs);
    }
  }

  #recordOf(key: string, nowMs: number): SourceRecord {
    const known = this.#records.get(key);
    if (known) return known;
    this.#forget(nowMs);
    if (this.#records.size >= this.#options.sourcesMax) return this.#strangers;
    const record = this.#newRecord(nowMs);
    this.#records.set(key, record);
    return record;
  }

  /** Looks at the records longest unseen; those that still say something go to the back. */
  #forget(nowMs: number): void {
    let examined = 0;
    for (const [key, record] of this.#records) {
      if (this.#records.size < this.#options.sourcesMax || examined === EXAMINED_MAX) return;
      examined++;
      this.#records.delete(key);
      if (record.connections > 0 || !record.rate.isFull(nowMs)) this.#records.set(key, record);
    }
  }

  #newRecord(nowMs: number): SourceRecord {
    const rate = this.#options.connectionsPerSourcePerSecond;
    return { connections: 0, rate: new TokenBucket(rate, burstOf(rate), nowMs) };
  }
}

/**
 * What counts as one source: an IPv4 address, or the /64 of an IPv6 address.
 *
 * A /64 is the least that one subscriber is given, so counting single IPv6
 * addresses would give every attacker 2^64 sources (RFC 4291 §2.5.4, RFC 6177).
 */
export function sourceKey(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) return 'unknown';
  if (parsed.family === 4) return formatAddress(parsed);
  const [high, low] = parsed.words;
  return `${formatAddress({ family: 6, words: [high, low, 0, 0] })}/64`;
}

/** A rate under one a second still lets a first connection in; a rate of zero lets none in. */
function burstOf(perSecond: number): number {
  return perSecond > 0 ? Math.max(1, perSecond) : 0;
}

interface SourceRecord {
  connections: number;
  readonly rate: TokenBucket;
}

const EXAMINED_MAX = 8;
