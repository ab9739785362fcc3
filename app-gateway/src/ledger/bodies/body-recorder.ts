import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Site } from '../../config/site.ts';
import type { BodySink, BodyWay } from '../../domain/core/body-sink.ts';
import type { BodyStore, SealedBody } from '../../ports/body-store.ts';
import type { Note } from '../own-stream.ts';
import { recordsBody } from './body-policy.ts';
import { type BodyOrigin, bodyRecorded } from './body-records.ts';
import { usersOf } from './body-users.ts';
import type { DayKeys } from './day-keys.ts';
import { type Auditor, type DayKey, sealBody, sealedBodyHash } from './seal-body.ts';

export interface BodyRecorderOptions {
  readonly policy: () => Site['audit']['bodies'];
  readonly store: Pick<BodyStore, 'addBodies'>;
  readonly keys: Pick<DayKeys, 'take' | 'forgetOthers'>;
  readonly note: Note;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** Lets everything else that waits have its turn: sealing costs time. */
  readonly turn: () => Promise<void>;
  readonly failed: (code: string) => void;
  /** Above so much that waits, further bodies are lost, and that is put on record. */
  readonly waitingMax?: number;
  readonly waitingBytesMax?: number;
}

/** A body that somebody wants kept, until it is sealed. */
interface Waiting {
  readonly body: Buffer;
  readonly rule: string;
  readonly auditors: readonly Auditor[];
  readonly origin: BodyOrigin;
  readonly atMs: number;
}

/** Why a body is not recorded although a rule demands it; stands in the `gap` record. */
type Loss = 'body-too-large' | 'bodies-waiting' | 'body-key-erased' | 'body-not-sealed' | 'stopped';

interface Lost {
  count: number;
  readonly fromMs: number;
  untilMs: number;
}

const WAITING_MAX = 4096;
const WAITING_BYTES_MAX = 33_554_432;
const BATCH = 16;
const RETRY_MS = 1000;

/**
 * Keeps the bodies that rules demand: copies them as they pass, seals them later, stores them, and puts that on record.
 *
 * Signalling waits for nothing of it. While the database is away bodies wait in memory up to a limit; what does not
 * fit is counted in a `gap` record. What waits when the program is killed is lost, and no record says so.
 */
export class BodyRecorder implements BodySink {
  readonly #options: BodyRecorderOptions;
  readonly #queue: Waiting[] = [];
  readonly #lost = new Map<Loss, Lost>();
  #waitingBytes = 0;
  /** Why the database took none at the last try; undefined: it did. */
  #trouble: string | undefined;
  #working: Promise<void> | undefined;
  #retry: { readonly timer: Timer; readonly go: () => void } | undefined;
  #isStopped = false;
  #lostInAll = 0;

  constructor(options: BodyRecorderOptions) {
    this.#options = options;
  }

  passing(index: MessageIndex, method: string, way: BodyWay): void {
    const { rules, auditors, bytesMax } = this.#options.policy();
    const bytes = index.end - index.bodyStart;
    if (rules.length === 0 || bytes <= 0 || this.#isStopped) return;
    const ofMethod = rules.filter(({ methods }) => methods.includes(method));
    if (ofMethod.length === 0) return;
    const rule = recordsBody(
      ofMethod.map(({ name, partner, users }) => ({
        name,
        ...(partner !== undefined && { partners: [partner] }),
        ...(users !== undefined && { users }),
      })),
      { partner: way.partner, users: usersOf(index) },
    );
    if (rule === undefined) return;
    const { waitingMax = WAITING_MAX, waitingBytesMax = WAITING_BYTES_MAX } = this.#options;
    if (bytes > bytesMax) return this.#lose('body-too-large', 1);
    if (this.#queue.length >= waitingMax || this.#waitingBytes + bytes > waitingBytesMax) {
      return this.#lose('bodies-waiting', 1);
    }
    this.#waitingBytes += bytes;
    this.#queue.push({
      body: Buffer.from(index.bytes.subarray(index.bodyStart, index.end)),
      rule,
      auditors: auditors.map(({ name, key }) => ({ name, publicKey: Buffer.from(key, 'base64') })),
      origin: originOf(index, way),
      atMs: this.#options.clock.wallMs(),
    });
    this.#working ??= this.#work();
  }

  /** Numbers for monitors. */
  gauges(): Readonly<Record<string, number>> {
    return { audit_bodies_waiting: this.#queue.length, audit_bodies_lost: this.#lostInAll };
  }

  /** To be called every minute or so: keys of days that are over do not stay in memory, and losses get on record. */
  tidy(): void {
    this.#options.keys.forgetOthers(this.#today());
    this.#noteLosses();
  }

  /** Stores what waits, in one try; what is left is lost, and put on record. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#retry?.timer.stop();
    this.#retry?.go();
    await this.#working;
    if (this.#queue.length > 0) this.#lose('stopped', this.#queue.length);
    this.#queue.length = 0;
    this.#noteLosses();
  }

  async #work(): Promise<void> {
    await this.#options.turn();
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      const isDone = await this.#store(batch);
      if (isDone) {
        this.#queue.splice(0, batch.length);
        for (const { body } of batch) this.#waitingBytes -= body.length;
        this.#noteLosses();
      } else if (this.#isStopped) break;
      else await this.#pause();
    }
    this.#working = undefined;
  }

  /** Whether nothing more is to be done about these. */
  async #store(batch: readonly Waiting[]): Promise<boolean> {
    const { keys, store, note } = this.#options;
    const key = await keys.take(this.#today());
    if (!key.ok) return this.#failed(key.error.code);
    if (key.value === undefined) {
      this.#lose('body-key-erased', batch.length);
      return true;
    }
    const sealed = await this.#sealed(batch, key.value);
    const stored = await store.addBodies(sealed.map(({ stored: one }) => one));
    if (!stored.ok) return this.#failed(stored.error.code);
    this.#trouble = undefined;
    for (const { stored: one, waiting } of sealed) {
      const { auditors, rule, origin, atMs } = waiting;
      void note('body-recorded', bodyRecorded(one.octets, auditors, rule, origin), atMs);
    }
    return true;
  }

  /** Told once: it is tried again each second, and whoever looks for other lines meanwhile must find them. */
  #failed(code: string): false {
    if (this.#trouble !== code) this.#options.failed(code);
    this.#trouble = code;
    return false;
  }

  async #sealed(
    batch: readonly Waiting[],
    key: DayKey,
  ): Promise<readonly { readonly stored: SealedBody; readonly waiting: Waiting }[]> {
    const sealed: { stored: SealedBody; waiting: Waiting }[] = [];
    for (const waiting of batch) {
      try {
        const octets = sealBody(waiting.body, waiting.auditors, key, this.#options.random);
        sealed.push({ stored: { hash: sealedBodyHash(octets), day: key.day, octets }, waiting });
      } catch {
        this.#lose('body-not-sealed', 1);
      }
      await this.#options.turn();
    }
    return sealed;
  }

  async #pause(): Promise<void> {
    await new Promise<void>((go) => {
      this.#retry = { timer: this.#options.clock.after(RETRY_MS, go), go };
    });
    this.#retry = undefined;
  }

  #today(): string {
    return dayText(this.#options.clock.wallMs());
  }

  #lose(code: Loss, count: number): void {
    const nowMs = this.#options.clock.wallMs();
    const lost = this.#lost.get(code) ?? { count: 0, fromMs: nowMs, untilMs: nowMs };
    lost.count += count;
    lost.untilMs = nowMs;
    this.#lost.set(code, lost);
    this.#lostInAll += count;
  }

  #noteLosses(): void {
    for (const [code, { count, fromMs, untilMs }] of this.#lost) {
      void this.#options.note('gap', {
        lostRecords: count,
        lostFromMs: BigInt(fromMs),
        lostUntilMs: BigInt(untilMs),
        code,
        note: 'bodies that a rule demands and that are not recorded',
      });
    }
    this.#lost.clear();
  }
}

/** The Call-ID is the one that the partner sees, as in the proxy's records. */
function originOf(index: MessageIndex, { direction, partner, callIdLine }: BodyWay): BodyOrigin {
  const outside = direction === 'outward' ? callIdLine : undefined;
  const contentType = index.valueOf(Header.contentType);
  return {
    partner,
    callId:
      outside === undefined
        ? (index.valueOf(Header.callId) ?? '')
        : outside.slice(outside.indexOf(':') + 1).trim(),
    from: index.valueOf(Header.from) ?? '',
    to: index.valueOf(Header.to) ?? '',
    ...(contentType !== undefined && { contentType }),
  };
}
