import { siteInFiles } from '../../adapters/files/file-site-source.ts';
import { readSiteFolder, type SiteFolder } from '../../adapters/files/site-folder.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import { makePlan } from '../../plan/make-plan.ts';
import { checkBundles } from '../bundle/check-bundles.ts';
import type { Outcome } from '../outcome.ts';
import { noSiteOutcome, problemsOutcome } from './problems-outcome.ts';

/**
 * `sallyport check DIR`: every problem of a site, of the network around it where it is described, and of its bundles
 * at once, with file and line; changes nothing.
 */
export async function checkCommand(folder: string, now: () => number): Promise<Outcome> {
  const missing = noSiteOutcome(folder);
  if (missing !== undefined) return missing;
  const read = await readSiteFolder(folder);
  const site = siteInFiles(read, now());
  const network = networkProblems(read);
  if (!site.ok) return problemsOutcome(folder, [...site.error, ...network]);
  const bundles = await checkBundles(folder, site.value, now());
  return problemsOutcome(folder, [...site.value.warnings, ...network, ...bundles]);
}

/** What `plan` would say; a site without `network` is never planned. */
function networkProblems({ parsed }: SiteFolder): readonly SiteProblem[] {
  if (parsed?.site.content.network === undefined) return [];
  const made = makePlan(parsed);
  return made.ok ? made.value.warnings : made.error;
}
