import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { Flow } from '../flows/flow.ts';
import type { Counters } from '../health/counters.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';
import type { TrialRule } from '../identity/trial.ts';
import { triedOnAddress, triedOnIdentity } from '../identity/tried.ts';

/** How often one rule of one partner is written about; in between it is only counted. */
const LINE_EVERY_MS = 60_000;
/** Partners times rules; beyond that all are written about anew. */
const ENTRIES_MAX = 10_000;

/**
 * Reports what rules on trial would have refused: counted each time that they are tried, written once a minute per partner and rule.
 *
 * A line holds partner, rule and flow, and never anything from a message.
 */
export class WouldRefuse {
  readonly #log: Logger;
  readonly #counters: Counters;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, { count: number; nextLineAtMs: number }>();

  constructor(log: Logger, counters: Counters, nowMs: () => number) {
    this.#log = log;
    this.#counters = counters;
    this.#nowMs = nowMs;
  }

  /** Tries the rules that concern who the peer is; without any on trial it costs nothing. */
  judge({ facts, identity }: Flow, revocationOf: RevocationOf | undefined, wallMs: number): void {
    const { partner } = identity;
    const { trial } = partner;
    if (trial === undefined) return;
    const purpose = facts.direction === 'inbound' ? 'client' : 'server';
    const { remoteAddress, id } = facts;
    const rules =
      identity.path === undefined
        ? triedOnAddress(trial, purpose, remoteAddress)
        : triedOnIdentity(trial, identity, purpose, remoteAddress, revocationOf, wallMs);
    for (const rule of rules) this.report(partner.id, rule, id);
  }

  report(partner: string, rule: TrialRule, flow: number): void {
    this.#counters.add(`would-refuse:${rule}`);
    const entry = this.#entryOf(`${partner} ${rule}`);
    entry.count++;
    const nowMs = this.#nowMs();
    if (nowMs < entry.nextLineAtMs) return;
    this.#log.info('would-refuse', { partner, rule, flow, count: entry.count });
    entry.count = 0;
    entry.nextLineAtMs = nowMs + LINE_EVERY_MS;
  }

  #entryOf(key: string): { count: number; nextLineAtMs: number } {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= ENTRIES_MAX) this.#entries.clear();
    const entry = { count: 0, nextLineAtMs: 0 };
    this.#entries.set(key, entry);
    return entry;
  }
}
