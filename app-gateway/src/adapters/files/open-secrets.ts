import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const OTHERS_MAY_READ = 0o004;
const SECRET = /\.(?:key|passphrase)$/;
/** Where a site's folder and a bundle have keys that no setting names. */
const FOLDERS = ['', 'ca', 'keys'];

/** Keys and passphrases of a site or a bundle that every user of this host can read; names relative to the folder. */
export async function openSecrets(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const inner of FOLDERS) {
    for (const name of await namesIn(join(folder, inner))) {
      const file = join(inner, name);
      if (SECRET.test(name) && (await isOpen(folder, file))) found.push(file);
    }
  }
  return found;
}

/** Whether every user of this host can read a file; what is gone meanwhile is no secret any more. */
export async function isOpen(folder: string, file: string): Promise<boolean> {
  const found = await stat(join(folder, file)).catch(() => undefined);
  return found !== undefined && (found.mode & OTHERS_MAY_READ) !== 0;
}

/** A folder that is not there, or that we may not read, has none that we could tell of. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
