import { basename, dirname } from 'node:path';
import { SITE_LAYOUTS } from '../config/site-layout.ts';
import type { BundleOptions } from './bundle/bundle-command.ts';
import { chosen, JSON_ANSWER, listed, needed, option } from './command-options.ts';
import type { PlanCommandOptions } from './plan/plan-preset.ts';
import type { ProgramName } from './run-command.ts';
import type { InitOptions } from './site/init-command.ts';
import { PRESET_NAMES } from './site/site-preset.ts';
import type { CommandArgument, Typed, TypedCommand } from './typed-command.ts';

/** The one word that a command cannot do without. */
type Named = readonly [string];

const SITE_FOLDER: CommandArgument = {
  word: 'DIR',
  description: 'folder of the site, or its site.yaml',
};

const SITE_INIT: TypedCommand = {
  words: ['site', 'init'],
  positional: [{ word: 'DIR', description: 'new folder, or one that is empty' }],
  summary: 'make a new site in an empty folder',
  description: [
    'Writes site.yaml with every setting in it, the authorities and keys of the site, an example of a partner, and a bundle for each host. All or nothing; what is there already is never written over.',
    'With --layout everything is on one machine, to begin with; with --preset it stands in a network with addresses made for documentation, for "sallyport plan".',
  ],
  examples: [
    'sallyport init site --layout dual-dmz --domain acme.example',
    'sallyport init site --preset two-machine --domain acme.example',
  ],
  options: [
    chosen('--layout <LAYOUT>', 'where the firewalls stand', SITE_LAYOUTS),
    chosen(
      '--preset <NAME>',
      'a site in a network, instead of a layout on one machine',
      PRESET_NAMES,
    ),
    option('--site <NAME>', 'short name of the site (default: first part of the first domain)'),
    listed('--domain <DOMAIN>', 'a domain of ours (default: acme.example); may be repeated'),
    option('--public-host <HOST>', 'name that partners dial (default: sip.<first domain>)'),
    option('--root-passphrase-file <FILE>', 'passphrase of the root (default: one is made)'),
    JSON_ANSWER,
  ],
  wrong: ({ options }: Typed<InitOptions>) =>
    options.layout === undefined && options.preset === undefined
      ? "required option '--layout <LAYOUT>' or '--preset <NAME>' is missing"
      : undefined,
  async carryOut({ words, options }: Typed<InitOptions, Named>, { nowMs }) {
    const { initCommand } = await import('./site/init-command.ts');
    return initCommand(words[0], options, nowMs);
  },
};

const SITE_CHECK: TypedCommand = {
  words: ['site', 'check'],
  positional: [SITE_FOLDER],
  summary: 'report every problem of a site at once',
  description: [
    'Each with file, line and column. Changes nothing. Ends with 1 where there is an error; warnings are told and do not fail it.',
  ],
  examples: ['sallyport check site', 'sallyport check site --json'],
  options: [JSON_ANSWER],
  async carryOut({ words }: Typed<object, Named>, { nowMs }) {
    const { checkCommand } = await import('./site/check-command.ts');
    return checkCommand(siteFolder(words[0]), nowMs);
  },
};

const SITE_BUNDLE: TypedCommand = {
  words: ['site', 'bundle'],
  positional: [SITE_FOLDER],
  summary: 'write one folder per host into DIR/hosts',
  description: [
    'A site with errors is refused, as by "sallyport check". What a host made itself (spool, state, run) is kept. Each folder goes to its host whole, and with its times (rsync -t, cp -p).',
  ],
  examples: ['sallyport bundle site', 'sallyport bundle site --no-keys'],
  options: [
    option('--no-keys', 'without channel keys: each host makes its own (node request)'),
    option('--new-issuing-ca', 'replace the authority that gateways issue with; opens the root'),
    option(
      '--new-root',
      'replace the root of all channels as well: it was stolen, or its passphrase is lost; every host then needs its new bundle',
    ),
    option('--root-passphrase-file <FILE>', 'passphrase of the root (default: ca/root.passphrase)'),
    JSON_ANSWER,
  ],
  async carryOut({ words, options }: Typed<BundleOptions, Named>, { nowMs }) {
    const { bundleCommand } = await import('./bundle/bundle-command.ts');
    return bundleCommand(siteFolder(words[0]), nowMs, options);
  },
};

const PLAN: TypedCommand = {
  words: ['plan', 'plan'],
  positional: [
    {
      word: 'SITE',
      description: 'folder of the site, or its site.yaml; none with --preset',
      isOptional: true,
    },
  ],
  summary: 'work out who must reach whom, and write it for every host, firewall and reader',
  description: [
    'Asks no gateway. Writes into a folder of its own: per host a bundle and its packet filter, per firewall rules for nftables and iptables and as CSV, configurations of balancers, port matrix (`matrix.md`, `matrix.json`), diagram and checklist. All or nothing; the same site gives the same bytes; whatever it did not write itself it neither overwrites nor removes.',
    'A site that cannot work, or would be unsafe, is refused with every reason, by file and line. Proxies make their channel keys themselves (“sallyport-dmz-proxy request”) unless `--with-keys`; gateways, which hold the authority for such keys, get theirs.',
    'With `--diff` nothing is written: flows that come, go or change on each firewall and host, and the rules as a unified diff. Ends with 1 where anything differs.',
    'With `--preset` an example is written into `DIR/site` and planned into `DIR/plan`: standalone, single-dmz, dual-dmz, two-machine, three-machine, four-machine, five-machine (docs/deploy).',
  ],
  examples: [
    'sallyport plan site --out plan',
    'sallyport plan site --out plan --diff',
    'sallyport plan --preset dual-dmz --out example',
  ],
  options: [
    needed('--out <DIR>', 'folder of the plan'),
    option('--diff', 'say what would change against the plan in DIR; change nothing'),
    option('--with-keys', 'proxies get ready channel keys, which then travel with their bundles'),
    chosen('--preset <NAME>', 'write an example site and plan it', PRESET_NAMES),
    JSON_ANSWER,
  ],
  wrong: ({ words, options }: Typed<PlanCommandOptions>) =>
    words[0] === undefined && options.preset === undefined
      ? "missing argument 'SITE', or option '--preset <NAME>'"
      : undefined,
  async carryOut({ words, options }: Typed<PlanCommandOptions, Partial<Named>>, { nowMs }) {
    const { planOrPreset } = await import('./plan/plan-preset.ts');
    return planOrPreset(words[0], options, nowMs);
  },
};

const DMZ_PROXY = runningCommand('dmz-proxy', 'edge-1', [
  'It takes partners in as soon as a gateway has sent it the configuration. SIGTERM and Ctrl-C end it in order; SIGHUP reads its channel certificate again.',
]);

const APP_GATEWAY = runningCommand('app-gateway', 'gateway-1', [
  'Its log goes to standard output, a JSON object a line; commands are given to it through run/admin.sock in its bundle. SIGTERM and Ctrl-C end it in order; SIGHUP reads the site again.',
]);

/** Commands of a site's files, and its two programs. */
export const SITE_COMMANDS: readonly TypedCommand[] = [
  SITE_INIT,
  SITE_CHECK,
  SITE_BUNDLE,
  PLAN,
  DMZ_PROXY,
  APP_GATEWAY,
];

function runningCommand(
  name: ProgramName,
  node: string,
  description: readonly string[],
): TypedCommand {
  return {
    words: ['site', name],
    positional: [],
    summary: `run ${name} with the bundle of its host`,
    description,
    examples: [`sallyport ${name} --bundle site/hosts/${node}`],
    options: [
      needed('--bundle <DIR>', 'folder of the host, below hosts/ of the site'),
      JSON_ANSWER,
    ],
    async carryOut({ options }: Typed<{ readonly bundle: string }>) {
      const { runCommand } = await import('./run-command.ts');
      return runCommand(name, options.bundle);
    },
  };
}

/** A site is named by its folder, or by the file in it that was just edited. */
function siteFolder(named: string): string {
  return basename(named) === 'site.yaml' ? dirname(named) : named;
}
