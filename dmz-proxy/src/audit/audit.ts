import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { encodeAuditCosigned } from '@sallyport/shared/channel/audit-frames.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { AuditSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import { ConnectionRecords } from './connection-records.ts';
import { noteLastSeal, noteSafeSeal, takeEpoch } from './epoch-file.ts';
import { MessageRecords } from './message-records.ts';
import { RecordCarrier } from './record-carrier.ts';
import { RecordLog } from './record-log.ts';
import { SealedStream } from './sealed-stream.ts';
import { type BlobSpan, Spool } from './spool.ts';
import { WitnessDesk } from './witness-desk.ts';
import { WitnessFile } from './witness-file.ts';

export interface AuditOptions {
  readonly bundle: Bundle;
  readonly worker: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly programVersion: string;
  /** Gateways with an open channel, the first choice first. */
  readonly gateways: () => readonly GatewayLink[];
  /** Nothing more can be kept, or something can again. */
  readonly fullChanged?: () => void;
}

/** Above its limit memory takes so much more, for the ends of what is under way. */
const RESERVE_BYTES = 1_048_576;

/**
 * The audit of one worker: everything that happens at the edge becomes a record, and every record reaches the ledger.
 *
 * Off until a snapshot asks for it. When nothing more can be kept, nothing is let in, unless the site chose gaps.
 */
export class Audit {
  readonly messages: MessageRecords;
  readonly connections: ConnectionRecords;
  readonly #options: AuditOptions;
  readonly #log: RecordLog;
  readonly #stream: SealedStream;
  readonly #spool: Spool;
  readonly #carrier: RecordCarrier;
  readonly #folder: string;
  readonly #desk: WitnessDesk | undefined;
  #settings: AuditSnapshot | undefined;
  /** The newest seal at the last sweep; and the one that was noted for the next run. */
  #latestSeal: NamedSeal | undefined;
  #notedSeal: NamedSeal | undefined;

  constructor(options: AuditOptions) {
    this.#options = options;
    const { bundle, worker, clock, log, programVersion, gateways } = options;
    const { witnessKey, folder, config } = bundle;
    const wallMs = () => clock.wallMs();
    const epoch = newEpoch();
    this.#folder = join(folder, 'spool', `audit-${worker}`);
    this.#log = new RecordLog(epoch);
    const damaged = ({ records, fromMs, untilMs }: BlobSpan): void => {
      log.error('audit-spool-damaged', { records });
      this.#stream.leaveOut('spool-damaged', records, fromMs, untilMs);
    };
    this.#spool = new Spool({
      folder: this.#folder,
      failed: (attempt, code) => log.error('audit-spool-failed', { attempt, code }),
      damaged,
    });
    this.#carrier = new RecordCarrier({
      log: this.#log,
      spool: this.#spool,
      worker,
      clock,
      gateways,
      departing: () => this.#stream.turnOver(),
      damaged,
      fullChanged: (isFull) => this.#fullChanged(isFull),
    });
    this.#stream = new SealedStream({
      log: this.#log,
      node: config.node,
      worker,
      epoch,
      programVersion,
      clock,
      newEpoch,
      previousRun: (current) => takeEpoch(this.#folder, current),
      recorded: (haste) => this.#carrier.recorded(haste),
    });
    this.messages = new MessageRecords(this.#stream, wallMs);
    this.connections = new ConnectionRecords(this.#stream, wallMs);
    // Two that know nothing of each other would give their word for two histories.
    if (worker !== 0 || witnessKey === undefined) return;
    this.#desk = new WitnessDesk({
      file: new WitnessFile(join(folder, 'spool', 'audit-witness')),
      node: config.node,
      witnessKey,
      wallMs,
      forked: (size) => log.error('audit-ledger-forked', { size }),
      failed: () => log.error('audit-witness-not-kept', {}),
    });
  }

  /** Whether nothing may be let in, because it could not be put on record. */
  get isClosed(): boolean {
    return this.#carrier.isFull && this.#settings?.whenFull === 'refuse';
  }

  /** Whether no acknowledgement is worth waiting for: everything has one, or there is no gateway to give one. */
  get isClear(): boolean {
    return this.#settings === undefined || this.#carrier.isClear;
  }

  /** Records kept here, in bytes; and what waits on the disk. */
  get metrics(): Readonly<Record<string, number>> {
    if (this.#settings === undefined) return {};
    return { auditMemoryBytes: this.#log.bytes, auditSpoolBytes: this.#spool.bytes };
  }

  /** Does what a snapshot asks for: records from now on, or none any more. */
  use(settings: AuditSnapshot | undefined): Result<undefined, readonly string[]> {
    if (settings === undefined) {
      if (this.#settings !== undefined) this.#options.log.warn('audit-off', {});
      this.#stream.close();
      this.#settings = undefined;
      return ok(undefined);
    }
    const { witnessKey } = this.#options.bundle;
    if (witnessKey === undefined) {
      return err(['audit: the bundle has no witness.key; `sallyport bundle` makes one']);
    }
    const isFirst = this.#settings === undefined;
    if (isFirst && !this.#spool.open()) return err(['audit: the spool folder cannot be used']);
    this.#settings = settings;
    const { origin, memoryBytesMax, spoolBytesMax, bodyHashSalt } = settings;
    this.messages.useSalt(bodyHashSalt === undefined ? undefined : fromBase64(bodyHashSalt));
    this.#desk?.use({ origin, ledgerKey: fromBase64(settings.ledgerKey) });
    const spoolKey = fromBase64(settings.spoolKey);
    this.#carrier.use({ memoryBytesMax, spoolBytesMax, spoolKey });
    this.#stream.open(witnessKey, memoryBytesMax + RESERVE_BYTES);
    if (isFirst) {
      this.#options.log.info('audit-on', { spooled: this.#spool.size });
      for (const link of this.#options.gateways()) this.connections.channelOpened(link);
    }
    return ok(undefined);
  }

  /** A gateway came, or takes no new requests. */
  gatewaysChanged(): void {
    this.#carrier.choose();
  }

  gatewayOpened(link: GatewayLink): void {
    this.#carrier.choose();
    this.connections.channelOpened(link);
  }

  gatewayClosed(link: GatewayLink, reason: string): void {
    this.connections.channelClosed(link, reason);
    this.#carrier.choose();
  }

  /** Payload of `auditAck`: our own gateway's, so what cannot be understood ends the channel. */
  acknowledged(link: GatewayLink, bytes: Buffer, start: number, end: number): void {
    if (!this.#carrier.acknowledged(bytes, start, end)) link.connection.close('payload-malformed');
  }

  /** Payload of `auditCheckpoint`; the answer has its number. */
  checkpoint(link: GatewayLink, exchange: number, bytes: Buffer, start: number, end: number): void {
    const answer = this.#desk?.answer(bytes, start, end) ?? { status: 404, text: '' };
    link.connection.sendParts(FrameType.auditCosigned, exchange, encodeAuditCosigned(answer));
  }

  /** About once a second. */
  sweep(): void {
    this.#noteSafe();
    this.#stream.sweep();
    this.#carrier.sweep();
  }

  /** Nothing more will happen: the last seal, and everything on its way. */
  close(): void {
    this.#stream.close();
    this.#carrier.sweep();
  }

  /** What no gateway has acknowledged stays on the disk for the next run. */
  keepRest(): void {
    this.#carrier.spoolAll();
    const { epoch, lastSeal } = this.#stream;
    // What is on the disk reaches the ledger later: until then a seal that is not there would look taken away.
    const isAllSafe = this.#log.bytes === 0 && this.#spool.size === 0;
    if (isAllSafe && lastSeal !== undefined) noteLastSeal(this.#folder, epoch, lastSeal);
    this.#spool.close();
  }

  /** Under load the newest seal is always still on its way; the one of a second ago has arrived. */
  #noteSafe(): void {
    const { epoch, lastSeal } = this.#stream;
    const safe = [lastSeal, this.#latestSeal].find(
      (seal) => seal !== undefined && this.#carrier.hasBrought(epoch, seal.seq),
    );
    this.#latestSeal = lastSeal;
    if (safe === undefined || safe === this.#notedSeal) return;
    this.#notedSeal = safe;
    noteSafeSeal(this.#folder, epoch, safe);
  }

  #fullChanged(isFull: boolean): void {
    const { log } = this.#options;
    const fields = {
      memoryBytes: this.#log.bytes,
      spoolBytes: this.#spool.bytes,
      whenFull: this.#settings?.whenFull,
    };
    if (isFull) log.error('audit-full', fields);
    else log.info('audit-has-room', fields);
    this.#options.fullChanged?.();
  }
}

function newEpoch(): bigint {
  return randomBytes(8).readBigUInt64BE();
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
