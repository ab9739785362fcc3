/** `fault`: the ledger is not what it should be. `doubt`: it may be, and somebody should know why it looks so. */
export type Severity = 'fault' | 'doubt';

/** Every word that a verification can say; scripts rely on them. */
export const FINDING_TEXTS = {
  'file-torn': ['fault', 'the file ends early'],
  'file-malformed': ['fault', 'the file is not of this format here'],
  'record-malformed': [
    'fault',
    'the record is none: its octets are not the one encoding of anything',
  ],
  'record-unknown': [
    'fault',
    'the record is of a type, or has a field, that this program does not know: verify with the version that wrote it, or a later one',
  ],
  'not-all-judged': [
    'fault',
    'there is more of this than any ledger has, and what is beyond was not judged',
  ],
  'record-not-proven': ['fault', 'the path does not lead from this record to the signed root'],
  'record-changed': ['fault', 'the record is not the one whose hash the tree holds'],
  'records-swapped': ['fault', 'two records stand in each other’s place'],
  'record-misplaced': ['fault', 'the record belongs elsewhere'],
  'record-twice': [
    'fault',
    'the source’s number, or another source’s word of days, is here a second time',
  ],
  'record-of-gateway': ['fault', 'a proxy’s source has what only gateways write'],
  'host-former': [
    'fault',
    'a host that was no longer of the site says something of days or holds: it does not count',
  ],
  'records-missing': ['fault', 'records are missing here'],
  'tail-missing': ['fault', 'the records end before the signed tree does'],
  'hash-changed': ['fault', 'a stored hash of the tree is not that of its record'],
  'root-wrong': ['fault', 'the records do not give the root that was signed'],
  'root-not-reached': ['fault', 'what would lead from these records to the signed root is missing'],
  'checkpoint-missing': ['fault', 'nothing is signed'],
  'checkpoint-malformed': ['fault', 'a checkpoint is none'],
  'checkpoint-conflict': ['fault', 'two roots are signed for one size'],
  'ledger-key-wrong': ['fault', 'the checkpoint is not signed with the ledger’s key'],
  'origin-wrong': ['fault', 'this is of another ledger'],
  'cosignatures-missing': ['fault', 'no witness has signed any of the checkpoints'],
  'cosignature-wrong': ['fault', 'a witness’s signature is not of this checkpoint'],
  'cosignature-unknown': ['doubt', 'somebody signed whose key is not known'],
  'cosignature-former': [
    'doubt',
    'a host signed that was no longer of the site: it does not count',
  ],
  'cosignatures-late': ['doubt', 'the last records are not yet witnessed'],
  'older-than-known': [
    'fault',
    'this is an older copy: a checkpoint that you know is of more records, which a new export must hold',
  ],
  'known-differs': ['fault', 'up to the checkpoint that you know the records are others'],
  'known-not-signed': ['fault', 'nobody whose key is known signed the checkpoint that you gave'],
  'known-of-another': ['fault', 'the checkpoint that you gave is of another ledger'],
  'known-not-reached': ['doubt', 'the checkpoint that you gave ends outside of the records here'],
  'known-not-compared': [
    'fault',
    'the checkpoint that you gave ends among records that are not here: export with its size (--known)',
  ],
  'sequence-hole': ['fault', 'numbers of the source are missing'],
  'stream-start-missing': ['fault', 'the source’s first records are missing'],
  'seal-key-unknown': ['fault', 'the key of the node that wrote the seal is not known'],
  'seal-signature-wrong': ['fault', 'the seal is not signed by its node'],
  'seal-records-wrong': ['fault', 'the sealed records are not those that the node wrote'],
  'seal-chain-broken': ['fault', 'the seal does not follow the one before it'],
  'seal-late': ['fault', 'there are more records without a seal than any node writes'],
  'seal-range-wrong': ['fault', 'the seal does not begin where the one before it ended'],
  'stream-misattributed': ['fault', 'the stream’s first record names another source'],
  'tail-unsealed': ['fault', 'the run ended, and its last records are not sealed'],
  'tail-unsealed-after-kill': [
    'doubt',
    'the run ended without a last seal, as a kill leaves it; the next run of the worker names it',
  ],
  'tail-not-yet-sealed': ['doubt', 'the last records of a run that goes on are not sealed yet'],
  'seals-end-early': ['fault', 'the next run of the worker knows of a later seal'],
  'run-missing': ['fault', 'a whole run of the worker is missing: the next one knows its seals'],
  'run-unknown': ['doubt', 'the run before this one left nothing here'],
  'source-missing': ['fault', 'a node of the site has no record at all'],
  'gap-declared': ['doubt', 'the source says itself that it lost records'],
  'before-not-here': ['doubt', 'what was before these records is not in this file'],
  'after-not-here': ['doubt', 'what came after these records is not in this file'],
  'hold-broken': ['fault', 'a day was dropped while a legal hold was on it'],
  'day-misnamed': ['fault', 'a day is called another than the one that its records came on'],
  'day-not-on-record': ['doubt', 'no record says what followed on a day that was dropped'],
  'days-dropped': ['doubt', 'older records were dropped; their hashes are here'],
  'columns-changed': ['fault', 'what a search finds the record by is not what the record says'],
  'row-missing': ['fault', 'no search can find the record: it has no row in its day'],
  'row-astray': [
    'fault',
    'a row that searches read is in a day, or at an index, where it does not belong',
  ],
  'digest-changed': [
    'fault',
    'a search by Call-ID, user or request passes over the day that the record is on',
  ],
  'day-changed': ['fault', 'what is noted of a day is not what its records say'],
  'counts-changed': ['fault', 'records are counted otherwise than they are there'],
  'counts-not-compared': [
    'doubt',
    'a day’s records are of too many hours for their counts to be compared',
  ],
  'keys-not-pinned': ['doubt', 'the keys are the file’s own: compare them, or give yours (--keys)'],
} as const satisfies Record<string, readonly [Severity, string]>;

export type FindingCode = keyof typeof FINDING_TEXTS;

/** Where in the ledger, and whose. */
export interface Place {
  readonly index?: number;
  /** Exclusive; absent: one place. */
  readonly untilIndex?: number;
  /** `node/worker/epoch`. */
  readonly source?: string;
  readonly seq?: number;
  readonly untilSeq?: number;
  /** Facts that the sentence of the code does not say. */
  readonly detail?: string;
}

/** One thing that is wrong or worth knowing, and where. */
export interface Finding extends Place {
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly text: string;
}

const PER_CODE_MAX = 50;

/** What a verification has found so far: neighbours become one finding, and each code is listed so often at most. */
export class FindingList {
  readonly #list: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();

  add(code: FindingCode, place: Place = {}): void {
    if (this.#joined(code, place)) return;
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > PER_CODE_MAX) return;
    const [severity, text] = FINDING_TEXTS[code];
    this.#list.push({ severity, code, text, ...place });
  }

  get all(): readonly Finding[] {
    return this.#list;
  }

  /** Findings beyond the limit of a code. */
  get leftOut(): number {
    return [...this.#counts.values()].reduce(
      (sum, count) => sum + Math.max(0, count - PER_CODE_MAX),
      0,
    );
  }

  get hasFault(): boolean {
    return this.#list.some(({ severity }) => severity === 'fault');
  }

  #joined(code: FindingCode, { index, untilIndex, source, detail }: Place): boolean {
    const last = this.#list.at(-1);
    if (last?.code !== code || last.index === undefined || index === undefined) return false;
    if (last.source !== source || last.detail !== detail) return false;
    if ((last.untilIndex ?? last.index + 1) !== index) return false;
    this.#list[this.#list.length - 1] = { ...last, untilIndex: untilIndex ?? index + 1 };
    return true;
  }
}
