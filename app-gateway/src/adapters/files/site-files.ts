import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { KeySeal, SiteFiles, SiteFileText } from '../../commands/command-context.ts';
import { filesNamedBy, parseSite } from '../../config/parse-site.ts';
import { formatSiteProblem, type SiteProblem } from '../../config/site-problem.ts';
import { exportFiles } from './export-files.ts';
import { siteOf } from './file-site-source.ts';
import { importDifference } from './import-difference.ts';
import type { SiteFolder } from './site-folder.ts';

const SITE_FILE = 'site.yaml';

/** Adapter. Import and export with files that came over the socket, checked as those of a folder are. */
export function siteFiles(keys: KeySeal): SiteFiles {
  return {
    difference(state, files, author, nowMs) {
      const folder = folderOf(files, nowMs);
      const checked = siteOf(folder, nowMs);
      if (!checked.ok) return problems(checked.error);
      if (folder.parsed === undefined) return problems(folder.problems);
      const seal = (privateKeyPem: string, label: string) => keys.seal(privateKeyPem, label);
      const { parsed, named } = folder;
      const found = importDifference(state, { parsed, named }, { author, nowMs, seal });
      return found.ok ? found : problems(found.error);
    },
    exported: exportFiles,
  };
}

/** The same as `readSiteFolder` gives for a folder on disk. */
function folderOf(files: readonly SiteFileText[], nowMs: number): SiteFolder {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const yaml = files
    .filter(({ path }) => path === SITE_FILE || /^partners\/[^./][^/]*\.ya?ml$/.test(path))
    .map(({ path, text }) => ({ file: path, text }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const site = yaml.find(({ file }) => file === SITE_FILE) ?? { file: SITE_FILE, text: '' };
  const partners = yaml.filter(({ file }) => file !== SITE_FILE);
  const { parsed, problems: found } = parseSite(site, partners);
  const named = new Map<string, Result<string, string>>();
  for (const file of parsed === undefined ? [] : filesNamedBy(parsed)) {
    const text = texts.get(file);
    named.set(file, text === undefined ? err('no such file') : ok(text));
  }
  const changedMs = new Map([[SITE_FILE, nowMs]]);
  return { parsed, problems: found, yaml, named, changedMs, openFiles: [] };
}

function problems(list: readonly SiteProblem[]): Result<never, readonly string[]> {
  return err(list.map(formatSiteProblem));
}
