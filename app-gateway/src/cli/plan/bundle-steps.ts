import { parseSite } from '../../config/parse-site.ts';
import type { SiteFile } from '../../config/site-schema.ts';
import { settingsAtRestart } from '../../config/taking-over.ts';
import { SUMS_FILE } from '../bundle/bundle-sums.ts';

/** The text of a file before and after a change; undefined where it is not. */
export interface TextChange {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A node's bundle that a change of the site has changed. */
export interface ChangedBundle {
  readonly role: 'proxy' | 'gateway';
  /** Paths of the changed files, below its folder. */
  readonly changed: readonly string[];
  /** Any file of it, changed or not. */
  readonly textOf: (path: string) => TextChange;
}

const SITE_FILE = 'site.yaml';
/** What a running proxy reads again at a reload. */
const PROXY_RELOADS = new Set(['channel.crt', 'channel.key', 'channel-ca.crt']);
/** What a running gateway does not; the rest it reads again, whatever `site.yaml` names included. */
const GATEWAY_STARTS_WITH = new Set([
  'gateway.json',
  'cluster.key',
  'snapshot-signing.key',
  'witness.key',
  'channel-issuing.crt',
  'channel-issuing.key',
]);

/** What a node takes over only when it is started anew: settings of `site.yaml`, and files. */
export function waitsForRestart({ role, changed, textOf }: ChangedBundle): readonly string[] {
  const files = changed.filter((path) => path !== SUMS_FILE);
  if (role === 'proxy') return files.filter((path) => !PROXY_RELOADS.has(path));
  const { before, after } = textOf(SITE_FILE);
  const [old, now] = [siteFile(before), siteFile(after)];
  const authority = now?.database?.kind === 'postgresql' ? now.database.ca : undefined;
  return [
    // Written for another version of the program, which is started anew in any case.
    ...(old && now ? settingsAtRestart(old, now) : [SITE_FILE]),
    ...files.filter((path) => GATEWAY_STARTS_WITH.has(path) || path === authority),
  ];
}

/** Changed files that a gateway with a database has taken in at its first start, and does not look at any more. */
export function takenInOnce({ role, changed, textOf }: ChangedBundle): readonly string[] {
  const { before, after } = textOf(SITE_FILE);
  const [old, now] = [siteFile(before), siteFile(after)];
  if (role === 'proxy' || now === undefined || now.database?.kind === 'files') return [];
  const named = new Set(now.identities.flatMap(({ chain, key }) => [chain, key]));
  const isOther = old && JSON.stringify(old.identities) !== JSON.stringify(now.identities);
  return [
    ...(isOther ? ['"identities"'] : []),
    ...changed.filter((path) => path.startsWith('partners/') || named.has(path)),
  ];
}

function siteFile(text: string | undefined): SiteFile | undefined {
  return parseSite({ file: SITE_FILE, text: text ?? '' }, []).parsed?.site.content;
}
