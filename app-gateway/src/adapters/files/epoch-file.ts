import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

const TEXT = /^([0-9a-f]{16})(?: ([0-9a-f]{64}))?\n$/;
const NAME = 'epoch';

/** What a run knows of this node's run before it. */
export interface EarlierRun {
  readonly epoch: bigint;
  /** Hash of its last seal: known where it ended in order. */
  readonly lastSeal: Buffer | undefined;
}

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
  const [, before, seal] = TEXT.exec(await readFile(path, 'latin1').catch(() => '')) ?? [];
  await write(path, textOf(epoch));
  if (before === undefined) return { folder, epoch, before };
  const lastSeal = seal === undefined ? undefined : Buffer.from(seal, 'hex');
  return { folder, epoch, before: { epoch: BigInt(`0x${before}`), lastSeal } };
}

/** Writes down with which seal the run of now has ended: the next one names it. */
export async function noteLastSeal({ folder, epoch }: Run, lastSeal: Buffer): Promise<void> {
  await write(join(folder, NAME), `${textOf(epoch)} ${lastSeal.toString('hex')}`);
}

function textOf(epoch: bigint): string {
  return epoch.toString(16).padStart(16, '0');
}

async function write(path: string, text: string): Promise<void> {
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${text}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  } catch {
    // The next run does not know it then.
  }
}
