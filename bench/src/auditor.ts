import { setTimeout as delay } from 'node:timers/promises';
import type { SipSums } from './sip-sums.ts';
import type { SitePeople } from './site-people.ts';

const PAUSE_MS = 10_000;
const SLOW_MS = 10_000;
/** What goes wrong with a question while the site is disturbed, or so soon after, is counted. */
const DISTURBED_MS = 45_000;
const KEPT = ['--keys', 'kept/ledger-keys.json', '--checkpoint', 'kept/ledger-checkpoint.txt'];

/** Who searches the ledger, reports on it and has it verified while the site goes on. */
export class Auditor {
  readonly #people: SitePeople;
  readonly #sums: SipSums;

  constructor(people: SitePeople, sums: SipSums) {
    this.#people = people;
    this.#sums = sums;
  }

  /** Until `endMs`; `wrongAtMs` is when the last misfortune was over, infinite while there is one. */
  async lookOn(endMs: number, wrongAtMs: () => number): Promise<void> {
    const month = new Date().toISOString().slice(0, 7);
    const questions: readonly (readonly string[])[] = [
      ['search', '--partner', 'globex', '--limit', '200'],
      ['verify', '--live', ...KEPT],
      ['search', '--type', 'message-refused'],
      ['report', '--partner', 'globex', '--month', month, '--out'],
      ['stats'],
      ['compare'],
    ];
    await delay(PAUSE_MS);
    let isKept = false;
    for (let turn = 0; performance.now() < endMs; turn++) {
      const words: readonly string[] = isKept ? (questions[turn % questions.length] ?? []) : KEEP;
      const named = words.at(-1) === '--out' ? [...words, `report-${turn}.html`] : words;
      isKept = (await this.#isAnswered(named, wrongAtMs)) || isKept;
      await delay(PAUSE_MS);
    }
  }

  /** At the end, when nothing is wrong. */
  async verify(): Promise<void> {
    await this.#isAnswered(['verify', '--live', ...KEPT], () => Number.NEGATIVE_INFINITY);
  }

  async #isAnswered(words: readonly string[], wrongAtMs: () => number): Promise<boolean> {
    const startMs = performance.now();
    const said = await this.#people.said('audit', ...words);
    const what = `audit ${words[0]}`;
    if (performance.now() - startMs > SLOW_MS) this.#sums.count(`${what} took more than 10 s`);
    this.#sums.count(`${what} ended with ${said.exitCode}`);
    if (said.exitCode === 0) return true;
    const told = `${what} ${said.exitCode}: ${said.out.slice(-2000)}${said.errors}`;
    if (performance.now() - wrongAtMs() < DISTURBED_MS) this.#sums.count(told.slice(0, 600));
    else this.#sums.complain(told);
    return false;
  }
}

const KEEP = ['keys', '--out', 'kept'];
