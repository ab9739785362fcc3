import type { CommandDescription } from '../command.ts';
import { option, positional, required } from '../command-parameters.ts';

/** How many changes are shown unless told. */
export const EVENTS_LIMIT_DEFAULT = 50;

export const EVENTS_LIST: CommandDescription = {
  words: ['events', 'list'],
  summary: 'show what was changed, when and by whom',
  description: [
    'Newest first. With --json each change by an operator carries the text that was signed and the signature, so that it can be proved with the public key of "operator list" and nothing else.',
  ],
  examples: [
    'sallyport events list --limit 20',
    'sallyport events list --subject partner/globex --json',
    'sallyport events list --by bob',
  ],
  parameters: [
    option(
      'subject',
      'partner/NAME, identity/NAME, operator/NAME, node/NAME, community/NAME, siem/NAME or authority/NAME',
      'SUBJECT',
    ),
    option('by', 'only what this operator signed', 'OPERATOR'),
    option('limit', `how many (default ${EVENTS_LIMIT_DEFAULT}, at most 1000)`, 'COUNT', 'number'),
    option('before', 'only those with a smaller number', 'NUMBER', 'number'),
  ],
};

export const STATE_IMPORT: CommandDescription = {
  words: ['state', 'import'],
  summary: 'take partners and identities over from the files of a site, and show what changes',
  description: [
    'Reads site.yaml, partners/*.yaml and the files that they name, shows every difference and applies all of them in one transaction, or none: partners become what the files say, those without a file are removed, identities get the keys that the files name.',
    'Files count as approved by whoever imports them: their sets are in force without two people’s verification. That is why it takes an officer. What was severed stays severed, what was retired stays retired.',
  ],
  examples: ['sallyport import site --dry-run', 'sallyport import site'],
  parameters: [
    positional('folder', 'folder of the site', 'folder'),
    { name: 'dryRun', description: 'show the difference and change nothing', kind: 'flag' },
  ],
  role: 'officer',
};

export const STATE_EXPORT: CommandDescription = {
  words: ['state', 'export'],
  summary: 'write partners and certificates as files, for version control or another site',
  description: [
    'Imported again they change nothing. No private key is in them. Files that are there already are not written over: export into an empty folder.',
  ],
  examples: ['sallyport export --out exported'],
  parameters: [],
  answersWithFiles: true,
};

export const STATE_POSTURE: CommandDescription = {
  words: ['state', 'posture'],
  summary: 'show every security-relevant setting, its level, and what would raise it',
  description: [
    'Without a folder: the site that the gateway has in force, with the partners of its database. With one: the site of that folder, and no gateway is asked.',
    'The level of a site is that of its weakest setting. docs/posture.md has every rule. Ends with 1 where the level is below the one of --require, or without that below "requirePosture" of site.yaml.',
  ],
  examples: ['sallyport posture', 'sallyport posture site --require medium'],
  parameters: [option('require', 'least level: low, medium or high', 'LEVEL')],
};

export const STATE_BACKUP: CommandDescription = {
  words: ['state', 'backup'],
  summary: 'write all that a gateway has into one sealed file: bundle, keys and database',
  description: [
    'With --bundle DIR --out FILE, on the host of a running gateway. The file is sealed with a passphrase (scrypt, AES-256-GCM) of at least 12 characters: without it nobody reads the backup, you included. The gateway goes on meanwhile; the copy of its database is of the moment at which it began. "sallyport restore --check FILE" says whether it is whole.',
    'Not in it: records that are in the gateway’s journal and not in its database (their octets are told), and what other hosts have. docs/operations.md says how to restore, and what is different afterwards.',
  ],
  examples: [
    'sallyport backup --bundle /srv/sallyport/gateway-1 --out gateway-1.backup --passphrase-file backup.passphrase',
  ],
  // The command line keeps both to itself.
  parameters: [
    required(option('out', 'file to write; it must not be there yet', 'FILE', 'output')),
    option('passphraseFile', 'file with its passphrase; "-" reads standard input', 'FILE'),
  ],
};
