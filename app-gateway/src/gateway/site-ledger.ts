import { type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { AuditSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { systemClock as clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { AuditEnd } from '../adapters/channel/audit-end.ts';
import type { TurnedAway } from '../adapters/channel/channel-ends.ts';
import { LINES_OF_STANDING_FAULT, LimitedLog } from '../adapters/channel/limited-log.ts';
import type { ProxyChannel } from '../adapters/channel/proxy-channel.ts';
import { newEpoch, Run } from '../adapters/files/epoch-file.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { FileJournal } from '../adapters/files/journal.ts';
import type { SiemFeeds } from '../adapters/syslog/siem-feeds.ts';
import { dayKeySeal } from '../commands/cluster-key-seal.ts';
import type { Site } from '../config/site.ts';
import type { BodySink } from '../domain/core/body-sink.ts';
import {
  auditSpoolKey,
  keyText,
  ledgerFacts,
  ledgerOrigin,
  ledgerSigningKey,
} from '../domain/ledger-keys.ts';
import { auditSnapshotOf } from '../domain/snapshot-of-site.ts';
import { Appender } from '../ledger/appender.ts';
import { BodyRecorder } from '../ledger/bodies/body-recorder.ts';
import { DayKeys } from '../ledger/bodies/day-keys.ts';
import { ChangeCopier } from '../ledger/change-copier.ts';
import { Checkpoints } from '../ledger/checkpoints.ts';
import { noteBegun } from '../ledger/day-begun.ts';
import { Intake } from '../ledger/intake.ts';
import { type Note, OwnStream } from '../ledger/own-stream.ts';
import type { Retention } from '../ledger/retention.ts';
import { WitnessRound } from '../ledger/witness-round.ts';
import type { BodyStore } from '../ports/body-store.ts';
import type { FeedCursors } from '../ports/feed-cursors.ts';
import type { LedgerFailure, LedgerStore } from '../ports/ledger-store.ts';
import type { StateStore } from '../ports/state-store.ts';
import { channelClosedFields, channelOpenedFields } from './channel-records.ts';
import { feedsOf } from './site-feeds.ts';
import { retentionOf } from './site-retention.ts';

/** Folder of the journal below a gateway's bundle; a new bundle takes it over. */
const JOURNAL_FOLDER = join('run', 'audit');
/** Above so much that is not on the disk, channels are not read. */
const WAITING_BYTES_MAX = 16_777_216;
/** So long an end waits for the disk. */
const STOP_MS = 5000;
/** Changes that nobody announced are looked for this often. */
const COPY_MS = 30_000;
const TIDY_MS = 60_000;
/** Lines of one kind about one host: its owner makes as many faults as it likes. */
const FAULTS = { linesPerSecond: 1, linesAtOnce: 20 };

type Witness = NonNullable<GatewayBundle['witness']>;

export interface SiteLedgerOptions {
  readonly bundle: GatewayBundle;
  readonly witness: Witness;
  readonly site: () => Site;
  readonly state: StateStore;
  readonly store: LedgerStore;
  readonly feedCursors: FeedCursors;
  readonly bodies: BodyStore;
  readonly programVersion: string;
  readonly log: Logger;
}

/** The ledger of a running gateway, composed: from channels and from this node into the database, and signed. */
export class SiteLedger {
  readonly #options: SiteLedgerOptions;
  readonly #faultLog: LimitedLog;
  readonly #witnessLog: LimitedLog;
  readonly #journal: FileJournal;
  readonly #intake: Intake;
  readonly #appender: Appender;
  readonly #run: Run;
  readonly #own: OwnStream;
  readonly #checkpoints: Checkpoints;
  readonly #witnesses: WitnessRound;
  readonly #copier: ChangeCopier;
  readonly #retention: Retention;
  readonly #feeds: SiemFeeds;
  readonly #bodies: BodyRecorder;
  readonly #ends = new Map<ProxyChannel, AuditEnd>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #unwatch: () => void;
  #witness: Witness;
  #size = 0;
  #tidySize = 0;
  #faults = 0;

  private constructor(options: SiteLedgerOptions, journal: FileJournal, run: Run) {
    const { bundle, witness, store, state, log, programVersion } = options;
    const signingKey = ledgerSigningKey(bundle.clusterKey);
    const spoolKey = auditSpoolKey(bundle.clusterKey);
    this.#witness = witness;
    const witnessKey = (node: string): KeyObject | undefined => this.#witness.publicKeys.get(node);
    this.#options = options;
    this.#run = run;
    this.#journal = journal;
    this.#faultLog = new LimitedLog(log, clock.monotonicMs, FAULTS);
    this.#witnessLog = new LimitedLog(log, clock.monotonicMs, LINES_OF_STANDING_FAULT);
    this.#intake = this.#intakeInto(journal, spoolKey, witnessKey);
    this.#own = new OwnStream({
      source: { node: bundle.node, worker: 0, epoch: run.epoch },
      before: run.before,
      sealed: (seal) => run.noteSafeSeal(seal),
      nextEpoch: () => run.goOn(),
      programVersion,
      witnessKey: witness.privateKey,
      journal,
      clock,
    });
    this.#witnesses = new WitnessRound({
      store,
      witnessKey,
      events: {
        ledgerBehind: (proxy, witnessed, size) =>
          this.#fault('audit-ledger-behind', { proxy, witnessed, size }, this.#witnessLog),
        refused: (proxy, status) =>
          this.#fault('audit-witness-refused', { proxy, status }, this.#witnessLog),
        cosignatureWrong: (proxy) => this.#fault('audit-cosignature-wrong', { proxy }),
        failed: (failure) => this.#failed('audit-witness-failed', failure),
      },
    });
    this.#checkpoints = new Checkpoints({
      store,
      origin: ledgerOrigin(bundle.site),
      signingKey,
      clock,
      signed: (size, note) => this.#witnesses.ask(this.#ends.values(), size, note),
      failing: (failure) => this.#failed('audit-checkpoint-failed', failure),
      recovered: () => log.info('audit-checkpoints-again'),
    });
    this.#appender = new Appender({
      journal,
      store,
      clock,
      events: {
        appended: ({ head, added, begun }, spans) => {
          this.#intake.taken(spans);
          this.#size = head.size;
          if (added > 0) this.#checkpoints.grown();
          if (begun !== undefined) void noteBegun(this.note, begun, bundle.node);
        },
        failing: (failure) => this.#failed('audit-append-failed', failure),
        recovered: () => log.info('audit-appends-again'),
        setBack: (sizes) => this.#setBack(sizes),
      },
    });
    this.#copier = new ChangeCopier({
      node: bundle.node,
      state,
      store,
      note: this.note,
      nowMs: () => clock.wallMs(),
      failed: (reason) => log.warn('audit-changes-not-copied', { reason }),
    });
    const folder = join(bundle.folder, JOURNAL_FOLDER);
    const witnessNow = () => this.#witness;
    this.#retention = retentionOf({ ...options, folder, note: this.note, witnessNow });
    [this.#feeds, this.#bodies] = [feedsOf(options), bodiesOf(options, this.note)];
    this.#unwatch = state.watch(() => void this.#copier.copy());
  }

  /** Opens the journal, takes up what it holds, and says that this node writes from now on. */
  static async open(options: SiteLedgerOptions): Promise<Result<SiteLedger, string>> {
    const { bundle, site, store, log } = options;
    const folder = join(bundle.folder, JOURNAL_FOLDER);
    const wake: { appender?: Appender } = {};
    try {
      const journal = await FileJournal.open({
        folder,
        bytesMax: site().audit.journalBytesMax,
        events: {
          failing: (reason) => log.error('audit-journal-failing', { reason }),
          recovered: () => log.warn('audit-journal-writes-again'),
          tailCut: (segment, bytes) => log.warn('audit-journal-tail-cut', { segment, bytes }),
          damaged: (segment, bytes) => log.error('audit-journal-damaged', { segment, bytes }),
          news: () => wake.appender?.wake(),
        },
      });
      const run = await Run.begin(folder, newEpoch());
      const ledger = new SiteLedger(options, journal, run);
      wake.appender = ledger.#appender;
      ledger.#appender.wake();
      const head = await store.head();
      ledger.#opened(head.ok ? head.value.size : 0);
      return ok(ledger);
    } catch (cause) {
      return err(cause instanceof Error ? cause.message : 'unknown');
    }
  }

  /** Puts on record what happened at this node. */
  readonly note: Note = (type, fields, timeMs) =>
    this.#intake.ownGiven(this.#own.note(type, fields, timeMs), this.#ends.values());

  /** Keeps the bodies that the site wants kept. */
  get bodies(): BodySink {
    return this.#bodies;
  }

  /** Whose seals are checked, and how. */
  get witness(): Witness {
    return this.#witness;
  }

  /** What proxies are told of audit. */
  snapshot(site: Site): AuditSnapshot | undefined {
    return auditSnapshotOf(site, ledgerFacts(site.name, this.#options.bundle.clusterKey));
  }

  channelOpened(channel: ProxyChannel): void {
    const end = new AuditEnd(channel);
    this.#ends.set(channel, end);
    this.#intake.opened(end);
    void this.note('channel-opened', channelOpenedFields(channel));
  }

  channelClosed(channel: ProxyChannel, reason: string): void {
    const end = this.#ends.get(channel);
    if (end !== undefined) {
      this.#ends.delete(channel);
      this.#intake.closed(end);
      this.#witnesses.closed(end);
    }
    void this.note('channel-closed', channelClosedFields(channel, reason, clock.wallMs()));
  }

  /** Whoever showed a certificate that is not that of a proxy of ours: `proxy` was dialled, or somebody came from `address`. */
  turnedAway(reason: string, { proxy, address }: TurnedAway): void {
    const note = address === undefined ? {} : { note: `from ${address}` };
    void this.note('channel-closed', { peerNode: proxy ?? 'unknown', code: reason, ...note });
  }

  /** A frame of the audit family; the bytes are valid during the call. */
  frame(channel: ProxyChannel, type: number, bytes: Buffer, start: number, end: number): void {
    const peer = this.#ends.get(channel);
    if (peer === undefined) return;
    if (type === FrameType.auditRecords) this.#intake.records(peer, bytes, start, end);
    else if (type === FrameType.auditSpooled) this.#intake.spooled(peer, bytes, start, end);
    else void this.#witnesses.answered(peer, bytes, start, end);
  }

  /** Another configuration is in force; with it may come hosts whose seals are to be checked, and days that are due. */
  reloaded({ version, siem }: Site, witness: Witness | undefined): void {
    this.#witness = witness ?? this.#witness;
    void this.#feeds.replace(siem);
    void this.#retention.look();
    void this.note('configuration-changed', {
      author: this.#options.bundle.node,
      command: 'reload',
      subject: 'site',
      version: BigInt(version),
    });
  }

  /** Why records do not get where they belong, if so. */
  get trouble(): 'journal-failing' | 'append-failing' | undefined {
    if (this.#journal.isFailing) return 'journal-failing';
    return this.#appender.isFailing ? 'append-failing' : undefined;
  }

  /** Octets of records that the database may not have yet. */
  get journalBytes(): number {
    return this.#journal.unreleasedBytes;
  }

  /** Numbers for monitors. */
  gauges(): Readonly<Record<string, number>> {
    return {
      audit_records: this.#size,
      audit_signed: this.#checkpoints.signedSize,
      audit_waiting_bytes: this.#journal.waitingBytes,
      audit_journal_bytes: this.#journal.unreleasedBytes,
      audit_faults: this.#faults,
      audit_journal_failing: Number(this.#journal.isFailing),
      audit_append_failing: Number(this.#appender.isFailing),
      ...this.#feeds.gauges(),
      ...this.#bodies.gauges(),
    };
  }

  /** Seals and signs what is there, and stops; what the database does not take stays in the journal. */
  async stop(): Promise<void> {
    await this.#feeds.stop();
    this.#unwatch();
    for (const timer of this.#timers) clearInterval(timer);
    // A disk that takes nothing is not waited for: what was not acknowledged is still at the proxies.
    const limit = setTimeout(() => void this.#journal.close(), STOP_MS);
    await this.#copier.copy();
    await this.#retention.stop();
    await this.#bodies.stop();
    const lastSeal = await this.#own.close();
    if (lastSeal !== undefined) await this.#run.noteLastSeal(lastSeal);
    await this.#appender.stop();
    await this.#checkpoints.stop();
    clearTimeout(limit);
    await this.#journal.close();
  }

  #intakeInto(
    journal: FileJournal,
    spoolKey: KeyObject,
    witnessKey: (node: string) => KeyObject | undefined,
  ): Intake {
    const { site, log } = this.#options;
    return new Intake({
      journal,
      spoolKey,
      witnessKey,
      waitingBytesMax: WAITING_BYTES_MAX,
      bytesPerSecond: () => site().audit.proxyBytesPerSecond,
      clock,
      events: {
        malformed: ({ node: proxy, worker }, reason) =>
          this.#fault('audit-malformed', { proxy, worker, reason }),
        chainBroken: ({ node: proxy, worker }, seq, fault) =>
          this.#fault('audit-chain-broken', { proxy, worker, seq, fault }),
        blobUnreadable: ({ node: proxy, worker }, blob, reason) =>
          this.#fault('audit-blob-unreadable', { proxy, worker, blob: blob.toString(), reason }),
        witnessUnknown: (proxy) => log.warn('audit-witness-unknown', { proxy }),
        slowed: (proxy) => log.warn('audit-proxy-slowed', { proxy }),
      },
    });
  }

  #opened(treeSize: number): void {
    const { node, site, clusterKey } = this.#options.bundle;
    void this.note('ledger-opened', {
      origin: ledgerOrigin(site),
      treeSize: BigInt(treeSize),
      logKey: Buffer.from(keyText(ledgerSigningKey(clusterKey)), 'base64'),
      author: node,
    });
    this.#timers.push(
      setInterval(() => void this.#copier.copy(), COPY_MS).unref(),
      setInterval(() => void this.#tidy(), TIDY_MS).unref(),
    );
    void this.#copier.copy();
    void this.#retention.look();
    void this.#feeds.replace(this.#options.site().siem);
  }

  async #tidy(): Promise<void> {
    this.#own.watchClock();
    this.#bodies.tidy();
    if (this.#tidySize === this.#size) return;
    this.#tidySize = this.#size;
    const done = await this.#options.store.tidy();
    if (!done.ok) this.#failed('audit-not-tidied', done.error);
  }

  /** The database that answers is not the one that this gateway wrote to: what it lacks is told again, and it is said. */
  #setBack({ from, to }: { readonly from: number; readonly to: number }): void {
    this.#faults += 1;
    this.#options.log.error('audit-ledger-set-back', { from, to });
    void this.#feeds.beginAnew();
    void this.note('configuration-changed', {
      author: this.#options.bundle.node,
      command: 'ledger-set-back',
      subject: 'ledger',
      note: `from ${from} records to ${to}`,
    });
  }

  #failed(event: string, failure: LedgerFailure): void {
    const reason = 'reason' in failure ? failure.reason : '';
    this.#options.log.error(event, { code: failure.code, reason });
  }

  /** Something that should never be: an operator must look at it. */
  #fault(
    event: string,
    fields: Readonly<Record<string, string | number>>,
    lines = this.#faultLog,
  ): void {
    this.#faults += 1;
    lines.write('error', `${event} ${fields['proxy']}`, event, fields);
  }
}

function bodiesOf({ bundle, site, bodies, log }: SiteLedgerOptions, note: Note): BodyRecorder {
  return new BodyRecorder({
    policy: () => site().audit.bodies,
    store: bodies,
    keys: new DayKeys({ store: bodies, seal: dayKeySeal(bundle.clusterKey), random: randomBytes }),
    note,
    clock,
    random: randomBytes,
    turn,
    failed: (code) => log.warn('audit-bodies-not-stored', { code }),
  });
}
