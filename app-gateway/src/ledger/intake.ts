import type { KeyObject } from 'node:crypto';
import { recordFault } from '@sallyport/shared/audit/record-check.ts';
import {
  RECORD_HEADER_BYTES,
  recordLengthAt,
  recordSeqAt,
  recordTypeAt,
} from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { type ChainFault, SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import { openBox } from '@sallyport/shared/audit/sealed-box.ts';
import { type AuditSource, formatSource } from '@sallyport/shared/audit/source.ts';
import {
  AUDIT_SPOOL_INFO,
  decodeAuditRecords,
  decodeAuditSpool,
  decodeAuditSpooled,
  encodeAuditAck,
} from '@sallyport/shared/channel/audit-frames.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';
import type { LedgerJournal } from '../ports/ledger-journal.ts';
import type { RecordSpan } from '../ports/ledger-store.ts';
import { JournalShares } from './journal-shares.ts';
import { isOfProxies } from './proxy-types.ts';
import { RecordBudget } from './record-budget.ts';
import { RunJumps } from './run-jumps.ts';

/** One end of a channel to a proxy worker, as far as its records go. */
export interface AuditPeer {
  /** The node that its certificate proves. */
  readonly node: string;
  readonly worker: number;
  acknowledge(payload: Buffer): void;
  /** Reads nothing more from the channel until it is resumed. */
  pause(): void;
  resume(): void;
  close(reason: 'audit-malformed'): void;
}

/** What operators hear of proxies' records. */
export interface IntakeEvents {
  /** A proxy sent what is no record, or records out of order: its channel was closed. */
  malformed(peer: AuditPeer, reason: string): void;
  /** The chain of seals does not fit: somebody changed, removed or made up records. They are kept as they came. */
  chainBroken(source: AuditSource, seq: number, fault: ChainFault): void;
  /** A blob of a proxy's spool does not open: it stays there. */
  blobUnreadable(peer: AuditPeer, blob: bigint, reason: string): void;
  /** No key is known that a node's seals could be checked with. */
  witnessUnknown(node: string): void;
  /** A proxy brings more than it may, or holds too much of the journal: it is read more slowly. At most once a minute. */
  slowed(node: string): void;
}

export interface IntakeOptions {
  readonly journal: LedgerJournal;
  readonly spoolKey: KeyObject;
  /** The witness key of a node; undefined: unknown. */
  readonly witnessKey: (node: string) => KeyObject | undefined;
  readonly events: IntakeEvents;
  /** Above so much that is not on the disk, channels are not read. */
  readonly waitingBytesMax: number;
  /** What a proxy may bring for good, all its workers together. */
  readonly bytesPerSecond: () => number;
  readonly clock: Clock;
}

const SOURCES_MAX = 1000;
/** A seal and a box cost a public-key operation each: they count for as much as other records in that time. */
const KEY_OPERATION_BYTES = 16_384;

/** What is known of a stream that comes in. */
interface Stream {
  /** Everything below this number was given to the journal. */
  nextSeq: number;
  chain: SealChain | undefined;
  /** Resolves when all that was given is on the disk; false: it never will be. */
  durable: Promise<boolean>;
}

/**
 * Where proxies' records come in: checked, given to the journal, acknowledged once they are on the disk.
 *
 * While the disk takes nothing, nothing is acknowledged and soon nothing is read: proxies keep what they have,
 * and their own limits decide what becomes of traffic. A proxy that brings more than it may is read more slowly, so
 * that it waits for its acknowledgements; one that holds too much of the journal is not read until the ledger has some of it.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #streams = new BoundedMap<string, Stream>(SOURCES_MAX);
  /** Channels that are not read because the disk does not keep up. */
  readonly #paused = new Set<AuditPeer>();
  readonly #shares = new JournalShares();
  /** Channels that are not read because their node holds too much of the journal. */
  readonly #crowded = new Set<AuditPeer>();
  /** By node: the certificate proves it, so there are no more than the site has. */
  readonly #jumps = new Map<string, RunJumps>();
  /** Newest record to acknowledge, by peer: one frame for all that became durable at once. */
  readonly #due = new Map<AuditPeer, { readonly epoch: bigint; readonly seq: number }[]>();
  readonly #strangers = new Set<string>();
  readonly #budget: RecordBudget;
  /** Channels that are not read for a moment, because their node brings too much. */
  readonly #slowed = new Map<AuditPeer, Timer>();
  /** Runs out of spools on their way to the disk: a channel that was lost meanwhile brings them again. */
  readonly #fromSpools = new Map<string, Promise<boolean>>();

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { bytesPerSecond, clock, events } = options;
    this.#budget = new RecordBudget({
      bytesPerSecond,
      clock,
      exceeded: (node) => events.slowed(node),
    });
  }

  /** An `auditRecords` payload, valid during the call. */
  records(peer: AuditPeer, bytes: Buffer, start: number, end: number): void {
    const frame = decodeAuditRecords(bytes, start, end);
    if (!frame.ok) return this.#refuse(peer, frame.error);
    const { epoch, recordsStart } = frame.value;
    const run = checkedRun(bytes, recordsStart, end);
    if (typeof run === 'string') return this.#refuse(peer, run);
    const source = { node: peer.node, worker: peer.worker, epoch };
    if (!this.#goesOn(peer, `now ${formatSource(source)}`, run)) return;
    const stream = this.#streamOf(source, run.first);
    const fresh = freshStart(bytes, recordsStart, end, stream.nextSeq);
    if (fresh < end) {
      this.#follow(source, stream, bytes, fresh, end);
      stream.nextSeq = Math.max(stream.nextSeq, run.end);
      stream.durable = this.#keep(source, bytes.subarray(fresh, end));
    }
    void stream.durable.then((isDurable) => {
      if (isDurable) this.#acknowledge(peer, epoch, run.end - 1);
    });
    this.#hold(peer, end - start + run.seals * KEY_OPERATION_BYTES);
  }

  /** An `auditSpooled` payload, valid during the call. */
  spooled(peer: AuditPeer, bytes: Buffer, start: number, end: number): void {
    const frame = decodeAuditSpooled(bytes, start, end);
    if (!frame.ok) return this.#refuse(peer, frame.error);
    const { blob, boxStart } = frame.value;
    this.#hold(peer, Math.max(end - start, KEY_OPERATION_BYTES));
    const opened = openBox(this.#options.spoolKey, bytes.subarray(boxStart, end), AUDIT_SPOOL_INFO);
    // It may be of a time with another key: the proxy keeps it until somebody decides.
    if (!opened.ok) return this.#options.events.blobUnreadable(peer, blob, opened.error);
    const plain = opened.value;
    const spool = decodeAuditSpool(plain);
    const run = spool.ok ? checkedRun(plain, spool.value.recordsStart, plain.length) : spool.error;
    if (!spool.ok || typeof run === 'string') {
      const reason = typeof run === 'string' ? run : 'payload-malformed';
      return this.#options.events.blobUnreadable(peer, blob, reason);
    }
    const { worker, epoch, recordsStart } = spool.value;
    const source = { node: peer.node, worker, epoch };
    // Blobs have an order of their own beside what comes from memory.
    if (!this.#goesOn(peer, `spool ${formatSource(source)}`, run)) return;
    void this.#keepOnce(source, run, plain.subarray(recordsStart)).then((isDurable) => {
      if (isDurable) peer.acknowledge(encodeAuditAck({ of: 'blob', blob }));
    });
    this.#hold(peer, run.seals * KEY_OPERATION_BYTES);
  }

  /** A channel has begun: what its node brought before counts. */
  opened(peer: AuditPeer): void {
    this.#hold(peer, 0);
  }

  /**
   * The gateway put a record of its own into the journal, such as of what it refused to a proxy: while the disk is behind,
   * no channel is read that could make it put in more.
   */
  ownGiven(durable: Promise<boolean>, peers: Iterable<AuditPeer>): Promise<boolean> {
    if (!this.#isBehind) return durable;
    for (const peer of peers) this.#hold(peer, 0);
    void durable.then(() => this.#release());
    return durable;
  }

  /** The ledger has these. */
  taken(spans: readonly RecordSpan[]): void {
    for (const { source, records } of spans) this.#shares.taken(source.node, records.length);
    for (const peer of this.#crowded) {
      if (this.#isCrowding(peer)) continue;
      this.#crowded.delete(peer);
      this.#readOn(peer);
    }
  }

  /** The channel has ended. */
  closed(peer: AuditPeer): void {
    this.#paused.delete(peer);
    this.#crowded.delete(peer);
    this.#slowed.get(peer)?.stop();
    this.#slowed.delete(peer);
    this.#due.delete(peer);
  }

  #goesOn(peer: AuditPeer, stream: string, { first, end }: Run): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const jumps = this.#jumps.get(peer.node) ?? new RunJumps(nowMs);
    this.#jumps.set(peer.node, jumps);
    const isBearable = jumps.follow(stream, first, end, nowMs);
    if (!isBearable) this.#refuse(peer, 'too-many-jumps');
    return isBearable;
  }

  #refuse(peer: AuditPeer, reason: string): void {
    this.#options.events.malformed(peer, reason);
    peer.close('audit-malformed');
  }

  #streamOf(source: AuditSource, first: number): Stream {
    const fresh = () => ({ nextSeq: first, chain: undefined, durable: Promise.resolve(true) });
    return this.#streams.of(formatSource(source), fresh);
  }

  /** Holds the records against their seals. Whatever comes out, they are kept: evidence is not thrown away. */
  #follow(source: AuditSource, stream: Stream, bytes: Buffer, start: number, end: number): void {
    const first = recordSeqAt(bytes, start);
    if (stream.chain === undefined || stream.chain.nextSeq !== first) {
      const key = this.#options.witnessKey(source.node);
      if (key === undefined) return this.#stranger(source.node);
      // Another gateway may have had what came before.
      stream.chain = new SealChain(key, { isLaterPart: first !== 0 });
    }
    for (let at = start; at < end; ) {
      const next = at + recordLengthAt(bytes, at);
      for (const fault of stream.chain.take(bytes, at, next)) {
        this.#options.events.chainBroken(source, recordSeqAt(bytes, at), fault);
      }
      at = next;
    }
  }

  #stranger(node: string): void {
    if (this.#strangers.has(node)) return;
    this.#strangers.add(node);
    this.#options.events.witnessUnknown(node);
  }

  #keep(source: AuditSource, records: Buffer): Promise<boolean> {
    this.#shares.given(source.node, records.length);
    return this.#options.journal.append({ source, records }).then((isDurable) => {
      this.#release();
      return isDurable;
    });
  }

  /** Those that became durable in one turn are acknowledged in one frame for each stream. */
  #acknowledge(peer: AuditPeer, epoch: bigint, seq: number): void {
    const due = this.#due.get(peer) ?? [];
    if (due.length === 0) queueMicrotask(() => this.#sendDue(peer));
    this.#due.set(peer, [...due.filter((one) => one.epoch !== epoch), { epoch, seq }]);
  }

  #sendDue(peer: AuditPeer): void {
    const due = this.#due.get(peer) ?? [];
    this.#due.delete(peer);
    for (const { epoch, seq } of due) {
      peer.acknowledge(encodeAuditAck({ of: 'records', epoch, seq }));
    }
  }

  #keepOnce(source: AuditSource, { first, end }: Run, records: Buffer): Promise<boolean> {
    const name = `${formatSource(source)} ${first}-${end}`;
    const underWay = this.#fromSpools.get(name);
    if (underWay !== undefined) return underWay;
    const kept = this.#keep(source, records).finally(() => this.#fromSpools.delete(name));
    this.#fromSpools.set(name, kept);
    return kept;
  }

  get #isBehind(): boolean {
    return this.#options.journal.waitingBytes > this.#options.waitingBytesMax;
  }

  #isCrowding({ node }: AuditPeer): boolean {
    return this.#shares.isTooMuch(node, this.#options.journal.freeBytes);
  }

  /** After so many bytes of it, is a channel read on? */
  #hold(peer: AuditPeer, bytes: number): void {
    const waitMs = this.#budget.spend(peer.node, bytes);
    if (this.#isBehind) this.#paused.add(peer);
    if (this.#isCrowding(peer)) {
      this.#crowded.add(peer);
      this.#budget.tell(peer.node);
    }
    if (waitMs > 0) {
      // What was read with this frame may have more of them.
      this.#slowed.get(peer)?.stop();
      this.#slowed.set(
        peer,
        this.#options.clock.after(waitMs, () => {
          this.#slowed.delete(peer);
          this.#readOn(peer);
        }),
      );
    }
    if (this.#isHeld(peer)) peer.pause();
  }

  #isHeld(peer: AuditPeer): boolean {
    return this.#paused.has(peer) || this.#slowed.has(peer) || this.#crowded.has(peer);
  }

  #readOn(peer: AuditPeer): void {
    if (!this.#isHeld(peer)) peer.resume();
  }

  #release(): void {
    if (this.#paused.size === 0) return;
    if (this.#options.journal.waitingBytes > this.#options.waitingBytesMax / 2) return;
    const paused = [...this.#paused];
    this.#paused.clear();
    for (const peer of paused) this.#readOn(peer);
  }
}

/** Numbers of records that follow each other: from `first` up to `end`, exclusive. */
interface Run {
  readonly first: number;
  readonly end: number;
  /** How many of them are seals. */
  readonly seals: number;
}

/** The numbers of whole records that a proxy may write, from `start` to `end`, or what is wrong with them. */
function checkedRun(bytes: Buffer, start: number, end: number): Run | string {
  const first = start + RECORD_HEADER_BYTES <= end ? recordSeqAt(bytes, start) : 0;
  let seq = first;
  let seals = 0;
  for (let at = start; at < end; seq++) {
    if (at + RECORD_HEADER_BYTES > end) return 'record-cut';
    const next = at + recordLengthAt(bytes, at);
    if (next > end) return 'record-cut';
    const fault = recordFault(bytes, at, next);
    if (fault !== undefined) return fault;
    if (!isOfProxies(recordTypeAt(bytes, at))) return 'record-not-of-proxy';
    if (recordSeqAt(bytes, at) !== seq) return 'records-not-in-order';
    if (recordTypeAt(bytes, at) === AUDIT_TYPE.seal) seals += 1;
    at = next;
  }
  return { first, end: seq, seals };
}

/** Where the first record begins that has this number or a later one. */
function freshStart(bytes: Buffer, start: number, end: number, nextSeq: number): number {
  let at = start;
  while (at < end && recordSeqAt(bytes, at) < nextSeq) at += recordLengthAt(bytes, at);
  return at;
}
