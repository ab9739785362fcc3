import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file that a command is about to write, below some folder. */
export interface PlannedFile {
  readonly path: string;
  readonly text: string;
  /** Nobody but the owner may read it: private keys. */
  readonly isSecret?: boolean;
  /** Modification time to keep, for copies whose version must not differ from the original's. */
  readonly changedMs?: number;
}

/** Writes files into a folder that nobody else looks into yet, so that nothing is ever seen half-made. */
export async function writePlannedFiles(
  folder: string,
  files: readonly PlannedFile[],
): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    const mode = file.isSecret === true ? 0o600 : 0o644;
    await writeFile(path, file.text, { mode, flag: 'wx' });
    // The mode given at creation is cut by the umask.
    await chmod(path, mode);
    if (file.changedMs !== undefined) await keepTime(path, file.changedMs);
  }
}

/** Sets a modification time to the millisecond. */
export async function keepTime(path: string, changedMs: number): Promise<void> {
  await utimes(path, changedMs / 1000, changedMs / 1000);
}

/** How a file of JSON is written, for people who will look into it. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
