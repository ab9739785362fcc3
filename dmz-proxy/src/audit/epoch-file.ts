import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EarlierRun,
  earlierRunText,
  type NamedSeal,
  parseEarlierRun,
} from '@sallyport/shared/audit/earlier-run.ts';
import { replaceDurably } from '../bundle/durable-file.ts';

/**
 * The stream before, and writes down that of now in its place: each stream names the one it follows.
 *
 * Undefined where none is known: it is a help to auditors, and nothing hangs on it.
 */
export function takeEpoch(folder: string, current: bigint): EarlierRun | undefined {
  const path = join(folder, NAME);
  const before = runIn(path);
  write(path, { epoch: current, lastSeal: undefined });
  return before;
}

/**
 * Writes down with which seal the stream of now has ended, once a gateway has acknowledged everything: the next run
 * names it, and so whoever takes away the end of this run, or all of it, is found out.
 */
export function noteLastSeal(folder: string, current: bigint, lastSeal: NamedSeal): void {
  write(join(folder, NAME), { epoch: current, lastSeal });
}

/**
 * Notes a seal up to which all is safe elsewhere, while the run goes on: the next one names it after a kill too. Written over the
 * line that is there, without waiting for the disk: should the whole machine fail, an older seal is named, or none.
 */
export function noteSafeSeal(folder: string, current: bigint, lastSeal: NamedSeal): void {
  try {
    const descriptor = openSync(join(folder, NAME), 'r+');
    try {
      writeSync(descriptor, earlierRunText({ epoch: current, lastSeal }), 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The file is not there, or the disk takes nothing: the next run names less.
  }
}

const NAME = 'epoch';

/** Where the disk takes nothing, the next run does not know it. */
function write(path: string, run: EarlierRun): void {
  try {
    replaceDurably(path, earlierRunText(run));
  } catch {
    return;
  }
}

function runIn(path: string): EarlierRun | undefined {
  try {
    return parseEarlierRun(readFileSync(path, 'latin1'));
  } catch {
    return undefined;
  }
}
