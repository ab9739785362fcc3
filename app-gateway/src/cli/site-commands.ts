import { siteSchema } from '../config/site-schema.ts';
import { chosen, listed, needed, option } from './command-options.ts';
import type { LocalCommand } from './local-command.ts';
import { PRESET_NAMES } from './site-preset.ts';

const JSON_ANSWER = option('--json', 'answer with one JSON object instead of text');
const SITE_FOLDER = {
  argument: 'DIR',
  argumentDescription: 'folder of the site, or its site.yaml',
} as const;

export const SITE_INIT: LocalCommand = {
  words: ['site', 'init'],
  argument: 'DIR',
  argumentDescription: 'new folder, or one that is empty',
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
    chosen('--layout <LAYOUT>', 'where the firewalls stand', siteSchema.shape.layout.options),
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
};

export const SITE_CHECK: LocalCommand = {
  words: ['site', 'check'],
  ...SITE_FOLDER,
  summary: 'report every problem of a site at once',
  description: [
    'Each with file, line and column. Changes nothing. Ends with 1 where there is an error; warnings are told and do not fail it.',
  ],
  examples: ['sallyport check site', 'sallyport check site --json'],
  options: [JSON_ANSWER],
};

export const SITE_BUNDLE: LocalCommand = {
  words: ['site', 'bundle'],
  ...SITE_FOLDER,
  summary: 'write one folder per host into DIR/hosts',
  description: [
    'A site with errors is refused, as by "sallyport check". What a host made itself (spool, state, run) is kept. Each folder goes to its host whole, and with its times (rsync -t, cp -p).',
  ],
  examples: ['sallyport bundle site', 'sallyport bundle site --no-keys'],
  options: [
    option('--no-keys', 'without channel keys: each host makes its own (node request)'),
    option('--new-issuing-ca', 'replace the authority that gateways issue with; opens the root'),
    option('--root-passphrase-file <FILE>', 'passphrase of the root (default: ca/root.passphrase)'),
    JSON_ANSWER,
  ],
};

export const SITE_DMZ_PROXY = runCommand('dmz-proxy', 'edge-1', [
  'It takes partners in as soon as a gateway has sent it the configuration. SIGTERM and Ctrl-C end it in order; SIGHUP reads its channel certificate again.',
]);

export const SITE_APP_GATEWAY = runCommand('app-gateway', 'gateway-1', [
  'Its log goes to standard output, a JSON object a line; commands are given to it through run/admin.sock in its bundle. SIGTERM and Ctrl-C end it in order; SIGHUP reads the site again.',
]);

export const SITE_COMMANDS: readonly LocalCommand[] = [
  SITE_INIT,
  SITE_CHECK,
  SITE_BUNDLE,
  SITE_DMZ_PROXY,
  SITE_APP_GATEWAY,
];

function runCommand(
  name: 'dmz-proxy' | 'app-gateway',
  node: string,
  description: readonly string[],
): LocalCommand {
  return {
    words: ['site', name],
    argument: '',
    argumentDescription: '',
    summary: `run ${name} with the bundle of its host`,
    description,
    examples: [`sallyport ${name} --bundle site/hosts/${node}`],
    options: [
      needed('--bundle <DIR>', 'folder of the host, below hosts/ of the site'),
      JSON_ANSWER,
    ],
  };
}
