import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_DSYNC, O_NOFOLLOW } = constants;
/** A write returns when its bytes are on the disk; fsync is not ours to call under the permission model. And it follows no link. */
const DURABLY = O_WRONLY | O_CREAT | O_DSYNC | O_NOFOLLOW;

/**
 * Replaces a file as a whole: on the disk under another name before it takes its own, so that a crash or a loss of power
 * leaves the old one or the new one, and never an empty one. Throws what the file system throws.
 *
 * Its owner's alone. `beside` is the other name, one for each process that may write the file at a time.
 */
export function replaceDurably(path: string, text: string, beside = `${path}.new`): void {
  write(beside, text, O_TRUNC, 0o600);
  renameSync(beside, path);
}

/**
 * Writes a file that nobody has made before, with those rights from its first moment on: root completes bundles in folders that
 * may be others', and what is changed by its name later may be something else by then.
 */
export function createDurably(path: string, text: string, mode: number): void {
  rmSync(path, { force: true });
  const umask = process.umask(0);
  try {
    write(path, text, O_EXCL, mode);
  } finally {
    process.umask(umask);
  }
}

function write(path: string, text: string, unlike: number, mode: number): void {
  const descriptor = openSync(path, DURABLY | unlike, mode);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}
