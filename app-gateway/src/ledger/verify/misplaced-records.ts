import type { FindingList } from './finding.ts';

const KEPT_MAX = 20_000;

/** Records that are not the ones whose hashes are stored at their places, until it can be said what happened to them. */
export class MisplacedRecords {
  readonly #wanted = new Map<string, number>();
  readonly #found: { readonly index: number; readonly wanted: string; readonly got: string }[] = [];
  #more = 0;

  add(index: number, wanted: Buffer, got: Buffer): void {
    if (this.#found.length >= KEPT_MAX) {
      this.#more++;
      return;
    }
    const entry = { index, wanted: wanted.toString('hex'), got: got.toString('hex') };
    this.#found.push(entry);
    this.#wanted.set(entry.wanted, index);
  }

  /** Names each: swapped with another, standing in another's place, or simply changed. */
  report(findings: FindingList, changed: 'record-changed' | 'hash-changed'): void {
    const swapped = new Set<number>();
    const got = new Set(this.#found.map((entry) => entry.got));
    const gotAt = new Map(this.#found.map((entry) => [entry.got, entry.index]));
    for (const { index, wanted, got: here } of this.#found) {
      if (swapped.has(index)) continue;
      const home = this.#wanted.get(here);
      if (home === undefined) {
        findings.add(
          got.has(wanted) && changed === 'record-changed' ? 'record-misplaced' : changed,
          { index },
        );
      } else if (gotAt.get(wanted) === home) {
        swapped.add(home);
        findings.add('records-swapped', { index, detail: `with ${home}` });
      } else {
        findings.add('record-misplaced', { index, detail: `by ${home - index}` });
      }
    }
    if (this.#more > 0) findings.add(changed, { detail: `and ${this.#more} more` });
  }
}
