import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

const TEXT = /^[0-9a-f]{16}\n$/;
const NAME = 'epoch';

/**
 * The epoch of this node's run before, and writes down that of now in its place: each stream of records names the one that
 * it follows, so that an auditor can tell a killed gateway from a shortened ledger.
 *
 * Undefined where none is known; a disk that takes nothing stops nobody here, the journal says so.
 */
export async function takeEpoch(folder: string, current: bigint): Promise<bigint | undefined> {
  const path = join(folder, NAME);
  const text = await readFile(path, 'latin1').catch(() => '');
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${current.toString(16).padStart(16, '0')}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  } catch {
    // The next run does not know it then.
  }
  return TEXT.test(text) ? BigInt(`0x${text.trim()}`) : undefined;
}
