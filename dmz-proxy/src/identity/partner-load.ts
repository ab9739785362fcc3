import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';

/** What a partner uses of one worker: what is there now, and the messages since it was last told to the others. */
export interface PartnerUse {
  readonly messages: number;
  readonly connections: number;
  readonly requestsInFlight: number;
}

interface UseElsewhere {
  use: PartnerUse;
  atMs: number;
}

/** An INVITE is ended by one ACK, and may be cancelled once. */
const ENDINGS_OF_INVITE = 2;
/** Provisional answers, those of forks, and the final one. */
const ANSWERS_OF_REQUEST = 8;
/** More than that is not saved up. */
const ENDINGS_MAX = 2000;
const ANSWERS_MAX = 16_384;

/** Beside what it may send in a second, so much may all connections of a partner bring in vain between two sweeps. */
const IN_VAIN_MAX = 4000;

/** A worker repeats itself every second while there is something to say; one that has ended does not. */
const TOLD_MS_MAX = 3000;

/**
 * What a partner uses of this host: of this worker, and of the others as they told last.
 *
 * It outlives the snapshot, so that a reload gives nobody a new allowance. Every worker keeps the whole host's account of
 * messages: what others let in is written off when they tell, so the rate of the host is what the operator wrote, and
 * only a burst can be more than that until they have.
 */
export class PartnerLoad {
  /** Of this worker. */
  connections = 0;
  /** Of this worker. */
  requestsInFlight = 0;
  readonly #rate: TokenBucket;
  #perSecond: number;
  readonly #elsewhere = new Map<number, UseElsewhere>();
  #connectionsElsewhere = 0;
  #requestsElsewhere = 0;
  #messages = 0;
  #endings = 0;
  #answers = 0;
  #inVain = 0;
  #told: PartnerUse = { messages: 0, connections: 0, requestsInFlight: 0 };

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#rate = new TokenBucket(perSecond, burst, nowMs);
    this.#perSecond = perSecond;
  }

  /** New limits; what has been used up stays used. */
  adjust(perSecond: number, burst: number, nowMs: number): void {
    this.#rate.adjust(perSecond, burst, nowMs);
    this.#perSecond = perSecond;
  }

  /** Counts a message that comes in; false where that is one too many. */
  takeMessage(nowMs: number): boolean {
    const isWithin = this.#rate.take(nowMs);
    if (isWithin) this.#messages++;
    return isWithin;
  }

  /** An INVITE of the partner was let in: what ends it may come too, whatever the rate. */
  inviteTaken(): void {
    this.#endings = Math.min(ENDINGS_MAX, this.#endings + ENDINGS_OF_INVITE);
  }

  /** An ACK or a CANCEL beyond the rate; false where no INVITE that was let in has need of it. */
  takeEnding(): boolean {
    if (this.#endings === 0) return false;
    this.#endings--;
    return true;
  }

  /** The partner was sent a request. */
  requestSent(): void {
    this.#answers = Math.min(ANSWERS_MAX, this.#answers + ANSWERS_OF_REQUEST);
  }

  /** Counts an answer that comes in: beyond what requests of ours account for it is a message like others. */
  takeAnswer(nowMs: number): boolean {
    if (this.#answers === 0) return this.takeMessage(nowMs);
    this.#answers--;
    return true;
  }

  /** So much more has come on one of its connections and brought nothing; true where that is too much of all of them. */
  broughtInVain(count: number): boolean {
    this.#inVain += count;
    return this.#inVain >= this.#perSecond + IN_VAIN_MAX;
  }

  /** What one connection had brought counts no more. */
  forgetInVain(count: number): void {
    this.#inVain -= count;
  }

  get connectionsOfHost(): number {
    return this.connections + this.#connectionsElsewhere;
  }

  get requestsInFlightOfHost(): number {
    return this.requestsInFlight + this.#requestsElsewhere;
  }

  /** What another worker says of itself. */
  heard(worker: number, use: PartnerUse, nowMs: number): void {
    this.#rate.owe(nowMs, use.messages);
    this.#forget(worker);
    if (use.connections === 0 && use.requestsInFlight === 0) return;
    this.#elsewhere.set(worker, { use, atMs: nowMs });
    this.#connectionsElsewhere += use.connections;
    this.#requestsElsewhere += use.requestsInFlight;
  }

  /** What the others are to hear: what has changed, or with `isRepeated` whatever is in use. */
  toTell(isRepeated: boolean): PartnerUse | undefined {
    const { connections, requestsInFlight } = this;
    const told = this.#told;
    const isSame =
      this.#messages === 0 &&
      connections === told.connections &&
      requestsInFlight === told.requestsInFlight;
    const isIdle = connections === 0 && requestsInFlight === 0;
    if (isSame && (isIdle || !isRepeated)) return undefined;
    this.#told = { messages: this.#messages, connections, requestsInFlight };
    this.#messages = 0;
    return this.#told;
  }

  /** Forgets what workers said who have fallen silent. */
  sweep(nowMs: number): void {
    for (const [worker, { atMs }] of this.#elsewhere) {
      if (nowMs - atMs > TOLD_MS_MAX) this.#forget(worker);
    }
  }

  #forget(worker: number): void {
    const known = this.#elsewhere.get(worker);
    if (known === undefined) return;
    this.#elsewhere.delete(worker);
    this.#connectionsElsewhere -= known.use.connections;
    this.#requestsElsewhere -= known.use.requestsInFlight;
  }
}
