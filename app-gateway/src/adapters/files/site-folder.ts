import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  filesNamedBy,
  type ParsedSite,
  parseSite,
  type SourceText,
} from '../../config/parse-site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import { isOpen, openSecrets } from './open-secrets.ts';

const FILE_BYTES_MAX = 1_048_576;
const PARTNERS_MAX = 10_000;
const MISSING = 'no such file';

/** Everything that one pass over a site's folder has read. */
export interface SiteFolder {
  /** Absent when `site.yaml` cannot be read or broke its schema. */
  readonly parsed: ParsedSite | undefined;
  readonly problems: readonly SiteProblem[];
  /** Text of `site.yaml` and of the partners' files, as far as they could be read. */
  readonly yaml: readonly SourceText[];
  /** The files that the YAML files name: text, or why there is none. */
  readonly named: ReadonlyMap<string, Result<string, string>>;
  /** Modification times of all files read and of the `partners` folder, in milliseconds. */
  readonly changedMs: ReadonlyMap<string, number>;
  /** Files with secrets that every user of this host can read, sorted. */
  readonly openFiles: readonly string[];
}

/** Reads `site.yaml`, `partners/*.yaml` and every file they name; never throws for what it finds. */
export async function readSiteFolder(folder: string): Promise<SiteFolder> {
  const changedMs = new Map<string, number>();
  const problems: SiteProblem[] = [];
  const site = await readText(folder, 'site.yaml', changedMs);
  if (!site.ok) problems.push(unreadable('site.yaml', site.error));
  const partners = await readPartners(folder, changedMs, problems);
  const named = new Map<string, Result<string, string>>();
  if (!site.ok) {
    return { parsed: undefined, problems, yaml: partners, named, changedMs, openFiles: [] };
  }

  const openFiles = new Set(await openSecrets(folder));
  const siteText = { file: 'site.yaml', text: site.value };
  const parsing = parseSite(siteText, partners);
  problems.push(...parsing.problems);
  if (parsing.parsed !== undefined) {
    const { database } = parsing.parsed.site.content;
    const passwordFile = database?.kind === 'postgresql' ? database.passwordFile : undefined;
    for (const file of filesNamedBy(parsing.parsed)) {
      const text = await readText(folder, file, changedMs);
      named.set(file, text);
      const isSecret =
        text.ok && (text.value.includes('PRIVATE KEY-----') || file === passwordFile);
      if (isSecret && (await isOpen(folder, file))) {
        problems.push(openKey(file));
        openFiles.add(file);
      }
    }
  }
  return {
    parsed: parsing.parsed,
    problems,
    yaml: [siteText, ...partners],
    named,
    changedMs,
    openFiles: [...openFiles].sort(),
  };
}

/** A missing folder holds no partners: version control keeps no empty ones. */
async function readPartners(
  folder: string,
  changedMs: Map<string, number>,
  problems: SiteProblem[],
): Promise<readonly SourceText[]> {
  const names = await listFolder(folder, 'partners', changedMs);
  if (!names.ok) {
    if (names.error !== MISSING) problems.push(unreadable('partners', names.error));
    return [];
  }
  const files = names.value.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  if (files.length > PARTNERS_MAX) {
    problems.push(unreadable('partners', `more than ${PARTNERS_MAX} partners`));
  }
  const texts: SourceText[] = [];
  for (const name of files.slice(0, PARTNERS_MAX)) {
    const file = `partners/${name}`;
    const text = await readText(folder, file, changedMs);
    if (text.ok) texts.push({ file, text: text.value });
    else problems.push(unreadable(file, text.error));
  }
  return texts;
}

async function readText(
  folder: string,
  file: string,
  changedMs: Map<string, number>,
): Promise<Result<string, string>> {
  try {
    const path = join(folder, file);
    const { size, mtimeMs } = await stat(path);
    if (size > FILE_BYTES_MAX) return err(`larger than ${FILE_BYTES_MAX} bytes`);
    const bytes = await readFile(path);
    changedMs.set(file, Math.floor(mtimeMs));
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return err(reasonOf(cause));
  }
}

async function listFolder(
  folder: string,
  name: string,
  changedMs: Map<string, number>,
): Promise<Result<readonly string[], string>> {
  try {
    const path = join(folder, name);
    const names = await readdir(path);
    changedMs.set(name, Math.floor((await stat(path)).mtimeMs));
    return ok(names);
  } catch (cause) {
    return err(reasonOf(cause));
  }
}

function openKey(file: string): SiteProblem {
  const message = `can be read by every user of this host; do: chmod 600 ${file}`;
  return { severity: 'warning', file, path: '', message };
}

function unreadable(file: string, reason: string): SiteProblem {
  return { severity: 'error', file, path: '', message: `cannot be read: ${reason}` };
}

function reasonOf(cause: unknown): string {
  if (cause instanceof TypeError) return 'is not UTF-8 text';
  const code = errorCode(cause) ?? 'unknown reason';
  if (code === 'ENOENT') return MISSING;
  if (code === 'EACCES') return 'permission denied';
  return code;
}
