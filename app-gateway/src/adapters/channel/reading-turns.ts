import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { Turns } from '@sallyport/shared/io/held-reading.ts';

/** What one host may bring in a turn of the loop, whatever number of channels it has; a read brings no more. */
const TURN_BYTES = 65_536;
/** After so much more of a host it is asked which turn it is: that costs a third of a microsecond. */
const ASKED_BYTES = 16_384;

type Reader = Pick<ChannelConnection, 'reading'> & {
  readonly certified: { readonly node: string };
};

/** What is known of one host. */
interface Host {
  /** Brought, and not yet paid for: each turn of the loop pays for a share. */
  owed: number;
  /** Brought since it was asked which turn it is. */
  recent: number;
  /** The first turn that has not paid yet. */
  turn: number;
  /** Its channels that are not read now; the first is read next. */
  readonly resting: Set<Reader>;
}

/**
 * Has hosts take turns: a host that has brought its share rests until all others have been looked at.
 *
 * The loop reads a socket as long as there is something to read, megabytes where somebody sends without end, and with
 * several channels that many times over: all that while no message of another host is worked on. Whoever is alone waits
 * for nobody: a turn in which nothing comes is over at once. Whoever brings less in each turn never rests, for to rest and
 * be read again costs as much as a message.
 */
export class ReadingTurns implements Turns<Reader> {
  /** By the node that its certificate proves, so there are no more than the site has. */
  readonly #hosts = new Map<string, Host>();
  readonly #atEndOfTurn: (then: () => void) => void;
  readonly #turnNow: () => number;
  #isTurnAwaited = false;

  /** `turnNow`: how many turns the loop has begun. */
  constructor(
    atEndOfTurn: (then: () => void) => void = setImmediate,
    turnNow = () => performance.nodeTiming.uvMetricsInfo.loopCount,
  ) {
    this.#atEndOfTurn = atEndOfTurn;
    this.#turnNow = turnNow;
  }

  /** So much has been read of a channel. */
  took(channel: Reader, bytes: number): void {
    const host = this.#hostOf(channel);
    host.recent += bytes;
    if (host.recent < ASKED_BYTES) return;
    pay(host, this.#turnNow());
    host.owed += host.recent;
    host.recent = 0;
    if (host.owed < TURN_BYTES) return;
    // A read in hand goes on to its end: it comes here again.
    if (!host.resting.has(channel)) {
      host.resting.add(channel);
      channel.reading.hold('turn');
    }
    this.#awaitTurn();
  }

  /** The channel has ended: its socket is read on, or its end would not be seen. */
  ended(channel: Reader): void {
    const isResting = this.#hosts.get(channel.certified.node)?.resting.delete(channel);
    if (isResting === true) channel.reading.release('turn');
  }

  #hostOf({ certified }: Reader): Host {
    const known = this.#hosts.get(certified.node);
    if (known !== undefined) return known;
    const host = { owed: 0, recent: 0, turn: this.#turnNow(), resting: new Set<Reader>() };
    this.#hosts.set(certified.node, host);
    return host;
  }

  #awaitTurn(): void {
    if (this.#isTurnAwaited) return;
    this.#isTurnAwaited = true;
    this.#atEndOfTurn(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnAwaited = false;
    const nextTurn = this.#turnNow() + 1;
    for (const host of this.#hosts.values()) {
      if (host.resting.size === 0) continue;
      pay(host, nextTurn);
      const [next] = host.resting;
      if (host.owed < TURN_BYTES && next !== undefined) {
        host.resting.delete(next);
        next.reading.release('turn');
      }
      if (host.resting.size > 0) this.#awaitTurn();
    }
  }
}

/** All turns before that one pay, each once. */
function pay(host: Host, turn: number): void {
  const turns = Math.max(0, turn - host.turn);
  host.owed = Math.max(0, host.owed - turns * TURN_BYTES);
  host.turn += turns;
}
