import { EXPORT_FORMATS } from '../../ledger/export-format.ts';
import type { CommandDescription } from '../command.ts';
import { option, positional, REASON, required } from '../command-parameters.ts';

/** How many records a search shows unless told. */
export const SEARCH_LIMIT_DEFAULT = 50;
/** A record has 8 KiB at most, and an answer 2 MiB: with its names and escapes fifty are safe, and pages do the rest. */
export const SEARCH_LIMIT_MAX = 1000;

export const AUDIT_SEARCH: CommandDescription = {
  words: ['audit', 'search'],
  summary: 'find records of the ledger by time, partner, user, Call-ID, source, verdict or type',
  description: [
    'All that is given must hold. Newest first; --before goes on with older ones. With --after, or --follow, oldest first; --follow goes on until it is stopped, with what comes.',
    'A user is meant as sender or receiver, written user@domain. Verdicts are those of policy decisions, and the codes of what was refused or ended. What came from the wire is shown so that it steers no terminal: a backslash is doubled, a control character is \\u{1b}, an octet that is no UTF-8 is \\xff.',
  ],
  examples: [
    'sallyport audit search --partner globex --from 2026-11-21T08:00:00Z --type message-refused',
    'sallyport audit search --user alice@globex.example --limit 200',
    'sallyport audit search --follow --source 192.0.2.7',
  ],
  parameters: [
    option('from', 'not before this day or time (UTC)', 'TIME'),
    option('to', 'before this day or time (UTC)', 'TIME'),
    option('partner', 'name of the partner', 'PARTNER'),
    option('user', 'sender or receiver', 'ADDRESS'),
    option('callId', 'Call-ID, of the inner server or as the partner sees it', 'CALL-ID'),
    option('source', 'IP address that it came from', 'IP'),
    option('verdict', 'verdict or code, such as partner-severed', 'WORD'),
    option('type', 'type of record, such as message-admitted; may be repeated', 'TYPE', 'list'),
    option('status', 'SIP status', 'STATUS', 'number'),
    option('node', 'host that wrote it', 'NODE'),
    option(
      'limit',
      `how many at a time (default ${SEARCH_LIMIT_DEFAULT}, at most ${SEARCH_LIMIT_MAX})`,
      'COUNT',
      'number',
    ),
    option('before', 'only those with a smaller index', 'INDEX', 'number'),
    option('after', 'only those with a larger index, oldest first', 'INDEX', 'number'),
    { name: 'follow', description: 'show new ones as they come', kind: 'flag' },
  ],
};

export const AUDIT_SHOW: CommandDescription = {
  words: ['audit', 'show'],
  summary: 'draw a call or conversation as a ladder: who sent what to whom, and what came back',
  description: [
    'Partners stand left, our hosts right; the number behind each line is the index of its record. Requests are drawn double, answers single, refusals end in an X.',
  ],
  examples: [
    'sallyport audit show 3848276298220188511@client.globex.example',
    'sallyport audit show 3848276298220188511@client.globex.example --svg call.svg',
  ],
  parameters: [
    positional('callId', 'Call-ID, as the records or the inner server have it'),
    option('svg', 'write a picture to this file', 'FILE', 'output'),
  ],
  answersWithFiles: true,
};

export const AUDIT_REPORT: CommandDescription = {
  words: ['audit', 'report'],
  summary: 'write a partner’s month as a page of HTML: counts, refusals, certificates, peaks',
  description: [
    'One file that needs nothing else: it opens in any browser and prints on paper (or to PDF from there). Times are UTC.',
  ],
  examples: ['sallyport audit report --partner globex --month 2026-11 --out globex-2026-11.html'],
  parameters: [
    required(option('partner', 'name of the partner', 'PARTNER')),
    required(option('month', 'such as 2026-11', 'MONTH')),
    required(option('out', 'file to write', 'FILE', 'output')),
  ],
  answersWithFiles: true,
};

export const AUDIT_EXPORT: CommandDescription = {
  words: ['audit', 'export'],
  summary: 'write records into a file: JSON lines, CSV, RFC 6873, or a pack to verify offline',
  description: [
    'jsonl: one object a line. csv: RFC 4180, one column a field; what a spreadsheet would calculate begins with an apostrophe. rfc6873: the SIP Common Log Format, each request followed by its answer. pack: what "audit verify" takes: the records with the tree’s hashes, checkpoints, cosignatures and public keys (docs/audit.md).',
    'The ledger is in the order of its index; --from and --to choose by the time in the records, and take every index between the first and the last that match. A pack takes all that came on the days (UTC) of that time besides, up to the record that the next day has begun, so that nothing that a search does not find is left out of it.',
    'A checkpoint that was kept elsewhere ends somewhere in the ledger. Where the records there were dropped since, or are not in the file, a pack can be compared with it only if it was written with --known, and the number in the checkpoint’s second line.',
  ],
  examples: [
    'sallyport audit export --format pack --out all.pack --known 181204',
    'sallyport audit export --format pack --out november.pack --from 2026-11-01 --to 2026-12-01',
    'sallyport audit export --format csv --out today.csv --from 2026-11-21',
  ],
  parameters: [
    {
      name: 'format',
      description: EXPORT_FORMATS.join(', '),
      isRequired: true,
      kind: 'text',
      valueName: 'FORMAT',
    },
    option('from', 'not before this day or time (UTC)', 'TIME'),
    option('to', 'before this day or time (UTC)', 'TIME'),
    option('known', 'size of a checkpoint that the pack will be compared with', 'SIZE', 'number'),
    required(option('out', 'file to write; it must not be there yet', 'FILE', 'output')),
  ],
};

export const AUDIT_KEYS: CommandDescription = {
  words: ['audit', 'keys'],
  summary: 'write the public keys and the newest checkpoint, to be kept elsewhere',
  description: [
    'ledger-keys.json: the ledger’s key and those of all witnesses; ledger-keys.txt: the same for other programs that verify transparency logs, a verifier key (C2SP signed-note) a line, the ledger’s first; ledger-checkpoint.txt: the newest checkpoint with its cosignatures. Whoever verifies with files that were kept elsewhere sees a replaced key, a rewritten history and an older copy. Write the checkpoint anew from time to time.',
  ],
  examples: ['sallyport audit keys --out kept'],
  parameters: [],
  answersWithFiles: true,
};

export const AUDIT_PROOF: CommandDescription = {
  words: ['audit', 'proof'],
  summary: 'prove that a record is in the signed ledger',
  description: [
    'The record, the path of hashes from it to the root (RFC 9162 §2.1.3), and the newest signed checkpoint with its witnesses’ cosignatures. The command line follows the path itself and says whether it leads to the root. The file that --out names is all that an auditor needs beside the public keys: "audit verify" reads it, and so does whoever knows the format (C2SP tlog-proof; its extra data is the record).',
  ],
  examples: [
    'sallyport audit proof 48213',
    'sallyport audit proof 48213 --out 48213.tlog-proof',
    'sallyport audit verify 48213.tlog-proof --keys kept/ledger-keys.json',
  ],
  parameters: [
    positional('index', 'index of the record', 'number'),
    option('out', 'write the proof to this file', 'FILE', 'output'),
  ],
  answersWithFiles: true,
};

export const AUDIT_COMPARE: CommandDescription = {
  words: ['audit', 'compare'],
  summary: 'compare what searches and statistics read of the database with the records themselves',
  description: [
    'A search finds records by columns that stand beside them in the database, and statistics are counts that are kept there. Whoever owned the database could change them and leave every proof as it was. This command reads each record and says where its row is not what it says, is missing, in another day or there twice, and which days and counts are not those of their records. Ends with 1 where there is a fault.',
    'That the records are right is not looked at here: "audit verify --live" does both. Nothing is kept or changed; a thousand records are read at a time. What was changed "audit rebuild" makes anew.',
  ],
  examples: ['sallyport audit compare'],
  parameters: [],
};

export const AUDIT_REBUILD: CommandDescription = {
  words: ['audit', 'rebuild'],
  summary: 'make what searches and statistics read of the database anew from the records',
  description: [
    'What to do after "audit compare" has found something: columns that were changed are written as the records say, rows that were moved come back into their day, and bounds and counts of days that are over are counted anew. Records and tree are not touched. A record counts where its hash is the one that the tree has at its place. A thousand rows are written at a time, and gateways go on meanwhile; it may be broken off, and given again.',
    'What no record tells is named and left, and the command ends with 1: rows that are gone with their record, rows where none belongs, first and last index of a day, records that were changed themselves, and of which source a record is. The counts of the newest day are written anew once it is over.',
  ],
  examples: ['sallyport audit rebuild --reason "columns changed by the database administrator"'],
  parameters: [REASON],
  role: 'operator',
};

export const AUDIT_STATS: CommandDescription = {
  words: ['audit', 'stats'],
  summary: 'show the ledger’s size, days, head, cosignatures and tails that are not sealed',
  description: [
    'Types are those of all records, or of a time: by their own times, in whole hours (UTC), each that --from and --to touch; without days that were dropped. Tails that are not sealed are those of the newest 10,000 records.',
  ],
  examples: [
    'sallyport audit stats',
    'sallyport audit stats --from 2026-11-21T08:00:00Z --to 2026-11-21T12:00:00Z',
  ],
  parameters: [
    option('from', 'count types from this day or time on (UTC)', 'TIME'),
    option('to', 'count types before this day or time (UTC)', 'TIME'),
  ],
};

export const AUDIT_HOLD: CommandDescription = {
  words: ['audit', 'hold'],
  summary: 'keep records of some days until "audit release", whatever the retention says',
  description: [
    'Days are those (UTC) on which records came into the ledger. A name is used once: what was released stays in the history. "audit stats" lists holds.',
  ],
  examples: [
    'sallyport audit hold case-7 --from 2026-11-01 --to 2026-11-30 --reason "court order 4 C 12/26"',
  ],
  parameters: [
    positional('hold', 'a name for the hold'),
    required(option('from', 'the first day that is kept', 'DAY')),
    required(option('to', 'the last day that is kept', 'DAY')),
    REASON,
  ],
  role: 'operator',
};

export const AUDIT_RELEASE: CommandDescription = {
  words: ['audit', 'release'],
  summary: 'end a hold: its days are dropped when the retention says so',
  description: ['For officers. Days that are older than the retention are dropped within minutes.'],
  examples: ['sallyport audit release case-7 --reason "settled, letter of 2026-12-01"'],
  parameters: [positional('hold', 'name of the hold'), REASON],
  role: 'officer',
};

export const AUDIT_REVEAL: CommandDescription = {
  words: ['audit', 'reveal'],
  summary: 'read a recorded body, with an auditor’s key and a reason; the reading is put on record',
  description: [
    'The gateway writes the record of the reading first and then gives out the body sealed; it is opened here, with the key file that "audit auditor-key" wrote, which goes to nobody. On a terminal the body is shown so that it steers nothing; --out writes it as it came.',
  ],
  examples: [
    'sallyport audit reveal 48213 --auditor-key anna.auditor.key --reason "court order 4 C 12/26"',
  ],
  parameters: [
    positional('record', 'index of the record "body-recorded"', 'number'),
    REASON,
    option('out', 'file for the body, as it came', 'FILE', 'output'),
  ],
  role: 'auditor',
  isSealed: true,
  answersWithFiles: true,
};

export const AUDIT_MATCH: CommandDescription = {
  words: ['audit', 'match'],
  summary: 'say whether a text is the body of a message on record; the question is put on record',
  description: [
    'For a message that was recorded while "audit: { bodyHashes: true }" stood in site.yaml: its record has a hash of the body, from which nobody learns the words, but which a text can be held against. The file is taken as it is, and with the line ends that it may have had on its way. Ends with 1 where it is another text.',
    'The record of the question says who asked why about which record, and what came of it; nothing of the text.',
  ],
  examples: [
    'sallyport audit match 48213 --body mail-from-globex.txt --reason "complaint of 2026-11-24"',
  ],
  parameters: [
    positional('record', 'index of the message’s record', 'number'),
    required(option('body', 'file with the text that is said to be the body', 'FILE', 'file')),
    REASON,
  ],
  role: 'auditor',
};

export const AUDIT_ERASE_DAY: CommandDescription = {
  words: ['audit', 'erase-day'],
  summary: 'erase the key of a day: no body recorded on it can be read by anybody again',
  description: [
    'For officers, and for good. Records and proofs stay as they are. Refused while a legal hold is on the day, and for today (UTC). A backup of the database from before still holds the sealed key, which opens with the site’s cluster.key: erase such backups as well.',
  ],
  examples: ['sallyport audit erase-day 2026-11-21 --reason "request of the works council"'],
  parameters: [positional('day', 'the day (UTC), such as 2026-11-21'), REASON],
  role: 'officer',
};
