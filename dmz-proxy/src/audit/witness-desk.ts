import type { KeyObject } from 'node:crypto';
import { formatSignatureLine } from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { publicKeyOfRaw } from '@sallyport/shared/audit/raw-key.ts';
import { type Witnessed, type WitnessTerms, witness } from '@sallyport/shared/audit/witness.ts';
import { parseWitnessRequest } from '@sallyport/shared/audit/witness-request.ts';
import type { AuditCosigned } from '@sallyport/shared/channel/audit-frames.ts';
import type { WitnessFile } from './witness-file.ts';

export interface WitnessDeskOptions {
  readonly file: WitnessFile;
  /** Its name as a witness. */
  readonly node: string;
  /** Ed25519. */
  readonly witnessKey: KeyObject;
  readonly wallMs: () => number;
  /** The ledger showed another history than the one that this host gave its word for. */
  readonly forked: (size: number) => void;
  /** The head cannot be kept on the disk, and so no word is given. */
  readonly failed: () => void;
}

/** Which ledger is witnessed, and its key: 32 bytes of Ed25519. */
export interface WitnessedLedger {
  readonly origin: string;
  readonly ledgerKey: Buffer;
}

const MALFORMED: AuditCosigned = { status: 400, text: '' };
const UNKNOWN_LEDGER: AuditCosigned = { status: 404, text: '' };
const NOT_KEPT: AuditCosigned = { status: 500, text: '' };

/**
 * Gives this host's word on checkpoints of the ledger (C2SP tlog-witness): that it only grew since the last one.
 *
 * One desk per host, in its first worker: two that know nothing of each other would give their word for two histories.
 */
export class WitnessDesk {
  readonly #options: WitnessDeskOptions;
  #terms: WitnessTerms | undefined;
  #kept: Witnessed | undefined;

  constructor(options: WitnessDeskOptions) {
    this.#options = options;
  }

  use({ origin, ledgerKey }: WitnessedLedger): void {
    const { node, witnessKey } = this.#options;
    const key = noteKey(origin, NOTE_KEY_TYPE.ed25519, publicKeyOfRaw('Ed25519', ledgerKey));
    this.#terms = { origin, logKeys: [key], name: node, privateKey: witnessKey };
  }

  /** The answer to a payload of `auditCheckpoint`. */
  answer(bytes: Buffer, start: number, end: number): AuditCosigned {
    const terms = this.#terms;
    if (terms === undefined) return UNKNOWN_LEDGER;
    const request = parseWitnessRequest(bytes.subarray(start, end));
    if (!request.ok) return MALFORMED;
    const kept = this.#kept ?? this.#options.file.read();
    if (kept === 'unreadable') return this.#notKept();
    const timestampS = Math.floor(this.#options.wallMs() / 1000);
    const turn = witness(kept, request.value, terms, timestampS);
    const { answer } = turn;
    if (answer.code === 409) {
      if (answer.isFork) this.#options.forked(answer.size);
      return { status: 409, text: `${answer.size}\n` };
    }
    if (answer.code !== 200) return { status: answer.code, text: '' };
    if (!this.#options.file.write(turn.kept)) return this.#notKept();
    this.#kept = turn.kept;
    return { status: 200, text: formatSignatureLine(answer.cosignature) };
  }

  #notKept(): AuditCosigned {
    this.#options.failed();
    return NOT_KEPT;
  }
}
