import type { KeyObject } from 'node:crypto';
import { verifyCosignature } from '@sallyport/shared/audit/cosignature.ts';
import { consistencyProof } from '@sallyport/shared/audit/merkle.ts';
import {
  formatSignatureLine,
  type Note,
  type NoteSignature,
  parseSignatureLine,
} from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, type NoteKey, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { hashesOfTiles, tilesFor } from '@sallyport/shared/audit/tiles.ts';
import { formatWitnessRequest } from '@sallyport/shared/audit/witness-request.ts';
import { decodeAuditCosigned } from '@sallyport/shared/channel/audit-frames.ts';
import type { LedgerFailure, LedgerStore } from '../ports/ledger-store.ts';

/** A proxy worker that can be asked for its word. */
export interface WitnessPeer {
  readonly node: string;
  readonly worker: number;
  /** Sends an `auditCheckpoint`. */
  ask(request: Buffer): void;
}

/** A host gives its word through its first worker alone: two would not know of each other. */
const WITNESS_WORKER = 0;
/** So often in a row a host may have been asked by another gateway first; then it says what it likes. */
const OVERTAKEN_MAX = 5;

/** What operators hear of witnesses. */
export interface WitnessEvents {
  /** It has given its word for a longer ledger than this one is: this database is not what it was. */
  ledgerBehind(node: string, witnessedSize: number, size: number): void;
  /** It says that this ledger is not the one it knows, only longer. */
  refused(node: string, status: number): void;
  /** Its signature is not by the key that is known of it. */
  cosignatureWrong(node: string): void;
  failed(failure: LedgerFailure): void;
}

export interface WitnessRoundOptions {
  readonly store: Pick<LedgerStore, 'head' | 'tile' | 'addCosignature'>;
  readonly witnessKey: (node: string) => KeyObject | undefined;
  readonly events: WitnessEvents;
}

interface Asked {
  readonly size: number;
  readonly note: Note;
  readonly oldSize: number;
  /** It was asked once more, from where it says that it stands: each question costs a proof, so it is not asked for ever. */
  readonly isSecond?: boolean;
}

/**
 * Has proxies put their word under checkpoints (C2SP tlog-witness): each checks that the ledger has only grown
 * since it was asked last, and signs.
 *
 * One question to a host at a time; who is slow is asked with a later checkpoint.
 */
export class WitnessRound {
  readonly #options: WitnessRoundOptions;
  readonly #asked = new Map<WitnessPeer, Asked>();
  /** What each has cosigned last, as it says itself. */
  readonly #known = new Map<WitnessPeer, number>();
  /** How often in a row each had gone on with another gateway of this ledger. */
  readonly #overtaken = new Map<WitnessPeer, number>();

  constructor(options: WitnessRoundOptions) {
    this.#options = options;
  }

  async ask(peers: Iterable<WitnessPeer>, size: number, note: Note): Promise<void> {
    for (const peer of peers) {
      if (peer.worker !== WITNESS_WORKER || this.#asked.has(peer)) continue;
      // Of a database that was set back there is less than it has signed: then it says so itself.
      await this.#send(peer, { size, note, oldSize: Math.min(this.#known.get(peer) ?? 0, size) });
    }
  }

  /** An `auditCosigned` payload, valid during the call. */
  async answered(peer: WitnessPeer, bytes: Buffer, start: number, end: number): Promise<void> {
    const answer = decodeAuditCosigned(bytes, start, end);
    const asked = this.#asked.get(peer);
    if (!answer.ok || asked === undefined) return;
    this.#asked.delete(peer);
    const { status, text } = answer.value;
    if (status === 200) return this.#cosigned(peer, asked, text);
    const ownSize = status === 409 && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
    if (ownSize === undefined || ownSize === asked.oldSize) {
      return this.#options.events.refused(peer.node, status);
    }
    if (ownSize > asked.size) return this.#isAhead(peer, ownSize, asked.size);
    if (asked.isSecond === true) {
      if (ownSize > asked.oldSize) return this.#goneOn(peer, ownSize);
      return this.#options.events.refused(peer.node, status);
    }
    this.#known.set(peer, ownSize);
    await this.#send(peer, { ...asked, oldSize: ownSize, isSecond: true });
  }

  /** Of a ledger that has as many records by now another gateway showed it more; any other one is behind. */
  async #isAhead(peer: WitnessPeer, ownSize: number, size: number): Promise<void> {
    const { store, events } = this.#options;
    const head = await store.head();
    if (!head.ok) return events.failed(head.error);
    if (head.value.size < ownSize) return events.ledgerBehind(peer.node, ownSize, size);
    this.#goneOn(peer, ownSize);
  }

  /** Another gateway was faster: the next checkpoint is proved from there, so that another history shows then. */
  #goneOn(peer: WitnessPeer, ownSize: number): void {
    const times = (this.#overtaken.get(peer) ?? 0) + 1;
    this.#known.set(peer, ownSize);
    this.#overtaken.set(peer, times % OVERTAKEN_MAX);
    if (times === OVERTAKEN_MAX) this.#options.events.refused(peer.node, 409);
  }

  closed(peer: WitnessPeer): void {
    this.#asked.delete(peer);
    this.#known.delete(peer);
    this.#overtaken.delete(peer);
  }

  async #send(peer: WitnessPeer, asked: Asked): Promise<void> {
    this.#asked.set(peer, asked);
    const proof = await this.#proof(asked.oldSize, asked.size);
    // Its channel may have ended meanwhile.
    if (this.#asked.get(peer) !== asked) return;
    if (proof === undefined) {
      this.#asked.delete(peer);
      return;
    }
    peer.ask(formatWitnessRequest({ oldSize: asked.oldSize, proof, note: asked.note }));
  }

  async #cosigned(peer: WitnessPeer, { size, note }: Asked, text: string): Promise<void> {
    const { store, witnessKey, events } = this.#options;
    const key = witnessKey(peer.node);
    const line = key && signedBy(noteKey(peer.node, NOTE_KEY_TYPE.cosignature, key), note, text);
    if (line === undefined) return events.cosignatureWrong(peer.node);
    this.#known.set(peer, size);
    this.#overtaken.delete(peer);
    const kept = await store.addCosignature(size, line.name, formatSignatureLine(line));
    if (!kept.ok) events.failed(kept.error);
  }

  /** That the ledger of `size` begins with that of `oldSize`; undefined: the tiles cannot be read now. */
  async #proof(oldSize: number, size: number): Promise<readonly Uint8Array[] | undefined> {
    const { store, events } = this.#options;
    const tiles = new Map<string, Buffer>();
    for (const { level, index } of tilesFor((hashAt) => consistencyProof(oldSize, size, hashAt))) {
      const tile = await store.tile(level, index);
      if (!tile.ok) {
        events.failed(tile.error);
        return undefined;
      }
      if (tile.value !== undefined) tiles.set(`${level}/${index}`, tile.value);
    }
    try {
      const hashAt = hashesOfTiles((level, index) => tiles.get(`${level}/${index}`));
      return consistencyProof(oldSize, size, hashAt);
    } catch {
      events.failed({ code: 'damaged', reason: 'a tile of the tree is missing' });
      return undefined;
    }
  }
}

/** The line of this witness among those of an answer; those of keys that are not known count for nothing (C2SP tlog-witness). */
function signedBy(witness: NoteKey, note: Note, answer: string): NoteSignature | undefined {
  return answer
    .split('\n')
    .flatMap((line) => parseSignatureLine(line) ?? [])
    .find((line) => verifyCosignature(note.text, line, witness) !== undefined);
}
