import {
  chosen,
  gatewayOptions,
  keyOptions,
  listed,
  needed,
  newKeyOptions,
  option,
} from './command-options.ts';
import type { LocalCommand } from './local-command.ts';
import { SITE_COMMANDS } from './site-commands.ts';
import { PRESET_NAMES } from './site-preset.ts';

export const OPERATOR_KEY: LocalCommand = {
  words: ['operator', 'key'],
  argument: 'OPERATOR',
  argumentDescription: 'your name as operator',
  summary: 'make a signing key of your own; an officer then adds its public half',
  description: [
    'Asks no gateway. The private half is written to a file that a passphrase of at least 12 characters protects; the public half is written to OPERATOR.pub in the current folder.',
  ],
  examples: ['sallyport operator key bob'],
  options: [...newKeyOptions, option('--json', 'answer with one JSON object instead of text')],
};

export const CERT_SELF: LocalCommand = {
  words: ['cert', 'self'],
  argument: 'IDENTITY',
  argumentDescription: 'name of the identity',
  summary: 'make a next key with a certificate of the site’s own federation authority',
  description: [
    'For private federations: "cert request", the answer of the authority that "sallyport init" made, and "cert install" in one. The authority signs here, in the folder of the site; its key goes to no gateway. Partners need the authority as anchor: the next offer holds it.',
  ],
  examples: ['sallyport cert self main --site site'],
  options: [
    option('--site <DIR>', 'folder of the site (default: the current one)'),
    option('--days <DAYS>', 'how long the certificate is good (default 90)'),
    ...keyOptions,
    ...gatewayOptions,
  ],
};

const BUNDLE = option('--bundle <DIR>', 'bundle of this host (default: the current folder)');
const JSON_ANSWER = option('--json', 'answer with one JSON object instead of text');

export const NODE_REQUEST: LocalCommand = {
  words: ['node', 'request'],
  argument: '',
  argumentDescription: '',
  summary: 'on a host: make its channel key, and a request for a certificate of it',
  description: [
    'Asks no gateway. The key stays in the bundle; the request file goes to whoever keeps the gateways, and the fingerprint is read out to them by telephone ("node approve").',
    'For hosts whose bundle was written with "bundle --no-keys", and for those whose certificate ended while they were off. On a proxy’s host without this command line the same is "sallyport-dmz-proxy request --bundle DIR > NODE.csr", and "sallyport-dmz-proxy install NODE.crt --bundle DIR".',
  ],
  examples: ['sallyport node request --bundle /srv/sallyport/edge-2'],
  options: [
    BUNDLE,
    option('--out <FOLDER>', 'where the request is written (default: the current folder)'),
    JSON_ANSWER,
  ],
};

export const NODE_INSTALL: LocalCommand = {
  words: ['node', 'install'],
  argument: 'CERTIFICATE',
  argumentDescription: 'file that "node approve" wrote',
  summary: 'on a host: complete its bundle with the certificate that was issued',
  description: [
    'Asks no gateway. Nothing is written unless the certificate is of the waiting key, of this host, in date, and leads to the root in the bundle.',
  ],
  examples: ['sallyport node install edge-2.crt --bundle /srv/sallyport/edge-2'],
  options: [BUNDLE, JSON_ANSWER],
};

export const AUDIT_VERIFY: LocalCommand = {
  words: ['audit', 'verify'],
  argument: 'FILE',
  argumentDescription: 'what "audit export --format pack" wrote; none with --live',
  summary: 'verify a ledger offline: say what is wrong with it, and where',
  description: [
    'Reads the file alone: no gateway, no database. Builds the Merkle tree anew, checks every checkpoint and cosignature, and each host’s numbers and seals. Ends with 1 where a fault was found; doubts are told and do not fail it.',
    'Keys that were kept elsewhere (--keys, from "audit keys") are what makes a replaced key show; a checkpoint that was kept elsewhere (--checkpoint) makes an older copy show. Docs/audit.md says what a verdict proves.',
  ],
  examples: [
    'sallyport audit verify november.pack --keys ledger-keys.json --checkpoint ledger-checkpoint.txt',
    'sallyport audit verify --live --keys ledger-keys.json',
  ],
  options: [
    option('--live', 'ask a gateway for everything that is signed, and verify it here'),
    option('--keys <FILE>', 'public keys of the ledger and its witnesses'),
    option('--checkpoint <FILE>', 'a checkpoint that you know'),
    option('--strict', 'end with 1 for a doubt as well'),
    ...gatewayOptions,
  ],
};

export const AUDIT_AUDITOR_KEY: LocalCommand = {
  words: ['audit', 'auditor-key'],
  argument: '',
  argumentDescription: '',
  summary: 'make a key with which an auditor reads recorded bodies; site.yaml gets its public half',
  description: [
    'Asks no gateway. To be done on a host of the auditor: the private half is written to a file that a passphrase of at least 12 characters protects, and is needed on no other host. What was recorded before an auditor was named in site.yaml is not sealed for that auditor.',
  ],
  examples: ['sallyport audit auditor-key --out anna.auditor.key'],
  options: [
    option('--out <FILE>', 'where the key file goes (default: auditor.key)'),
    option('--new-passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
    JSON_ANSWER,
  ],
};

export const DOCTOR: LocalCommand = {
  words: ['doctor', 'doctor'],
  argument: '',
  argumentDescription: '',
  summary: 'look whether a host, and what reaches what around it, is as it should be',
  description: [
    'Three things, by its options; none asks a gateway. With `--bundle` alone it judges the host it runs on: clock, randomness, files, disks, kernel, program, ports, certificates, names and channel. Ends with 1 where there is a fault.',
    'With `--from-zone` it tries every place of the plan from where it stands, the allowed and the forbidden ones, a few at a time, and on a host of the plan compares where it listens. Ends with 1 on any difference. `--out` writes what was seen, signed with the host’s key (`--bundle`) or an operator’s.',
    'With `--report` it makes one proof out of many such files, and ends with 1 unless it is proven. See docs/deploy/doctor.md.',
  ],
  examples: [
    'sallyport doctor --bundle /etc/sallyport/edge-1',
    'sallyport doctor --from-zone outer-dmz --against matrix.json --bundle /etc/sallyport/edge-1 --out edge-a.json',
    'sallyport doctor --report edge-a.json app-a.json internet.json --against matrix.json --keys witnesses.json --keys anna.pub --out proof.html',
  ],
  options: [
    option(
      '--bundle <DIR>',
      'bundle of this host: what is judged, or what a result is signed with',
    ),
    option('--state <DIR>', 'where its program keeps what it writes (default: found)'),
    option('--from-zone <ZONE>', 'the zone in which this machine stands'),
    option('--against <FILE>', 'the plan: matrix.json of "sallyport plan"'),
    option('--as <HOST>', 'which host of the plan this machine is (default: by its addresses)'),
    option('--report <FILES...>', 'results of --from-zone that are merged'),
    listed('--keys <FILE>', 'keys that count: witnesses.json, or OPERATOR.pub'),
    option('--max-age <HOURS>', 'how old a result may be (default 24)'),
    option('--out <FILE>', 'where the result, or the proof as HTML, is written'),
    option('--operator-key <FILE>', 'your key file, to sign with instead of the bundle'),
    option('--passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
    option('--all', 'show what is right as well'),
    option('--strict', 'end with 1 for a warning as well'),
    JSON_ANSWER,
  ],
};

export const PLAN: LocalCommand = {
  words: ['plan', 'plan'],
  argument: 'SITE',
  argumentDescription: 'folder of the site, or its site.yaml; none with --preset',
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
};

export const STATE_RESTORE: LocalCommand = {
  words: ['state', 'restore'],
  argument: 'FILE',
  argumentDescription: 'what "sallyport backup" wrote',
  summary: 'verify a backup of a gateway, and put it into an empty folder',
  description: [
    'Asks no gateway. With --check it writes nothing: it opens the file, counts and hashes all of it, builds the ledger’s tree anew from its records and holds it against the newest checkpoint and its signature. Without, it does the same first.',
    'The folder must be empty or not there, and so must the database be, where site.yaml names a server; with --no-database it is not looked at. A server of another name or address is named by a changed site.yaml (--site); files that it names, such as the password’s, must be in the backup. What fails leaves nothing behind. Read "Backup and restore" in docs/operations.md before you start what was restored.',
  ],
  examples: [
    'sallyport restore --check gateway-1.backup --passphrase-file backup.passphrase',
    'sallyport restore gateway-1.backup --bundle /srv/sallyport/gateway-1',
    'sallyport restore gateway-1.backup --bundle /srv/sallyport/gateway-1 --site site.yaml',
  ],
  options: [
    option('--check', 'verify, and write nothing'),
    option('--bundle <DIR>', 'folder that it is put into'),
    option('--no-database', 'put back the files alone, where the database is still there'),
    option(
      '--site <FILE>',
      'site.yaml in place of that in the backup, where the database is another one now',
    ),
    option('--passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
    JSON_ANSWER,
  ],
};

export const LOCAL_COMMANDS: readonly LocalCommand[] = [
  ...SITE_COMMANDS,
  OPERATOR_KEY,
  CERT_SELF,
  NODE_REQUEST,
  NODE_INSTALL,
  AUDIT_VERIFY,
  AUDIT_AUDITOR_KEY,
  DOCTOR,
  PLAN,
  STATE_RESTORE,
];
