import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EarlierRun,
  earlierRunText,
  parseEarlierRun,
} from '@sallyport/shared/audit/earlier-run.ts';

const NAME = 'epoch';

/** This run of the node, in whose folder that stands, and the one before where it is known. */
export interface Run {
  readonly folder: string;
  readonly epoch: bigint;
  readonly before: EarlierRun | undefined;
}

/**
 * This node's run before, and writes down the epoch of that of now: each stream of records names the one that
 * it follows, so that an auditor can tell a killed gateway from a shortened ledger.
 *
 * Undefined where none is known; a disk that takes nothing stops nobody here, the journal says so.
 */
export async function takeEpoch(folder: string, epoch: bigint): Promise<Run> {
  const path = join(folder, NAME);
  const before = parseEarlierRun(await readFile(path, 'latin1').catch(() => ''));
  await write(path, { epoch, lastSeal: undefined });
  return { folder, epoch, before };
}

/** Writes down with which seal the run of now has ended: the next one names it. */
export async function noteLastSeal({ folder, epoch }: Run, lastSeal: Buffer): Promise<void> {
  await write(join(folder, NAME), { epoch, lastSeal });
}

async function write(path: string, run: EarlierRun): Promise<void> {
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(earlierRunText(run));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  } catch {
    // The next run does not know it then.
  }
}
