import { setTimeout as wait } from 'node:timers/promises';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import type { Desk } from './desk.ts';

const FIND_TIMEOUT_MS = 5000;
const ASK_AGAIN_MS = 25;
/** The ledger has milliseconds, and a proxy's clock is read once a turn. */
const CLOCK_SLACK_MS = 50;

/** Finds the record that tells of something a moment ago: the ledger has it some 100 ms after it happened. */
export class LedgerLookup {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Index of the record of the request that began with this Call-ID: at the edge, or of the gateway that refused it. */
  ofCall(callId: string): Promise<number> {
    const type = ['message-admitted', 'message-sent', 'message-refused', 'policy-decision'];
    return this.#first(`Call-ID ${callId}`, { callId, type });
  }

  /** Index of the first record of a connection or a request that was turned away for this reason, since then. */
  ofRefusal(code: string, sinceMs: number): Promise<number> {
    return this.#first(code, {
      type: ['connection-refused', 'message-refused', 'connection-closed'],
      verdict: code,
      source: '127.0.0.1',
      from: new Date(sinceMs - CLOCK_SLACK_MS).toISOString(),
    });
  }

  async #first(what: string, query: Readonly<Record<string, unknown>>): Promise<number> {
    const endMs = performance.now() + FIND_TIMEOUT_MS;
    for (;;) {
      const { entries } = await this.#desk.give<{ readonly entries: readonly EntryView[] }>(
        'audit search',
        { ...query, limit: 1000 },
        undefined,
      );
      const oldest = entries.at(-1);
      if (oldest !== undefined) return oldest.index;
      if (performance.now() > endMs) throw new Error(`nothing of ${what}`);
      await wait(ASK_AGAIN_MS);
    }
  }
}
