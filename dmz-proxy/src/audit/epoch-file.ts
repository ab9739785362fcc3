import { closeSync, constants, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const TEXT = /^[0-9a-f]{16}\n$/;
const DURABLY = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_DSYNC;

/**
 * The epoch of the stream before, and writes down that of now in its place: each stream names the one it follows.
 *
 * Undefined where none is known: it is a help to auditors, and nothing hangs on it.
 */
export function takeEpoch(folder: string, current: bigint): bigint | undefined {
  const path = join(folder, 'epoch');
  const before = epochIn(path);
  try {
    const descriptor = openSync(`${path}.new`, DURABLY, 0o600);
    try {
      writeSync(descriptor, `${current.toString(16).padStart(16, '0')}\n`);
    } finally {
      closeSync(descriptor);
    }
    renameSync(`${path}.new`, path);
  } catch {
    // The next run does not know it then.
  }
  return before;
}

function epochIn(path: string): bigint | undefined {
  try {
    const text = readFileSync(path, 'latin1');
    return TEXT.test(text) ? BigInt(`0x${text.trim()}`) : undefined;
  } catch {
    return undefined;
  }
}
