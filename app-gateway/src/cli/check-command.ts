import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileSiteSource } from '../adapters/files/file-site-source.ts';
import { failure, type Outcome } from './outcome.ts';
import { problemsOutcome } from './problems-outcome.ts';

/** `sallyport check DIR`: every problem of a site at once, with file and line; changes nothing. */
export async function checkCommand(folder: string, now: () => number): Promise<Outcome> {
  if (!existsSync(join(folder, 'site.yaml'))) {
    return failure(
      `${folder} holds no site.yaml`,
      'give the folder of a site; "sallyport init" makes a new one',
    );
  }
  const site = await new FileSiteSource(folder, now).load();
  return problemsOutcome(folder, site.ok ? site.value.warnings : site.error);
}
