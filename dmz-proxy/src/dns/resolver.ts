import { randomInt } from 'node:crypto';
import type { SrvRecord as NodeSrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';
import { FairShares } from '@sallyport/shared/net/fair-shares.ts';
import {
  beginLocate,
  type LocateFailure,
  type LocateOptions,
  type LocateSubject,
  stepLocate,
} from '@sallyport/shared/net/locate.ts';
import type { Target } from '@sallyport/shared/net/target.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { AnswerCache, type AnswerCacheMax, questionKey } from './answer-cache.ts';

/** Bounds of asking. */
export interface DnsResolverOptions {
  /** Wait for one server, once. */
  readonly timeoutMs: number;
  /** Times each server is asked. */
  readonly tries: number;
  /** Wait for a whole search, however many questions it takes. */
  readonly locateTimeoutMs: number;
  readonly cacheMax: AnswerCacheMax;
  /** Questions on the wire at once, of which nobody has all; more fail at once. */
  readonly pendingMax: number;
  /** A clock that does not jump. */
  readonly nowMs: () => number;
  /** Hears the code of each question that failed, for counting; never a name. */
  readonly failed: (code: string) => void;
}

/** How a search differs between partners. */
export type LocatePolicy = Omit<LocateOptions, 'randomUpTo'>;

/**
 * Adapter: the only place that turns our questions into DNS queries (c-ares, by `node:dns`).
 *
 * The search itself is `locate` in `shared/net`; this class asks, remembers, and lets
 * equal questions share one query. It never throws and never rejects. Under the permission model
 * it needs `--allow-net` and no file: c-ares reads `/etc/resolv.conf` on its own.
 * Hosts files are not consulted.
 */
export class DnsResolver {
  readonly #options: DnsResolverOptions;
  readonly #pending = new Map<string, Promise<DnsAnswer>>();
  /** Of questions on the wire, by whom they are for: names that no server answers are whose zone they are in. */
  readonly #shares: FairShares;
  #resolver: Resolver;
  #cache: AnswerCache;
  #closed = false;

  /** Begins with the system's name servers. */
  constructor(options: DnsResolverOptions) {
    this.#options = options;
    this.#shares = new FairShares(options.pendingMax);
    this.#resolver = this.#newResolver();
    this.#cache = new AnswerCache(options.cacheMax);
  }

  /**
   * Makes ready to ask these servers: `ip`, `ip:port` or `[ipv6]:port`; none means the system's. What is returned begins to;
   * a text that is no server is said before that.
   *
   * Then what others said is forgotten; questions under way are answered by whom they were put to.
   */
  prepare(nameservers: readonly string[]): Result<() => void, 'nameserver-malformed'> {
    const resolver = this.#newResolver();
    try {
      if (nameservers.length > 0) resolver.setServers(nameservers);
    } catch {
      return err('nameserver-malformed');
    }
    return ok(() => {
      this.#resolver = resolver;
      this.#cache = new AnswerCache(this.#options.cacheMax);
      this.#pending.clear();
    });
  }

  /** Finds where a SIP URI leads (RFC 3263), for that partner. Running out of time is `dns-failed`. */
  async locate(
    subject: LocateSubject,
    policy: LocatePolicy,
    partner: string,
  ): Promise<Result<readonly Target[], LocateFailure>> {
    const timedOut = Promise.withResolvers<Result<readonly Target[], LocateFailure>>();
    const search = { over: false };
    const timer = setTimeout(() => {
      search.over = true;
      timedOut.resolve(err('dns-failed'));
    }, this.#options.locateTimeoutMs);
    try {
      return await Promise.race([this.#search(subject, policy, partner, search), timedOut.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One question, from memory or the wire, for that partner. */
  ask(question: DnsQuestion, partner: string): Promise<DnsAnswer> {
    if (this.#closed) return Promise.resolve({ kind: 'failed' });
    const cached = this.#cache.find(question, this.#options.nowMs());
    if (cached) return Promise.resolve(cached);
    const key = questionKey(question);
    const pending = this.#pending.get(key);
    if (pending) return pending;
    if (!this.#shares.take(partner, 1)) {
      this.#options.failed('pending-max');
      return Promise.resolve({ kind: 'failed' });
    }
    const asked = this.#query(question, this.#cache).finally(() => {
      this.#shares.giveBack(partner, 1);
      if (this.#pending.get(key) === asked) this.#pending.delete(key);
    });
    this.#pending.set(key, asked);
    return asked;
  }

  /** Ends every question under way as failed; later ones fail at once. */
  close(): void {
    this.#closed = true;
    this.#resolver.cancel();
  }

  async #search(
    subject: LocateSubject,
    policy: LocatePolicy,
    partner: string,
    search: { readonly over: boolean },
  ): Promise<Result<readonly Target[], LocateFailure>> {
    const options = { ...policy, randomUpTo: (max: number) => randomInt(max + 1) };
    let turn = beginLocate(subject, options);
    while (turn.kind === 'ask') {
      const { questions } = turn;
      const answers = await Promise.all(questions.map((each) => this.ask(each, partner)));
      if (search.over) return err('dns-failed');
      turn = stepLocate(turn.state, answers, options);
    }
    return turn.kind === 'found' ? ok(turn.targets) : err(turn.reason);
  }

  async #query(question: DnsQuestion, cache: AnswerCache): Promise<DnsAnswer> {
    const { answer, ttlMs } = await this.#answer(question);
    cache.keep(question, answer, ttlMs, this.#options.nowMs());
    return answer;
  }

  async #answer({ type, name }: DnsQuestion): Promise<{ answer: DnsAnswer; ttlMs?: number }> {
    try {
      switch (type) {
        case 'NAPTR':
          return {
            answer: { kind: 'naptr', records: first(await this.#resolver.resolveNaptr(name)) },
          };
        case 'SRV':
          return services(first(await this.#resolver.resolveSrv(name)));
        case 'A':
          return addresses(first(await this.#resolver.resolve4(name, { ttl: true })));
        case 'AAAA':
          return addresses(first(await this.#resolver.resolve6(name, { ttl: true })));
      }
    } catch (cause) {
      const code = errorCode(cause) ?? 'unknown';
      if (ABSENCE.has(code)) return { answer: { kind: 'none' } };
      this.#options.failed(code);
      return { answer: { kind: 'failed' } };
    }
  }

  #newResolver(): Resolver {
    const { timeoutMs, tries } = this.#options;
    return new Resolver({ timeout: timeoutMs, tries, maxTimeout: timeoutMs });
  }
}

/** A zone's owner may put four thousand into one answer, of which a search uses eight, and thousands of answers are kept. */
function first<Entry>(records: readonly Entry[]): readonly Entry[] {
  return records.slice(0, RECORDS_MAX);
}

const RECORDS_MAX = 32;

/** Node calls the target `name`. */
function services(records: readonly NodeSrvRecord[]): { answer: DnsAnswer } {
  return {
    answer: {
      kind: 'srv',
      records: records.map(({ name, ...rest }) => ({ ...rest, target: name })),
    },
  };
}

function addresses(records: readonly { readonly address: string; readonly ttl: number }[]): {
  answer: DnsAnswer;
  ttlMs: number;
} {
  const ttl = Math.min(...records.map((record) => record.ttl));
  return {
    answer: { kind: 'addresses', addresses: records.map((record) => record.address) },
    ttlMs: ttl * 1000,
  };
}

/** No such name; no such record under the name. */
const ABSENCE: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);
