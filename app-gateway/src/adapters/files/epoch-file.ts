import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EarlierRun,
  earlierRunText,
  type NamedSeal,
  parseEarlierRun,
} from '@sallyport/shared/audit/earlier-run.ts';
import { replaceDurably } from './durable-file.ts';

const NAME = 'epoch';

/** What a stream of records is called; unpredictable. */
export function newEpoch(): bigint {
  return randomBytes(8).readBigUInt64BE();
}

/** This run of the node, and the one before where it is known. A disk that takes nothing stops nobody here, the journal says so. */
export class Run {
  readonly before: EarlierRun | undefined;
  readonly #path: string;
  #epoch: bigint;
  #noting: Promise<void> | undefined;

  private constructor(path: string, epoch: bigint, before: EarlierRun | undefined) {
    this.#path = path;
    this.#epoch = epoch;
    this.before = before;
  }

  /**
   * Takes up what the run before has left in this folder, and writes down the epoch of that of now: each stream of records
   * names the one that it follows, so that an auditor can tell a killed gateway from a shortened ledger.
   */
  static async begin(folder: string, epoch: bigint): Promise<Run> {
    const path = join(folder, NAME);
    const before = parseEarlierRun(await readFile(path, 'latin1').catch(() => ''));
    const run = new Run(path, epoch, before);
    await run.#replace(undefined);
    return run;
  }

  /** That of its stream of records: there is another one once the numbers of one are at their end. */
  get epoch(): bigint {
    return this.#epoch;
  }

  /** Another stream of this run begins, which the next run follows: its epoch. */
  goOn(): bigint {
    this.#epoch = newEpoch();
    const before = this.#noting ?? Promise.resolve();
    this.#note(before.then(() => this.#overwrite(undefined)));
    return this.#epoch;
  }

  /**
   * Notes a seal up to which all is in the journal, while the run goes on: the next one names it after a kill too. Written over the
   * line that is there, without waiting for the disk: should the whole machine fail, an older seal is named, or none.
   */
  noteSafeSeal(lastSeal: NamedSeal): void {
    // Behind a slow disk one that comes later does as well.
    if (this.#noting === undefined) this.#note(this.#overwrite(lastSeal));
  }

  /** Writes down with which seal the run of now has ended. */
  async noteLastSeal(lastSeal: NamedSeal): Promise<void> {
    await this.#noting;
    await this.#replace(lastSeal);
  }

  #note(work: Promise<void>): void {
    const noting = work.finally(() => {
      if (this.#noting === noting) this.#noting = undefined;
    });
    this.#noting = noting;
  }

  async #overwrite(lastSeal: NamedSeal | undefined): Promise<void> {
    const line = earlierRunText({ epoch: this.#epoch, lastSeal });
    try {
      const file = await open(this.#path, 'r+');
      try {
        await file.write(line, 0);
      } finally {
        await file.close();
      }
    } catch {
      // The next run names less then.
    }
  }

  async #replace(lastSeal: NamedSeal | undefined): Promise<void> {
    // Where the disk takes nothing, the next run does not know it.
    await replaceDurably(this.#path, earlierRunText({ epoch: this.#epoch, lastSeal }));
  }
}
