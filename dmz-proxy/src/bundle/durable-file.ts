import { closeSync, constants, openSync, renameSync, writeFileSync } from 'node:fs';

const { O_WRONLY, O_CREAT, O_TRUNC, O_DSYNC, O_NOFOLLOW } = constants;
/**
 * A write returns when its bytes are on the disk; fsync is not ours to call under the permission model. And it goes where it
 * was meant to: root completes bundles in folders that may be others'.
 */
const DURABLY = O_WRONLY | O_CREAT | O_TRUNC | O_DSYNC | O_NOFOLLOW;

/**
 * Replaces a file as a whole: on the disk under another name before it takes its own, so that a crash or a loss of power
 * leaves the old one or the new one, and never an empty one. Throws what the file system throws.
 *
 * `beside` is the other name, one for each process that may write the file at a time.
 */
export function replaceDurably(path: string, text: string, beside = `${path}.new`): void {
  writeDurably(beside, text);
  renameSync(beside, path);
}

/** Writes a file of its owner's alone; it is on the disk when this returns. */
export function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, DURABLY, 0o600);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}
