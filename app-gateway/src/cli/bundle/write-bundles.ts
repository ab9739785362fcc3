import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteFolder } from '../../adapters/files/site-folder.ts';
import type { Site } from '../../config/site.ts';
import { keepTime, writePlannedFiles } from '../files/planned-file.ts';
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

/** Writes `hosts/<node>/` for every node of the site, each new folder taking the old one's place at once. */
export async function writeBundles(
  siteFolder: string,
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
  const hosts = join(siteFolder, 'hosts');
  await mkdir(hosts, { recursive: true, mode: 0o700 });
  const written: WrittenBundle[] = [];
  for (const bundle of await Promise.all(bundles)) {
    await replaceBundle(hosts, bundle, read.changedMs.get('partners'));
    written.push({ node: bundle.node, role: bundle.role, folder: `hosts/${bundle.node}` });
  }
  return written;
}

/** Folder of a gateway's embedded database, below its bundle. */
const STATE = 'state';

/** A gateway that runs meanwhile still answers on the socket in it. */
const RUN = 'run';

/** A run that was cut off between two renames has left the only copy of a gateway's state aside. */
async function rescueState(folder: string, asides: readonly string[]): Promise<void> {
  for (const aside of asides) {
    if (!(await isFolder(join(aside, STATE))) || (await isFolder(join(folder, STATE)))) continue;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(join(aside, STATE), join(folder, STATE));
  }
}

/**
 * A gateway's state outlives its bundle: partners and keys are nowhere else.
 *
 * A proxy's spool outlives its bundle: it holds the highest configuration version seen, without which an old
 * snapshot could be played back after a restart.
 */
async function replaceBundle(
  hosts: string,
  bundle: PlannedBundle,
  partnersChangedMs: number | undefined,
): Promise<void> {
  const folder = join(hosts, bundle.node);
  const fresh = join(hosts, `.${bundle.node}.new`);
  const old = join(hosts, `.${bundle.node}.old`);
  await rescueState(folder, [fresh, old]);
  await rm(fresh, { recursive: true, force: true });
  await rm(old, { recursive: true, force: true });
  try {
    await mkdir(fresh, { mode: 0o700 });
    await writePlannedFiles(fresh, withSums(bundle.files));
  } catch (cause) {
    // Nothing of the old folder is in it yet.
    await rm(fresh, { recursive: true, force: true });
    throw cause;
  }
  const exists = await isFolder(folder);
  if (bundle.role === 'gateway') {
    await mkdir(join(fresh, 'partners'), { recursive: true });
    if (partnersChangedMs !== undefined) await keepTime(join(fresh, 'partners'), partnersChangedMs);
    for (const kept of [STATE, RUN]) {
      if (await isFolder(join(folder, kept))) await rename(join(folder, kept), join(fresh, kept));
    }
  } else if (exists && (await isFolder(join(folder, 'spool')))) {
    await rename(join(folder, 'spool'), join(fresh, 'spool'));
  } else {
    await mkdir(join(fresh, 'spool'), { mode: 0o700 });
  }
  if (exists) await rename(folder, old);
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
