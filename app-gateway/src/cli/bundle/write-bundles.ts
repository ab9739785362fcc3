import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { LOCK_FILE, lockFolder } from '../../adapters/files/folder-lock.ts';
import type { SiteFolder } from '../../adapters/files/site-folder.ts';
import type { Site } from '../../config/site.ts';
import { keepTime, writePlannedFiles } from '../files/planned-file.ts';
import { whileUnfinished } from '../files/unfinished.ts';
import { withSums } from './bundle-sums.ts';
import {
  type BundleSecrets,
  type PlannedBundle,
  planGatewayBundle,
  planProxyBundle,
  siteCopies,
} from './plan-bundle.ts';

/** Where a bundle was written, relative to the site's folder. */
export interface WrittenBundle {
  readonly node: string;
  readonly role: 'proxy' | 'gateway';
  readonly folder: string;
}

/** Folder of the bundles, in the site's. */
export const HOSTS_FOLDER = 'hosts';

/**
 * Writes `hosts/<node>/` for every node of the site, each new folder taking the old one's place at once.
 *
 * One at a time: two would take what they are writing from under each other. The error says who is at it.
 */
export async function writeBundles(
  siteFolder: string,
  site: Site,
  read: SiteFolder,
  secrets: BundleSecrets,
  nowMs: number,
): Promise<Result<readonly WrittenBundle[], string>> {
  const hosts = join(siteFolder, HOSTS_FOLDER);
  await mkdir(hosts, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(hosts);
  if (!lock.ok) return lock;
  try {
    return await whileUnfinished(join(hosts, LOCK_FILE), async () =>
      ok(await writeEach(hosts, site, read, secrets, nowMs)),
    );
  } finally {
    await lock.value();
  }
}

async function writeEach(
  hosts: string,
  site: Site,
  read: SiteFolder,
  secrets: BundleSecrets,
  nowMs: number,
): Promise<readonly WrittenBundle[]> {
  const copies = siteCopies(read);
  const bundles = [
    ...site.proxies.map((proxy) => planProxyBundle(site, proxy, secrets, nowMs)),
    ...site.gateways.map((gateway) => planGatewayBundle(site, gateway, copies, secrets, nowMs)),
  ];
  const written: WrittenBundle[] = [];
  for (const bundle of await Promise.all(bundles)) {
    await replaceBundle(hosts, bundle, read.changedMs.get('partners'));
    written.push({
      node: bundle.node,
      role: bundle.role,
      folder: `${HOSTS_FOLDER}/${bundle.node}`,
    });
  }
  return written;
}

/**
 * What a node's host wrote itself and is nowhere else: a gateway's database, its journal and the socket on which it
 * answers meanwhile; a proxy's records that no gateway has yet, and the highest configuration version that it has seen,
 * without which an old snapshot could be played back after a restart.
 */
const KEPT = { gateway: ['state', 'run'], proxy: ['spool'] } as const;

/** A run that was cut off between two renames has left the only copy of what is kept aside. */
async function rescueKept(
  folder: string,
  kept: readonly string[],
  asides: readonly string[],
): Promise<void> {
  for (const aside of asides) {
    for (const name of kept) {
      if (!(await isFolder(join(aside, name))) || (await isFolder(join(folder, name)))) continue;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(join(aside, name), join(folder, name));
    }
  }
}

/** A new bundle takes the old one's place, with what the old one keeps. */
async function replaceBundle(
  hosts: string,
  bundle: PlannedBundle,
  partnersChangedMs: number | undefined,
): Promise<void> {
  const folder = join(hosts, bundle.node);
  const fresh = join(hosts, `.${bundle.node}.new`);
  const old = join(hosts, `.${bundle.node}.old`);
  const kept = KEPT[bundle.role];
  await rescueKept(folder, kept, [fresh, old]);
  await rm(fresh, { recursive: true, force: true });
  await rm(old, { recursive: true, force: true });
  try {
    await mkdir(fresh, { mode: 0o700 });
    await writePlannedFiles(fresh, withSums(bundle.files));
    if (bundle.role === 'gateway') {
      await mkdir(join(fresh, 'partners'), { recursive: true });
      if (partnersChangedMs !== undefined)
        await keepTime(join(fresh, 'partners'), partnersChangedMs);
    }
  } catch (cause) {
    // Nothing of the old folder is in it yet.
    await rm(fresh, { recursive: true, force: true });
    throw cause;
  }
  for (const name of kept) {
    if (await isFolder(join(folder, name))) await rename(join(folder, name), join(fresh, name));
  }
  if (bundle.role === 'proxy') await mkdir(join(fresh, 'spool'), { recursive: true, mode: 0o700 });
  if (await isFolder(folder)) await rename(folder, old);
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
