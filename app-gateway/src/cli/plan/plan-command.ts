import { basename, dirname, join } from 'node:path';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { siteInFiles } from '../../adapters/files/file-site-source.ts';
import { readSiteFolder, type SiteFolder } from '../../adapters/files/site-folder.ts';
import { reasonForNoLedger } from '../../config/check-database.ts';
import { publicPlaces } from '../../config/public-places.ts';
import type { Site } from '../../config/site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import { derive } from '../../domain/derived-key.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { NetworkPlan } from '../../plan/network-plan.ts';
import type { ToldPlace } from '../../plan/render/checklist-site.ts';
import { lowPortSettings } from '../../plan/render/low-ports.ts';
import { planDocuments } from '../../plan/render/plan-documents.ts';
import { dialledAddresses, toldListeners } from '../../plan/told-places.ts';
import { setBackProblems } from '../bundle/set-back.ts';
import { readSiteSecrets } from '../bundle/site-secrets.ts';
import { formerWitnesses, readWitnessKeys, witnessKeys } from '../bundle/witness-keys.ts';
import { causeOf, failure, type Outcome, remedyOf, success } from '../outcome.ts';
import { hinderedOutcome, noSiteOutcome, problemLines } from '../site/problems-outcome.ts';
import { type PlanBundleSource, partnerFolders, planBundles } from './plan-bundles.ts';
import { planDifferences, stepsSince } from './plan-differences.ts';
import {
  type FolderRefusal,
  type PlannedFolder,
  readPlanFolder,
  writePlanFolder,
} from './plan-folder.ts';

/** What stands on the command line of `plan`, a preset aside. */
export interface PlanOptions {
  readonly out: string;
  /** Say what would change, and change nothing. */
  readonly diff?: boolean;
  /** Proxies get their channel keys as well. */
  readonly withKeys?: boolean;
}

/** Purpose of the key with which secrets in a plan's folder are known again. */
const MANIFEST_DIGEST = 'sallyport plan manifest';

/**
 * `sallyport plan SITE --out DIR`: bundles, rules, documents and checklist for every host and firewall of a site.
 *
 * DIR is written whole or not at all, and is the plan's alone; the same site gives the same bytes.
 */
export async function planCommand(
  site: string,
  options: PlanOptions,
  now: () => number,
): Promise<Outcome> {
  let place = site;
  try {
    const folder = siteFolderOf(site);
    if (typeof folder !== 'string') return folder;
    const planned = await plannedSite(folder, options, now());
    if (!planned.ok) return planned.error;
    const { content, earlier, plan } = planned.value;
    if (options.diff === true) {
      return withSetBack(planDifferences(options.out, earlier, content.files, plan), planned.value);
    }
    place = options.out;
    const isChanged = await writePlanFolder(options.out, content);
    return done(options, planned.value, isChanged);
  } catch (cause) {
    return failure(
      `cannot plan ${site}: ${place}: ${causeOf(cause)}`,
      remedyOf(
        cause,
        'check that the site is a folder that init made, with ca/ and keys/, and the permissions of both folders',
      ),
    );
  }
}

interface PlannedSite {
  readonly plan: NetworkPlan;
  readonly content: PlannedFolder;
  readonly earlier: ReadonlyMap<string, string>;
  readonly warnings: readonly SiteProblem[];
  /** That the site's files are older than the plan of before. */
  readonly setBack: readonly SiteProblem[];
}

/** A comparison tells of texts; that the times went back no text shows. */
function withSetBack(differences: Outcome, { setBack }: PlannedSite): Outcome {
  const text = [...problemLines(setBack), differences.text].join('\n');
  return { ...differences, text, json: { ...differences.json, warnings: setBack } };
}

async function plannedSite(
  folder: string,
  options: PlanOptions,
  nowMs: number,
): Promise<Result<PlannedSite, Outcome>> {
  const read = await readSiteFolder(folder);
  const checked = checkedSite(read, nowMs);
  if (!checked.ok) return err(hinderedOutcome(folder, checked.error));
  const { site, plan, warnings } = checked.value;
  const siteSecrets = await readSiteSecrets(folder);
  const clusterKey = Buffer.from(siteSecrets.clusterKey.trim(), 'base64');
  const digestKey = derive(clusterKey, MANIFEST_DIGEST);
  const earlier = await earlierTexts(options.out, site.name, digestKey);
  if (!earlier.ok) return err(refused(earlier.error));
  const nodes = [...site.proxies, ...site.gateways].map(({ node }) => node);
  const writes = options.diff !== true;
  const keys = await (writes ? witnessKeys : readWitnessKeys)(folder, nodes);
  const secrets = {
    ...siteSecrets,
    witnessKeys: keys,
    formerWitnesses: await formerWitnesses(folder, keys, nowMs, writes),
    withKeys: options.withKeys === true,
  };
  const source: PlanBundleSource = { site, read, secrets, plan, nowMs };
  const siteFile = read.parsed?.site.content;
  const lowPorts = siteFile === undefined ? [] : lowPortSettings(siteFile, plan);
  const files = [
    ...planDocuments(plan, {
      domains: site.domains,
      places: toldPlaces(site, plan),
      proxies: site.proxies.map(({ node }) => node),
      withKeys: secrets.withKeys,
      connectionsMax: site.limits.connectionsMax,
      hasLedger: siteFile !== undefined && reasonForNoLedger(siteFile) === undefined,
      ...(siteFile?.database?.kind === 'postgresql' && { database: siteFile.database }),
      lowPortHosts: lowPorts.map(({ path }) => path.split('/')[1] ?? ''),
    }),
    ...lowPorts,
    ...(await planBundles(source, earlier.value)),
  ];
  const content = { site: site.name, files, folders: partnerFolders(source), digestKey };
  const setBack = await setBackProblems(gatewayFolder(options.out, plan, site), site);
  return ok({ plan, content, earlier: earlier.value, warnings, setBack });
}

/** Where the bundle of a gateway stands in the plan's folder, and stood where its host has the same name. */
function gatewayFolder(out: string, plan: NetworkPlan, { gateways }: Site): string {
  const node = gateways[0]?.node ?? '';
  return join(out, 'hosts', plan.hosts.find(({ nodes }) => nodes.includes(node))?.name ?? '', node);
}

/** What stands in the plan's folder. It is not the site's: what cannot be read there is told apart. */
async function earlierTexts(
  folder: string,
  site: string,
  digestKey: Buffer,
): ReturnType<typeof readPlanFolder> {
  try {
    return await readPlanFolder(folder, site, digestKey);
  } catch (cause) {
    return err({
      message: `the plan in ${folder} cannot be read: ${causeOf(cause)}`,
      next: 'check its permissions; where somebody else plans into it at this moment, give the command once more',
    });
  }
}

/** What partners are told of, with the addresses behind it; one of several listeners with the same name is one place. */
function toldPlaces(site: Site, plan: NetworkPlan): readonly ToldPlace[] {
  const listeners = toldListeners(site, plan);
  return publicPlaces(site).map((place) => ({
    ...place,
    addresses: listeners
      .filter(
        ({ place: { host, port } }) => hostPort(host, port) === hostPort(place.host, place.port),
      )
      .flatMap(({ flows }) => flows.flatMap(dialledAddresses)),
  }));
}

/** Every problem of the site and of its network at once; they are found by different means. */
function checkedSite(
  read: SiteFolder,
  nowMs: number,
): Result<
  { readonly site: Site; readonly plan: NetworkPlan; readonly warnings: readonly SiteProblem[] },
  readonly SiteProblem[]
> {
  const site = siteInFiles(read, nowMs);
  const made = read.parsed === undefined ? undefined : makePlan(read.parsed);
  if (site.ok && made?.ok === true) {
    const { plan, warnings } = made.value;
    return ok({ site: site.value, plan, warnings: [...site.value.warnings, ...warnings] });
  }
  return err([
    ...(site.ok ? site.value.warnings : site.error),
    ...(made === undefined ? [] : made.ok ? made.value.warnings : made.error),
  ]);
}

/** `DIR` or `DIR/site.yaml`: a site is the folder, whose files name each other. */
function siteFolderOf(site: string): string | Outcome {
  const folder = /\.ya?ml$/.test(site) ? dirname(site) : site;
  const file = folder === site ? 'site.yaml' : basename(site);
  const next =
    'give the folder of a site, or its site.yaml; "sallyport plan --preset" writes an example';
  if (file !== 'site.yaml') return failure(`${site} is not called site.yaml`, next);
  return noSiteOutcome(folder, next) ?? folder;
}

function refused({ message, next }: FolderRefusal): Outcome {
  return failure(message, next);
}

function done({ out }: PlanOptions, planned: PlannedSite, isChanged: boolean): Outcome {
  const { plan, content, earlier } = planned;
  const { files } = content;
  const warnings = [...planned.warnings, ...planned.setBack];
  const steps = earlier.size === 0 ? [] : stepsSince(earlier, files, plan);
  const checklist = join(out, 'checklist.md');
  const next = [
    steps.length === 0
      ? `read ${checklist} and go through it from the top`
      : `what is to do is said above, and ${checklist} has each command: all else stays as it is`,
    `show ${join(out, 'matrix.md')} and ${join(out, 'diagram.svg')} to whoever keeps the firewalls`,
    ...plan.firewalls.map(
      ({ name }) => `${name}: ${join(out, 'firewalls', name, 'nftables.conf')}`,
    ),
    ...plan.hosts
      .filter(({ nodes }) => nodes.length > 0)
      .map(({ name, nodes }) => `${name}: ${join(out, 'hosts', name)} (${nodes.join(', ')})`),
    ...plan.balancers
      .filter(({ kind }) => kind !== 'other')
      .map(({ host, kind }) => `${host}: ${join(out, 'balancers', host)} (${kind})`),
  ];
  const hosts = plan.hosts.length;
  const summary = `${plan.site}: ${plan.zones.length} zones, ${hosts} hosts, ${plan.flows.length} flows, ${plan.firewalls.length} firewalls`;
  return success(
    [
      isChanged ? `${summary}; written to ${out}` : `${summary}; ${out} is up to date`,
      ...problemLines(warnings),
      ...(steps.length === 0 ? [] : ['To do:', ...steps.map((step) => `  ${step}`)]),
      'Next:',
      ...next.map((step) => `  ${step}`),
    ],
    {
      site: plan.site,
      layout: plan.layout,
      folder: out,
      isChanged,
      zones: plan.zones.map(({ name }) => name),
      hosts: plan.hosts.map(({ name }) => name),
      firewalls: plan.firewalls.map(({ name }) => name),
      flows: plan.flows.length,
      files: files.map(({ path }) => path).sort(),
      warnings,
      steps,
      next,
    },
  );
}
