import { readSiteFolder } from '../../adapters/files/site-folder.ts';
import type { Site } from '../../config/site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';

/**
 * What to say where the files of a site are older than those that a gateway's bundle was written from; nothing where
 * they are not, or where no such bundle lies there.
 *
 * A change that is undone by a copy of before, with its times (`cp -p`, `rsync -t`, a backup), is refused by every proxy
 * that has seen the newer one: the version is the time of the newest change.
 */
export async function setBackProblems(
  bundle: string,
  site: Pick<Site, 'version'>,
): Promise<readonly SiteProblem[]> {
  const { changedMs } = await readSiteFolder(bundle);
  const former = Math.max(...changedMs.values());
  if (site.version >= former) return [];
  const [now, then] = [site.version, former].map((timeMs) => new Date(timeMs).toISOString());
  const message = `was put back: the newest change of it and of the files that it names is of ${now}, and of ${then} in ${bundle}; proxies that have the newer one refuse the older (snapshot-older). To go back on purpose: touch site.yaml, and give the command once more`;
  return [{ severity: 'warning', file: 'site.yaml', path: '', message }];
}
