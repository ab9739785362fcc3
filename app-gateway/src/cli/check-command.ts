import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileSiteSource } from '../adapters/files/file-site-source.ts';
import { checkBundles } from './bundle/check-bundles.ts';
import { failure, type Outcome } from './outcome.ts';
import { problemsOutcome } from './problems-outcome.ts';

/** `sallyport check DIR`: every problem of a site and its bundles at once, with file and line; changes nothing. */
export async function checkCommand(folder: string, now: () => number): Promise<Outcome> {
  if (!existsSync(join(folder, 'site.yaml'))) {
    return failure(
      `${folder} holds no site.yaml`,
      'give the folder of a site; "sallyport init" makes a new one',
    );
  }
  const site = await new FileSiteSource(folder, now).load();
  if (!site.ok) return problemsOutcome(folder, site.error);
  const bundles = await checkBundles(folder, site.value, now());
  return problemsOutcome(folder, [...site.value.warnings, ...bundles]);
}
