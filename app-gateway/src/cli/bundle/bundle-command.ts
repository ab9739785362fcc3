import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { siteInFiles } from '../../adapters/files/file-site-source.ts';
import { LOCK_FILE } from '../../adapters/files/folder-lock.ts';
import { readSiteFolder } from '../../adapters/files/site-folder.ts';
import { causeOf, failure, type Outcome, remedyOf, success } from '../outcome.ts';
import { hinderedOutcome, noSiteOutcome, problemLines } from '../site/problems-outcome.ts';
import { ROOT_PASSPHRASE_FILE } from '../site/root-passphrase.ts';
import { type RenewIssuingOptions, renewIssuing } from './renew-issuing.ts';
import { setBackProblems } from './set-back.ts';
import { readSiteSecrets } from './site-secrets.ts';
import { formerWitnesses, witnessKeys } from './witness-keys.ts';
import { HOSTS_FOLDER, type WrittenBundle, writeBundles } from './write-bundles.ts';

/** What stands on the command line of `bundle`. */
export interface BundleOptions extends RenewIssuingOptions {
  /** False: no host gets a channel key or certificate; each makes its own. */
  readonly keys?: boolean;
}

/** `sallyport bundle DIR`: one folder per host in `DIR/hosts`, each to be copied to its host whole. */
export async function bundleCommand(
  folder: string,
  now: () => number,
  options: BundleOptions = {},
): Promise<Outcome> {
  const missing = noSiteOutcome(folder);
  if (missing !== undefined) return missing;
  try {
    const refused = await renewIssuing(folder, now(), options);
    if (refused !== undefined) return refused;
    const bundled = await bundleSite(folder, folder, now, options.keys !== false);
    return options.newRoot === true ? withNewRoot(bundled, options.rootPassphraseFile) : bundled;
  } catch (cause) {
    return failure(
      `cannot write the bundles of ${folder}: ${placeOf(cause, folder)}${causeOf(cause)}`,
      remedyOf(
        cause,
        'check that it is the folder that init made, with ca/ and keys/, and its permissions',
      ),
    );
  }
}

/** What a new root asks for, whatever became of the bundles: it is in place. */
function withNewRoot(bundled: Outcome, passphraseFile: string | undefined): Outcome {
  const next = [
    'next: put the new bundle on every host and restart it: a host with the old root has no channel with one that has the new one',
    ...(passphraseFile === undefined
      ? [`next: move ${ROOT_PASSPHRASE_FILE} offline: it opens the new root`]
      : []),
  ];
  return { ...bundled, text: [bundled.text, ...next].join('\n') };
}

/**
 * Writes the bundles of a site that has no errors; throws what the file system throws.
 *
 * The outcome names `shownFolder`: a new site is bundled before it stands in its place.
 */
export async function bundleSite(
  folder: string,
  shownFolder: string,
  now: () => number,
  withKeys = true,
): Promise<Outcome> {
  const read = await readSiteFolder(folder);
  const site = siteInFiles(read, now());
  if (!site.ok) return hinderedOutcome(folder, site.error);
  const { proxies, gateways } = site.value;
  const hostNames = [...proxies, ...gateways].map(({ node }) => node);
  const [gateway] = gateways;
  const former = join(folder, HOSTS_FOLDER, gateway?.node ?? '');
  const warnings = [...site.value.warnings, ...(await setBackProblems(former, site.value))];
  const keys = await witnessKeys(folder, hostNames);
  const secrets = {
    ...(await readSiteSecrets(folder)),
    witnessKeys: keys,
    formerWitnesses: await formerWitnesses(folder, keys, now()),
    withKeys,
  };
  const written = await writeBundles(folder, site.value, read, secrets, now());
  if (!written.ok) {
    return failure(
      `the bundles of ${shownFolder} are being written by ${written.error}`,
      'give the command once more when that has ended',
    );
  }
  const hosts = written.value.map((host) => ({ ...host, folder: join(shownFolder, host.folder) }));
  const nodes = new Set(written.value.map(({ node }) => node));
  const stale = (await readdir(join(folder, HOSTS_FOLDER)))
    .filter((name) => !nodes.has(name) && !name.startsWith(LOCK_FILE))
    .map((name) => join(shownFolder, HOSTS_FOLDER, name));
  return success(
    [
      ...bundleLines(hosts),
      ...stale.map((left) => `${left}  is of no node of site.yaml any more; remove it`),
      ...problemLines(warnings),
    ],
    { version: site.value.version, hosts, stale, warnings },
  );
}

function bundleLines(hosts: readonly WrittenBundle[]): readonly string[] {
  const width = Math.max(0, ...hosts.map(({ node }) => node.length));
  return hosts.map(({ role, node, folder }) => {
    const program = role === 'proxy' ? 'dmz-proxy  ' : 'app-gateway';
    return `${program}  ${node.padEnd(width)}  ${folder}`;
  });
}

/** The file that is in the way, as it is called in the site's folder. */
function placeOf(cause: unknown, folder: string): string {
  const path = cause instanceof Error && 'path' in cause ? cause.path : undefined;
  return typeof path === 'string' ? `${relative(folder, path)}: ` : '';
}
