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

/**
 * This node's run before, and writes down the epoch of that of now: each stream of records names the one that
 * it follows, so that an auditor can tell a killed gateway from a shortened ledger.
 *
 * Undefined where none is known; a disk that takes nothing stops nobody here, the journal says so.
 */
export async function takeEpoch(folder: string, current: bigint): Promise<EarlierRun | undefined> {
  const path = join(folder, NAME);
  const [, epoch, seal] = TEXT.exec(await readFile(path, 'latin1').catch(() => '')) ?? [];
  await write(path, textOf(current));
  if (epoch === undefined) return undefined;
  const lastSeal = seal === undefined ? undefined : Buffer.from(seal, 'hex');
  return { epoch: BigInt(`0x${epoch}`), lastSeal };
}

/** Writes down with which seal the run of now has ended: the next one names it. */
export async function noteLastSeal(
  folder: string,
  current: bigint,
  lastSeal: Buffer,
): Promise<void> {
  await write(join(folder, NAME), `${textOf(current)} ${lastSeal.toString('hex')}`);
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
