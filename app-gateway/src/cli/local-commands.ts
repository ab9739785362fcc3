import type { Result } from '@sallyport/shared/result.ts';
import type { CommandRefusal } from '../commands/command-refusal.ts';
import type { AuditVerifyOptions } from './audit-verify-command.ts';
import type { RestoreOptions } from './backup/restore-command.ts';
import type { NodeRequestOptions } from './bundle/node-request.ts';
import type { CertSelfOptions } from './cert-self-command.ts';
import {
  gatewayOptions,
  JSON_ANSWER,
  keyOptions,
  listed,
  newKeyOptions,
  option,
} from './command-options.ts';
import type { DoctorOptions } from './doctor/doctor-command.ts';
import type { AuditorKeyOptions } from './keys/auditor-key-file.ts';
import { type Outcome, refusedOutcome } from './outcome.ts';
import type { RemoteOptions } from './remote/remote-command.ts';
import type { Typed, TypedCommand } from './typed-command.ts';

/** The one word that a command cannot do without. */
type Named = readonly [string];

const OPERATOR_KEY: TypedCommand = {
  words: ['operator', 'key'],
  positional: [{ word: 'OPERATOR', description: 'your name as operator, or a name for the key' }],
  summary: 'make a signing key of your own; an officer then adds its public half',
  description: [
    'Asks no gateway. The private half is written to a file that a passphrase of at least 12 characters protects; the public half is written to OPERATOR.pub in the current folder.',
    'The fingerprint is shown here and by "operator add": compare both, for whoever changed OPERATOR.pub on its way would be the operator.',
    'A key that no officer adds is no operator’s, and changes nothing. It can sign what "doctor --from-zone" sees: then its public half goes to "doctor --report --keys".',
  ],
  examples: ['sallyport operator key bob', 'sallyport operator key proof --new-key proof.key'],
  options: [...newKeyOptions, JSON_ANSWER],
  async carryOut({ words, options }: Typed<RemoteOptions, Named>, surroundings) {
    const { operatorKeyCommand } = await import('./keys/new-operator-key.ts');
    return outcomeOf(await operatorKeyCommand(words[0], options, surroundings));
  },
};

const CERT_SELF: TypedCommand = {
  words: ['cert', 'self'],
  positional: [{ word: 'IDENTITY', description: 'name of the identity' }],
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
  isOfGateway: true,
  role: 'operator',
  async carryOut({ words, options }: Typed<CertSelfOptions, Named>, surroundings) {
    const { certSelfCommand } = await import('./cert-self-command.ts');
    return certSelfCommand(words[0], options, surroundings);
  },
};

const BUNDLE = option('--bundle <DIR>', 'bundle of this host (default: the current folder)');

const NODE_REQUEST: TypedCommand = {
  words: ['node', 'request'],
  positional: [],
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
  async carryOut({ options }: Typed<NodeRequestOptions>, { folder }) {
    const { nodeRequestCommand } = await import('./bundle/node-request.ts');
    return nodeRequestCommand(options.bundle ?? folder, options.out ?? folder);
  },
};

const NODE_INSTALL: TypedCommand = {
  words: ['node', 'install'],
  positional: [{ word: 'CERTIFICATE', description: 'file that "node approve" wrote' }],
  summary: 'on a host: complete its bundle with the certificate that was issued',
  description: [
    'Asks no gateway. Nothing is written unless the certificate is of the waiting key, of this host, in date, and leads to the root in the bundle.',
  ],
  examples: ['sallyport node install edge-2.crt --bundle /srv/sallyport/edge-2'],
  options: [BUNDLE, JSON_ANSWER],
  async carryOut({ words, options }: Typed<NodeRequestOptions, Named>, { folder, nowMs }) {
    const { nodeInstallCommand } = await import('./bundle/node-install.ts');
    return nodeInstallCommand(words[0], options.bundle ?? folder, nowMs());
  },
};

const AUDIT_VERIFY: TypedCommand = {
  words: ['audit', 'verify'],
  positional: [
    {
      word: 'FILE',
      description:
        'what "audit export --format pack" wrote, or "audit proof --out"; none with --live',
      isOptional: true,
    },
  ],
  summary: 'verify a ledger offline: say what is wrong with it, and where',
  description: [
    'Reads the file alone: no gateway, no database. With --live the gateway is asked for it, and to compare the rows that its searches read with the records (as "audit compare" does), which no file can show. Builds the Merkle tree anew, checks every checkpoint and cosignature, and each host’s numbers and seals. Ends with 1 where a fault was found; doubts are told and do not fail it.',
    'Keys that were kept elsewhere (--keys, from "audit keys") are what makes a replaced key show; a checkpoint that was kept elsewhere (--checkpoint) makes an older copy and another history show, in a file and with --live; of another ledger, of more records than there are, or signed by nobody who is known, it is a fault. What a verdict proves stands in docs/audit.md.',
    'The proof of a single record is verified with keys that were kept elsewhere, for it holds none.',
  ],
  examples: [
    'sallyport audit verify november.pack --keys ledger-keys.json --checkpoint ledger-checkpoint.txt',
    'sallyport audit verify --live --keys ledger-keys.json --checkpoint ledger-checkpoint.txt',
    'sallyport audit verify 48213.tlog-proof --keys ledger-keys.json',
  ],
  options: [
    option('--live', 'ask a gateway for everything that is signed, and verify it here'),
    option('--keys <FILE>', 'public keys of the ledger and its witnesses'),
    option('--checkpoint <FILE>', 'a checkpoint that you know'),
    option('--strict', 'end with 1 for a doubt as well'),
    ...gatewayOptions,
  ],
  wrong: ({ words, options }: Typed<AuditVerifyOptions>) =>
    (words[0] === undefined) === (options.live === true)
      ? undefined
      : "either argument 'FILE' or option '--live' is needed",
  async carryOut({ words, options }: Typed<AuditVerifyOptions, Partial<Named>>, surroundings) {
    const { auditVerifyCommand } = await import('./audit-verify-command.ts');
    return auditVerifyCommand(words[0], options, surroundings);
  },
};

const AUDIT_AUDITOR_KEY: TypedCommand = {
  words: ['audit', 'auditor-key'],
  positional: [],
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
  async carryOut({ options }: Typed<AuditorKeyOptions>, surroundings) {
    const { auditorKeyCommand } = await import('./keys/auditor-key-file.ts');
    return outcomeOf(await auditorKeyCommand(options, surroundings));
  },
};

const DOCTOR: TypedCommand = {
  words: ['doctor', 'doctor'],
  positional: [],
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
  wrong({ options }) {
    if ('report' in options && 'fromZone' in options) {
      return "options '--report <FILES...>' and '--from-zone <ZONE>' are two things: look first, then report";
    }
    return 'report' in options || 'fromZone' in options || 'bundle' in options
      ? undefined
      : "option '--bundle <DIR>', '--from-zone <ZONE>' or '--report <FILES...>' is missing";
  },
  async carryOut({ options }: Typed<DoctorOptions>, surroundings) {
    const { doctorCommand } = await import('./doctor/doctor-command.ts');
    return doctorCommand(options, surroundings);
  },
};

const STATE_RESTORE: TypedCommand = {
  words: ['state', 'restore'],
  positional: [{ word: 'FILE', description: 'what "sallyport backup" wrote' }],
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
  wrong: ({ options }: Typed<RestoreOptions>) =>
    options.bundle === undefined && options.check !== true
      ? "option '--bundle <DIR>', an empty folder, or '--check' is missing"
      : undefined,
  async carryOut({ words, options }: Typed<RestoreOptions, Named>, surroundings) {
    const { restoreCommand } = await import('./backup/restore-command.ts');
    return restoreCommand(words[0], options, surroundings);
  },
};

/** Commands that are more than one request to a gateway, or none. */
export const LOCAL_COMMANDS: readonly TypedCommand[] = [
  OPERATOR_KEY,
  CERT_SELF,
  NODE_REQUEST,
  NODE_INSTALL,
  DOCTOR,
  AUDIT_VERIFY,
  AUDIT_AUDITOR_KEY,
  STATE_RESTORE,
];

function outcomeOf(done: Result<Outcome, CommandRefusal>): Outcome {
  return done.ok ? done.value : refusedOutcome(done.error);
}
