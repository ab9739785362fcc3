import { sealBox } from '@sallyport/shared/audit/sealed-box.ts';
import {
  AUDIT_ACK_BYTES,
  AUDIT_SPOOL_HEAD_BYTES,
  AUDIT_SPOOL_INFO,
  decodeAuditAck,
  encodeAuditSpooled,
  putAuditSpoolHead,
} from '@sallyport/shared/channel/audit-frames.ts';
import { FrameType, readU32 } from '@sallyport/shared/channel/frame.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { everyTurn, type Flushable } from '@sallyport/shared/io/flush-schedule.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import type { RecordLog, RecordRun, TakeRecords } from './record-log.ts';
import type { Haste } from './sealed-stream.ts';
import type { BlobSpan, Spool } from './spool.ts';

/** How much may be kept, and for whom it is sealed on the disk. */
export interface CarrierLimits {
  readonly memoryBytesMax: number;
  readonly spoolBytesMax: number;
  /** X25519, 32 bytes. */
  readonly spoolKey: Buffer;
}

export interface RecordCarrierOptions {
  readonly log: RecordLog;
  readonly spool: Spool;
  readonly worker: number;
  readonly clock: Clock;
  /** Gateways that could take records, the first choice first. */
  readonly gateways: () => readonly GatewayLink[];
  /** What was recorded so far leaves now. */
  readonly departing: () => void;
  /** Records that were on the disk cannot be read there any more. */
  readonly damaged: (lost: BlobSpan) => void;
  /** Nothing more can be kept, or it can again. */
  readonly fullChanged: (isFull: boolean) => void;
}

/** Unread by the gateway so far, the channel gets no more records: they wait here, where they are bounded. */
const PENDING_BYTES_MAX = 1_048_576;
/** Slabs that are sealed together: one write to the disk takes about 256 KiB. */
const SLABS_PER_BLOB = 4;
/** What need not leave at once leaves with anything that does, and by itself after so long. */
const PATIENCE_MS = 5;
/** Blobs under way at once. */
const BLOBS_SENT_MAX = 4;
/** A spool with no more than this goes whole, and before what is in memory. */
const SMALL_SPOOL_BYTES = 524_288;
const SMALL_SPOOL_BLOBS = 256;
/** A blob that is not acknowledged for so long, such as one that no gateway can open, no longer holds up the others. */
const BLOB_TIMEOUT_MS = 10_000;
/** After it was full, so much must be free before it is not. */
const RELIEF_BYTES = 262_144;
/** A gateway that has acknowledged nothing in so many sweeps has trouble with its disk: what it was sent goes to ours, and to another one. */
const SILENT_SWEEPS_MAX = 2;

/**
 * Brings records to one gateway and keeps them until it has them: in memory, then on the disk.
 *
 * One gateway at a time has all of them, and another one when that is lost or silent: it gets again what was not acknowledged,
 * and knows the numbers that it has seen. What little a short absence left on the disk goes first: later numbers before earlier ones
 * look like a hole in the ledger. Of more than that a few blobs go at a time, and before them what is in memory: a kill
 * takes only that. While there is no gateway everything goes to the disk before the turn in which it happened writes to any partner;
 * while there is one that acknowledges nothing, about once a second.
 */
export class RecordCarrier implements Flushable {
  readonly #options: RecordCarrierOptions;
  readonly #log: RecordLog;
  readonly #spool: Spool;
  readonly #board = (): void => this.#send();
  /** Made once: a closure in `recorded` would cost 40 bytes a record, whether it is made or not. */
  readonly #endPatience = (): void => {
    this.#patience = undefined;
    if (this.#log.seenTo === 'patient') this.#log.seenTo = 'none';
    this.#expect();
  };
  readonly #take: TakeRecords = (head, bytes, start, end) =>
    this.#link?.connection.sendParts(FrameType.auditRecords, 0, head, bytes, start, end) === true;
  #limits: CarrierLimits | undefined;
  #link: GatewayLink | undefined;
  #acknowledged: { readonly epoch: bigint; readonly seq: number } | undefined;
  /** Blobs that the gateway of now has, and since when: sent as such, or as records before they were spooled. */
  readonly #sentBlobs = new Map<bigint, number>();
  /** Those sent as records before they were spooled: an acknowledgement of records is theirs too. */
  readonly #asRecords = new Map<bigint, { readonly epoch: bigint; readonly lastSeq: number }>();
  #patience: Timer | undefined;
  #isTurnDue = false;
  /** When the channel last wrote, something could not go with it. */
  #isHeldBack = false;
  #isFull = false;
  /** The disk has just taken nothing: until the next sweep nobody asks it again, sealing being dear. */
  #isDiskTried = false;
  /** Sweeps since something waits and nothing was acknowledged; and whether anything was since this gateway has the records. */
  #silentSweeps = 0;
  #hasAnswered = false;

  constructor(options: RecordCarrierOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#spool = options.spool;
  }

  /** Whether nothing more can be kept: memory and disk are at their limits, or the disk fails. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The gateway that gets the records now. */
  get gateway(): string | undefined {
    return this.#link?.node;
  }

  /** Whether there is nothing to wait for: a gateway has all there is, or there is none. */
  get isClear(): boolean {
    return this.#link === undefined || (this.#log.bytes === 0 && this.#spool.size === 0);
  }

  /** Whether gateways have everything of that stream up to `seq` on their disks. */
  hasBrought(epoch: bigint, seq: number): boolean {
    const acknowledged = this.#acknowledged;
    if (acknowledged?.epoch !== epoch || this.#spool.size > 0) return false;
    return acknowledged.seq >= seq;
  }

  use(limits: CarrierLimits): void {
    this.#limits = limits;
    this.#isDiskTried = false;
    this.choose();
    this.#relieve();
  }

  /** Something was added to the log; not told of what `seenTo` there says will leave soon. */
  recorded(haste: Haste): void {
    if (this.#log.bytes > (this.#limits?.memoryBytesMax ?? 0) && !this.#isFull) this.#relieve();
    if (this.#link === undefined || haste === 'urgent') {
      if (this.#isTurnDue) return;
      this.#isTurnDue = true;
      everyTurn.dirty(this);
      return;
    }
    // What leaves soon takes it along.
    if (this.#log.seenTo === 'prompt') return;
    this.#log.seenTo = haste;
    if (haste === 'prompt') this.#link.connection.expectDeparture();
    else this.#patience ??= this.#options.clock.after(PATIENCE_MS, this.#endPatience);
  }

  /** The turn ends. */
  flush(): void {
    this.#isTurnDue = false;
    this.#options.departing();
    if (this.#link === undefined) this.#spoolOn();
    else this.#link.connection.depart();
  }

  /** A gateway came, went, or takes no new requests: stays with the one there is while that is good. */
  choose(): void {
    if (this.#limits === undefined) return;
    const gateways = this.#options.gateways();
    const current = this.#link;
    const isThere = current !== undefined && gateways.includes(current);
    if (isThere && current.connection.isAvailable) return;
    this.#join(gateways.find((link) => link.connection.isAvailable) ?? gateways[0]);
  }

  /** Payload of `auditAck`; false: it cannot be understood. From another gateway than the one of now it counts too. */
  acknowledged(bytes: Buffer, start: number, end: number): boolean {
    const isOfStream = end - start === AUDIT_ACK_BYTES && this.#log.isOfStream(bytes, start);
    if (isOfStream) {
      this.#recordsSafe(this.#log.epoch, readU32(bytes, end - 4));
    } else {
      const ack = decodeAuditAck(bytes, start, end);
      if (!ack.ok) return false;
      if (ack.value.of === 'blob') this.#removeBlob(ack.value.blob);
      else this.#recordsSafe(ack.value.epoch, ack.value.seq);
    }
    this.#silentSweeps = 0;
    this.#hasAnswered = true;
    if (this.#isFull) this.#relieve();
    // What merely waits for company goes on waiting: there are as many acknowledgements as writes.
    if (this.#isHeldBack || this.#spool.size > 0) this.#expect();
    return true;
  }

  /** About once a second: what waits is tried again. */
  sweep(): void {
    this.#isDiskTried = false;
    // A blob that nobody can open waits for ever, and is no sign of silence.
    const isWaiting = this.#log.bytes > 0 || (!this.#hasAnswered && this.#spool.size > 0);
    this.#silentSweeps = isWaiting ? this.#silentSweeps + 1 : 0;
    if (this.#isFull) this.#relieve();
    const isSilent = this.#silentSweeps > SILENT_SWEEPS_MAX;
    if (this.#link === undefined || isSilent) this.#spoolOn();
    if (this.#link !== undefined && isSilent) this.#tryAnother();
    this.#expect();
  }

  /** Puts everything on the disk that no gateway has acknowledged, such as at the end of the run. */
  spoolAll(): void {
    this.#isDiskTried = false;
    this.#spoolOn();
  }

  #spoolOn(): void {
    while (this.#log.bytes > 0 && this.#spoolOldest());
  }

  #expect(): void {
    if (!this.#log.hasUnsent && this.#spool.size === 0) return;
    this.#link?.connection.expectDeparture();
  }

  /** The channel is about to write: what waits goes with it. */
  #send(): void {
    this.#log.seenTo = 'none';
    this.#options.departing();
    const connection = this.#link?.connection;
    this.#isHeldBack = connection === undefined || connection.pendingBytes > PENDING_BYTES_MAX;
    if (connection === undefined || this.#isHeldBack) return;
    const { size, bytes } = this.#spool;
    if (size <= SMALL_SPOOL_BLOBS && bytes <= SMALL_SPOOL_BYTES) this.#sendBlobs(SMALL_SPOOL_BLOBS);
    this.#log.sendUnsent(this.#take);
    this.#isHeldBack = this.#log.hasUnsent;
    this.#sendBlobs(BLOBS_SENT_MAX);
  }

  /** So many at a time: the next ones when these are acknowledged. */
  #sendBlobs(most: number): void {
    if (this.#sentBlobs.size === this.#spool.size) return;
    const nowMs = this.#options.clock.monotonicMs();
    let underWay = 0;
    for (const sentAtMs of this.#sentBlobs.values()) {
      if (nowMs - sentAtMs < BLOB_TIMEOUT_MS) underWay++;
    }
    for (const { id, ...span } of this.#spool.waiting()) {
      if (this.#sentBlobs.has(id)) continue;
      if (underWay++ >= most) return;
      const box = this.#spool.read(id);
      if (box === undefined) return;
      if (box === 'damaged') {
        this.#removeBlob(id);
        this.#options.damaged(span);
        continue;
      }
      const payload = encodeAuditSpooled(id, box);
      if (!this.#link?.connection.sendParts(FrameType.auditSpooled, 0, payload)) return;
      this.#sentBlobs.set(id, nowMs);
    }
  }

  #recordsSafe(epoch: bigint, seq: number): void {
    this.#log.acknowledge(epoch, seq);
    this.#acknowledged = { epoch, seq };
    if (this.#asRecords.size === 0) return;
    for (const [id, sent] of this.#asRecords) {
      if (sent.epoch === epoch && sent.lastSeq <= seq) this.#removeBlob(id);
    }
  }

  #removeBlob(id: bigint): void {
    this.#isDiskTried = false;
    this.#spool.remove(id);
    this.#sentBlobs.delete(id);
    this.#asRecords.delete(id);
  }

  /** The next gateway in the row, for this one acknowledges nothing; where there is no other it stays. */
  #tryAnother(): void {
    const gateways = this.#options.gateways();
    const at = this.#link === undefined ? -1 : gateways.indexOf(this.#link);
    const others = [...gateways.slice(at + 1), ...gateways.slice(0, Math.max(at, 0))];
    const next = others.find((link) => link.connection.isAvailable);
    if (next !== undefined) this.#join(next);
  }

  /** From now on that gateway has all that was not acknowledged. */
  #join(next: GatewayLink | undefined): void {
    const current = this.#link;
    if (next === current) return;
    if (current !== undefined) current.connection.boards = undefined;
    this.#link = next;
    this.#log.seenTo = 'none';
    this.#silentSweeps = 0;
    this.#hasAnswered = false;
    this.#sentBlobs.clear();
    this.#asRecords.clear();
    this.#log.rewind(this.#acknowledged);
    if (next === undefined) return this.#spoolOn();
    next.connection.boards = this.#board;
    next.connection.expectDeparture();
  }

  /** Makes room in memory by the disk. */
  #relieve(): void {
    const limits = this.#limits;
    if (limits === undefined) return;
    const { memoryBytesMax } = limits;
    const fullAbove = this.#isFull ? memoryBytesMax - RELIEF_BYTES : memoryBytesMax;
    while (this.#log.bytes > fullAbove && this.#spoolOldest());
    const isFull = this.#log.bytes > fullAbove;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#options.fullChanged(isFull);
  }

  /** False: the disk takes no more. */
  #spoolOldest(): boolean {
    const limits = this.#limits;
    const run = limits && this.#log.oldest(SLABS_PER_BLOB);
    if (limits === undefined || run === undefined || this.#isDiskTried) return false;
    const box = sealBox(limits.spoolKey, plainOf(run, this.#options.worker), AUDIT_SPOOL_INFO);
    const { records, firstMs: fromMs, lastMs: untilMs } = run;
    const id = this.#spool.append(box, { records, fromMs, untilMs }, limits.spoolBytesMax);
    if (id === undefined) {
      this.#isDiskTried = true;
      return false;
    }
    this.#log.drop(run);
    if (run.isSent && this.#link !== undefined) {
      this.#sentBlobs.set(id, this.#options.clock.monotonicMs());
      this.#asRecords.set(id, { epoch: run.epoch, lastSeq: run.lastSeq });
    }
    return true;
  }
}

function plainOf({ epoch, pieces }: RecordRun, worker: number): Buffer {
  const head = Buffer.allocUnsafe(AUDIT_SPOOL_HEAD_BYTES);
  putAuditSpoolHead(head, worker, epoch);
  return Buffer.concat([head, ...pieces]);
}
