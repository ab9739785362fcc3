import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { siteOf } from '../../adapters/files/file-site-source.ts';
import { readSiteFolder, type SiteFolder } from '../../adapters/files/site-folder.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import { makePlan } from '../../plan/make-plan.ts';
import { checkBundles } from '../bundle/check-bundles.ts';
import { failure, type Outcome } from '../outcome.ts';
import { problemsOutcome } from './problems-outcome.ts';

/**
 * `sallyport check DIR`: every problem of a site, of the network around it where it is described, and of its bundles
 * at once, with file and line; changes nothing.
 */
export async function checkCommand(folder: string, now: () => number): Promise<Outcome> {
  if (!existsSync(join(folder, 'site.yaml'))) {
    return failure(
      `${folder} holds no site.yaml`,
      'give the folder of a site; "sallyport init" makes a new one',
    );
  }
  const read = await readSiteFolder(folder);
  const site = siteOf(read, now());
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
