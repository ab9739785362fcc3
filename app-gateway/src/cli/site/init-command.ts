import { readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { SiteLayout } from '../../config/site-layout.ts';
import { domainName, hostName, shortName } from '../../config/word-schema.ts';
import { shellWord } from '../../ledger/render/shell-word.ts';
import { bundleSite } from '../bundle/bundle-command.ts';
import { writePlannedFiles } from '../files/planned-file.ts';
import { inDraftFolder } from '../files/unfinished.ts';
import { causeOf, failure, type Outcome, remedyOf, success } from '../outcome.ts';
import { checkCommand } from './check-command.ts';
import { planSite } from './plan-site.ts';
import { newRootPassphrase, ROOT_PASSPHRASE_FILE } from './root-passphrase.ts';
import { type PresetName, sitePreset } from './site-preset.ts';
import type { NewSite } from './site-template.ts';

/** What stands on the command line of `init`. */
export interface InitOptions {
  /** Absent with a preset, which has its own. */
  readonly layout?: SiteLayout;
  readonly preset?: PresetName;
  readonly site?: string;
  readonly domain?: readonly string[];
  readonly publicHost?: string;
  /** File with the passphrase of the site's root; absent: one is made and lies beside it. */
  readonly rootPassphraseFile?: string;
}

/**
 * `sallyport init DIR`: a new site with its authorities, keys, an example partner and a bundle per host.
 *
 * Everything is made in a folder beside DIR and renamed at the end: DIR is either whole or not there. A DIR that
 * holds anything is left alone.
 */
export async function initCommand(
  folder: string,
  options: InitOptions,
  now: () => number,
): Promise<Outcome> {
  const site = newSite(options);
  if ('exitCode' in site) return site;
  const target = resolve(folder);
  try {
    if (!(await isFree(target))) {
      return failure(
        `${folder} is not empty`,
        'choose a new folder; init never overwrites anything',
      );
    }
    return await inDraftFolder(target, (draft) => makeSite(draft, folder, site, options, now));
  } catch (cause) {
    return failure(`cannot write ${folder}: ${causeOf(cause)}`, remedyOf(cause));
  }
}

/** Makes the site in the draft, and gives it its name. */
async function makeSite(
  draft: string,
  folder: string,
  site: NewSite,
  { rootPassphraseFile }: InitOptions,
  now: () => number,
): Promise<Outcome> {
  const passphrase = await newRootPassphrase(rootPassphraseFile);
  if (!passphrase.ok) return passphrase.error;
  await writePlannedFiles(draft, await planSite(site, passphrase.value, now()));
  if (rootPassphraseFile === undefined) {
    await writePlannedFiles(draft, [
      { path: ROOT_PASSPHRASE_FILE, text: `${passphrase.value}\n`, isSecret: true },
    ]);
  }
  // The hosts of a preset get their bundles from its plan.
  const bundled =
    site.preset === undefined
      ? await bundleSite(draft, folder, now)
      : await checkCommand(draft, now);
  if (bundled.exitCode !== 0) return bundled;
  await rename(draft, resolve(folder));
  return done(folder, site, bundled, rootPassphraseFile === undefined);
}

function newSite(options: InitOptions): NewSite | Outcome {
  const preset = options.preset === undefined ? undefined : sitePreset(options.preset);
  const layout = options.layout ?? preset?.layout;
  if (layout === undefined) {
    return failure('neither a layout nor a preset was given', 'use --layout or --preset');
  }
  if (preset !== undefined && preset.layout !== layout) {
    return failure(
      `the preset ${preset.name} has the layout ${preset.layout}, not ${layout}`,
      'leave one of the two options out',
    );
  }
  const domains: string[] = [];
  for (const text of options.domain ?? []) {
    const domain = domainName.safeParse(text);
    if (!domain.success)
      return failure(`"${text}" is no domain name`, 'give a name like acme.example');
    if (!domains.includes(domain.data)) domains.push(domain.data);
  }
  const asked = options.site ?? domains[0]?.split('.')[0] ?? 'acme';
  const name = shortName.safeParse(asked);
  if (!name.success) {
    return failure(
      `"${asked}" is no site name`,
      'use 1 to 63 lower-case letters, digits and hyphens: --site',
    );
  }
  if (domains.length === 0) domains.push(`${name.data}.example`);
  const [first = '', ...others] = domains;
  const publicHost = hostName.safeParse(options.publicHost ?? `sip.${first}`);
  if (!publicHost.success) {
    return failure(`"${options.publicHost}" is no host name`, 'give a name like sip.acme.example');
  }
  return {
    layout,
    ...(preset === undefined ? {} : { preset }),
    name: name.data,
    domains: [first, ...others],
    publicHost: publicHost.data,
  };
}

async function isFree(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return true;
    throw cause;
  }
}

function done(folder: string, site: NewSite, bundled: Outcome, hasPassphrase: boolean): Outcome {
  const next = [
    ...(hasPassphrase
      ? [`move ${join(folder, ROOT_PASSPHRASE_FILE)} offline: it opens the root of all channels`]
      : []),
    `edit ${join(folder, 'site.yaml')}: addresses, communities`,
    `copy ${join(folder, 'partners/example.yaml')} for each partner`,
    `sallyport check ${shellWord(folder)}`,
    ...(site.preset === undefined
      ? [
          `sallyport bundle ${shellWord(folder)}`,
          `sallyport dmz-proxy --bundle ${shellWord(join(folder, 'hosts/edge-1'))}`,
          `sallyport app-gateway --bundle ${shellWord(join(folder, 'hosts/gateway-1'))}`,
        ]
      : [`sallyport plan ${shellWord(folder)} --out PLAN`]),
  ];
  return success(
    [
      `New site "${site.name}" for ${site.domains.join(', ')} in ${folder}`,
      'Next:',
      ...next.map((step) => `  ${step}`),
    ],
    { folder, site: site.name, domains: site.domains, hosts: bundled.json['hosts'] ?? [], next },
  );
}
