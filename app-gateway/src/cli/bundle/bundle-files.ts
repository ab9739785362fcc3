import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { BACKUP_FILE_BYTES_MAX } from '../../backup/backup-frame.ts';
import type { BackupFile } from '../../backup/backup-manifest.ts';
import { causeOf } from '../outcome.ts';

/** A file of a bundle with its content. */
export interface BundleFile {
  readonly file: BackupFile;
  readonly content: Buffer;
}

/** What is not files of the bundle but the program's own: the embedded database, sockets and the journal. */
const LEFT_OUT: ReadonlySet<string> = new Set(['state', 'run']);
const FILES_MAX = 50_000;

/** Paths of a bundle's files below its folder, sorted; a link, or anything that is no file, is refused. */
export async function listBundle(folder: string): Promise<Result<readonly string[], string>> {
  const found: string[] = [];
  try {
    const waiting = [''];
    for (let inner = waiting.pop(); inner !== undefined; inner = waiting.pop()) {
      for (const entry of await readdir(join(folder, inner), { withFileTypes: true })) {
        const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
        if (LEFT_OUT.has(path)) continue;
        if (entry.isDirectory()) waiting.push(path);
        else if (entry.isFile()) found.push(path);
        else return err(`${path}: is neither a file nor a folder`);
      }
      if (found.length + waiting.length > FILES_MAX) return err(`more than ${FILES_MAX} files`);
    }
    return ok(found.sort());
  } catch (cause) {
    return err(causeOf(cause));
  }
}

/** One file with its permissions and its time. */
export async function readBundleFile(
  folder: string,
  path: string,
): Promise<Result<BundleFile, string>> {
  try {
    const { size, mode, mtimeMs } = await lstat(join(folder, path));
    if (size > BACKUP_FILE_BYTES_MAX) return err(`${path}: is too large`);
    const content = await readFile(join(folder, path));
    const around = await lstat(dirname(join(folder, path)));
    const file = {
      path,
      mode: mode & 0o777,
      mtimeMs: Math.floor(mtimeMs),
      folderMtimeMs: Math.floor(around.mtimeMs),
    };
    return ok({ file, content });
  } catch (cause) {
    return err(`${path}: ${causeOf(cause)}`);
  }
}
