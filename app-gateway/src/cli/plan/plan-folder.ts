import { createHash, createHmac } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { jsonText, keepTime, type PlannedFile, writePlannedFiles } from '../files/planned-file.ts';
import { inDraftFolder } from '../files/unfinished.ts';

/** What `plan` keeps about the files it wrote, so that it never touches anybody else's. */
export const MANIFEST_FILE = 'plan.json';

const FORMAT = 'sallyport-plan-1';
const FILES_MAX = 100_000;

/** Everything that shall stand in a plan's folder, the manifest aside. */
export interface PlannedFolder {
  readonly site: string;
  readonly files: readonly PlannedFile[];
  /** Folders whose own time counts as a change of the site. */
  readonly folders: readonly { readonly path: string; readonly changedMs: number }[];
  /** Secrets are known again by a digest with this key: a plain one of a password could be guessed. */
  readonly digestKey: Buffer;
}

/** Why a folder is left alone. */
export interface FolderRefusal {
  readonly message: string;
  readonly next: string;
}

/** Texts of an earlier plan by path, empty where there is none; a refusal where something else lies there. */
export async function readPlanFolder(
  folder: string,
  site: string,
  digestKey: Buffer,
): Promise<Result<ReadonlyMap<string, string>, FolderRefusal>> {
  const target = resolve(folder);
  await rescue(target);
  const names = await filesBelow(target);
  if (names === undefined || names.length === 0) return ok(new Map());
  const manifest = await readManifest(target);
  if (manifest === undefined) {
    return err({
      message: `${folder} is not empty and holds no plan`,
      next: 'choose a new folder; plan never overwrites anything but its own files',
    });
  }
  if (manifest.site !== site) {
    return err({
      message: `${folder} holds the plan of another site, ${manifest.site}`,
      next: 'choose another folder',
    });
  }
  const texts = new Map<string, string>();
  const foreign: string[] = [];
  for (const path of names.filter((name) => name !== MANIFEST_FILE)) {
    const entry = manifest.files[path];
    const text = entry === undefined ? undefined : await readFile(join(target, path), 'utf8');
    if (
      entry === undefined ||
      text === undefined ||
      digest(text, entry.isSecret, digestKey) !== entry.digest
    ) {
      foreign.push(path);
    } else texts.set(path, text);
  }
  if (foreign.length > 0) {
    const more = foreign.length > 5 ? ` and ${foreign.length - 5} more` : '';
    return err({
      message: `${folder} holds files that plan did not write, or that were changed since: ${foreign.slice(0, 5).join(', ')}${more}`,
      next: 'move them elsewhere; changes belong into the site file',
    });
  }
  return ok(texts);
}

/** The manifest's text for what shall stand in a folder; the same for the same files. */
export function manifestText(planned: PlannedFolder): string {
  const files = planned.files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((file): [string, ManifestEntry] => {
      const isSecret = file.isSecret === true;
      const time = file.changedMs === undefined ? {} : { changedMs: file.changedMs };
      return [
        file.path,
        { digest: digest(file.text, isSecret, planned.digestKey), isSecret, ...time },
      ];
    });
  const manifest: Manifest = {
    format: FORMAT,
    site: planned.site,
    files: Object.fromEntries(files),
    folders: planned.folders,
  };
  return jsonText(manifest);
}

/**
 * Puts everything into the folder at once, in place of an earlier plan; false where nothing was different.
 *
 * The old folder stays beside it until the new one is in its place: a run that was cut off leaves one of them.
 */
export async function writePlanFolder(folder: string, planned: PlannedFolder): Promise<boolean> {
  const target = resolve(folder);
  const manifest = manifestText(planned);
  const names = new Set((await filesBelow(target)) ?? []);
  const isWhole = planned.files.every(({ path }) => names.has(path));
  if (isWhole && (await readText(join(target, MANIFEST_FILE))) === manifest) return false;
  await inDraftFolder(target, (draft) => putInPlace(draft, target, planned, manifest));
  return true;
}

async function putInPlace(
  draft: string,
  target: string,
  planned: PlannedFolder,
  manifest: string,
): Promise<void> {
  await writePlannedFiles(draft, [...planned.files, { path: MANIFEST_FILE, text: manifest }]);
  for (const { path, changedMs } of planned.folders) {
    await mkdir(join(draft, path), { recursive: true });
    await keepTime(join(draft, path), changedMs);
  }
  const aside = asideOf(target);
  await rm(aside, { recursive: true, force: true });
  if (await exists(target)) await rename(target, aside);
  await rename(draft, target);
  await rm(aside, { recursive: true, force: true });
}

interface ManifestEntry {
  /** SHA-256 in hexadecimal; with a key of the site where the file is a secret. */
  readonly digest: string;
  readonly isSecret: boolean;
  readonly changedMs?: number;
}

interface Manifest {
  readonly format: typeof FORMAT;
  readonly site: string;
  readonly files: Readonly<Record<string, ManifestEntry>>;
  readonly folders: PlannedFolder['folders'];
}

/** A run that was cut off between its two renames has left the only plan aside. */
async function rescue(target: string): Promise<void> {
  const aside = asideOf(target);
  if (!(await exists(target)) && (await exists(aside))) await rename(aside, target);
}

function asideOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.old`);
}

async function readManifest(target: string): Promise<Manifest | undefined> {
  const text = await readText(join(target, MANIFEST_FILE));
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Manifest;
    const isOurs = value.format === FORMAT && typeof value.site === 'string';
    return isOurs && typeof value.files === 'object' && value.files !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function digest(text: string, isSecret: boolean, key: Buffer): string {
  const hash = isSecret ? createHmac('sha256', key) : createHash('sha256');
  return hash.update(text).digest('hex');
}

/** Paths of everything but folders, links included; undefined where there is no such folder. */
async function filesBelow(folder: string): Promise<readonly string[] | undefined> {
  if (!(await exists(folder))) return undefined;
  const names = await readdir(folder, { recursive: true });
  if (names.length > FILES_MAX) throw new Error(`more than ${FILES_MAX} files`);
  const files: string[] = [];
  for (const name of names) {
    if (!(await lstat(join(folder, name))).isDirectory()) files.push(name);
  }
  return files;
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
