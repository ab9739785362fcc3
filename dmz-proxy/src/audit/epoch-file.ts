import { closeSync, constants, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const TEXT = /^([0-9a-f]{16})(?: ([0-9a-f]{64}))?\n$/;
const DURABLY = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_DSYNC;

/** What a run knows of the run before it. */
export interface EarlierRun {
  readonly epoch: bigint;
  /** Hash of its last seal: known where it ended in order, and a gateway had all of it. */
  readonly lastSeal: Buffer | undefined;
}

/**
 * The stream before, and writes down that of now in its place: each stream names the one it follows.
 *
 * Undefined where none is known: it is a help to auditors, and nothing hangs on it.
 */
export function takeEpoch(folder: string, current: bigint): EarlierRun | undefined {
  const path = join(folder, NAME);
  const before = runIn(path);
  write(path, textOf(current));
  return before;
}

/**
 * Writes down with which seal the stream of now has ended, once a gateway has acknowledged everything: the next run
 * names it, and so whoever takes away the end of this run, or all of it, is found out.
 */
export function noteLastSeal(folder: string, current: bigint, lastSeal: Buffer): void {
  write(join(folder, NAME), `${textOf(current)} ${lastSeal.toString('hex')}`);
}

const NAME = 'epoch';

function textOf(epoch: bigint): string {
  return epoch.toString(16).padStart(16, '0');
}

/** Written beside and renamed; where the disk takes nothing, the next run does not know it. */
function write(path: string, text: string): void {
  try {
    const descriptor = openSync(`${path}.new`, DURABLY, 0o600);
    try {
      writeSync(descriptor, `${text}\n`);
    } finally {
      closeSync(descriptor);
    }
    renameSync(`${path}.new`, path);
  } catch {
    return;
  }
}

function runIn(path: string): EarlierRun | undefined {
  try {
    const [, epoch, seal] = TEXT.exec(readFileSync(path, 'latin1')) ?? [];
    if (epoch === undefined) return undefined;
    return {
      epoch: BigInt(`0x${epoch}`),
      lastSeal: seal === undefined ? undefined : Buffer.from(seal, 'hex'),
    };
  } catch {
    return undefined;
  }
}
