import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { assembleSite, severedIn } from '../../config/assemble-site.ts';
import type { IdentitiesRead } from '../../config/check-certificates.ts';
import type { CutOffs } from '../../config/cut-off.ts';
import type { Site } from '../../config/site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import type { SiteSource } from '../../ports/site-source.ts';
import { requiredPostureProblems } from '../../posture/required-posture.ts';
import { readSiteFolder, type SiteFolder } from './site-folder.ts';

/** More than clocks differ. A change from the future would hold back every later one. */
const FUTURE_MAX_MS = 300_000;

/**
 * Adapter. A site kept as a folder: `site.yaml`, `partners/*.yaml` and the files they name.
 *
 * The version is the newest modification time of all files read and of the `partners` folder, whose own time
 * changes when a partner is removed. Copy with times kept (`cp -p`, `rsync -t`), or nodes will count
 * the same content as different versions.
 */
export class FileSiteSource implements SiteSource {
  readonly #folder: string;
  readonly #now: () => number;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  async load(): Promise<Result<Site, readonly SiteProblem[]>> {
    return siteOf(await readSiteFolder(this.#folder), this.#now());
  }

  async cutOffs(): Promise<CutOffs> {
    return cutOffsOf(await readSiteFolder(this.#folder), this.#now());
  }
}

/**
 * The site that a folder holds as whoever writes bundles of it, plans and looks after it judges it: a certificate of ours that is
 * out of date there holds up nobody whose database has another one by now.
 */
export function siteInFiles(
  folder: SiteFolder,
  nowMs: number,
): Result<Site, readonly SiteProblem[]> {
  const isInFiles = folder.parsed?.site.content.database?.kind === 'files';
  return siteOf(folder, nowMs, isInFiles ? 'always' : 'once');
}

/** The site that a folder holds, or every problem that was found on the way. */
export function siteOf(
  folder: SiteFolder,
  nowMs: number,
  identitiesRead: IdentitiesRead = 'always',
): Result<Site, readonly SiteProblem[]> {
  const problems = [...folder.problems, ...fromTheFuture(folder, nowMs)];
  if (folder.parsed === undefined) return err(problems);
  const version = Math.max(...folder.changedMs.values());
  const assembled = assembleSite(folder.parsed, folder.named, version, nowMs, identitiesRead);
  if (!assembled.ok) return err([...problems, ...assembled.error]);
  const judged = { ...assembled.value, openFiles: Object.freeze([...folder.openFiles]) };
  const warnings = [...problems, ...judged.warnings, ...requiredPostureProblems(judged)];
  if (warnings.some((problem) => problem.severity === 'error')) return err(warnings);
  return ok(Object.freeze({ ...judged, warnings: Object.freeze(warnings) }));
}

/** Whom a folder cuts off; times of changes in the future by this clock do not count. */
export function cutOffsOf({ parsed, changedMs }: SiteFolder, nowMs: number): CutOffs {
  const revision = Math.max(0, ...[...changedMs.values()].filter((at) => !isFuture(at, nowMs)));
  if (parsed === undefined) return { revision, severed: [], revoked: [] };
  return { revision, severed: [...severedIn(parsed)], revoked: parsed.site.content.revokedNodes };
}

function isFuture(changedMs: number, nowMs: number): boolean {
  return changedMs > nowMs + FUTURE_MAX_MS;
}

function fromTheFuture(folder: SiteFolder, nowMs: number): readonly SiteProblem[] {
  const message =
    'was changed in the future by this clock: correct the clock, then touch the file; proxies would refuse every later change as older';
  return [...folder.changedMs]
    .filter(([, changedMs]) => isFuture(changedMs, nowMs))
    .map(([file]) => ({ severity: 'error', file, path: '', message }));
}
