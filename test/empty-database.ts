import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

const CACHE = join(import.meta.dirname, '../node_modules/.cache/sallyport-tests');
const PGLITE = dirname(dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite'))));

/**
 * Puts the files of a new, empty database into a folder that is not there yet, for PGlite to open: they are made
 * once for each version of PGlite, which takes seconds, and then copied.
 */
export async function layEmptyDatabase(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  cpSync(await template(), folder, { recursive: true });
}

async function template(): Promise<string> {
  const manifest = readFileSync(join(PGLITE, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const made = join(CACHE, `empty-database-${version}`);
  if (existsSync(made)) return made;
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(`${made}-`);
  const pglite = await PGlite.create(join(draft, 'data'));
  await pglite.close();
  try {
    renameSync(join(draft, 'data'), made);
  } catch (cause) {
    // Another process was first: one is as good as the other.
    if (!existsSync(made)) throw cause;
  }
  rmSync(draft, { recursive: true, force: true });
  return made;
}
