import { createSecureContext } from 'node:tls';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import {
  type ChannelConnection,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import { ChannelListener } from '@sallyport/shared/io/channel-listener.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import {
  type ChannelCredentials,
  type ChannelPeer,
  type ChannelTlsFault,
  channelServerOptions,
  isChannelTlsFault,
} from '@sallyport/shared/io/channel-tls.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import type { LogFields, Logger } from '@sallyport/shared/io/json-log.ts';
import type { PreparedChange } from '../../ports/prepared-change.ts';
import type { Place } from '../listening-port.ts';
import { LimitedLog } from './limited-log.ts';
import { ReadingTurns } from './reading-turns.ts';

/** One proxy worker that is dialled. */
export interface ChannelDial extends Place {
  readonly proxy: string;
  readonly worker: number;
}

/** Which channels there should be, and what is shown on them; a reload may change all of it. */
export interface ChannelPlan {
  readonly dials: readonly ChannelDial[];
  /** Where proxies dial us, in the layouts in which they do. */
  readonly listen: Place | undefined;
  readonly credentials: ChannelCredentials;
}

/** Of whom nothing is proven: which proxy we dialled, or from where somebody came. */
export type TurnedAway =
  | { readonly proxy: string; readonly address?: never }
  | { readonly proxy?: never; readonly address: string };

export interface ChannelEndsOptions {
  readonly own: Hello;
  readonly log: Logger;
  readonly random: () => number;
  /** Whether a node, or a certificate on its path, has been revoked. */
  readonly isRevoked: (peer: ChannelPeer) => boolean;
  readonly open: (connection: ChannelConnection) => ChannelSink;
  /** Somebody showed a certificate of another role, site or node, or of none of ours. */
  readonly turnedAway: (reason: ChannelTlsFault, peer: TurnedAway) => void;
}

const CHANNELS_MAX = 256;
/** One host, whoever owns it, leaves room for the others; a proxy has 64 workers at most. */
const CHANNELS_PER_SOURCE_MAX = 128;
/** All workers of a host come within seconds, and again at the earliest when they were cut off. */
const CHANNELS_PER_SOURCE_PER_SECOND = 32;
/** Who is turned away tries again at once, and may be many. */
const REFUSALS = { linesPerSecond: 5, linesAtOnce: 50 };

/**
 * This gateway's ends of the channels, whichever side dials.
 *
 * A change of plan leaves every channel alone but those to workers that are no longer dialled, or at another address.
 */
export class ChannelEnds {
  readonly #options: ChannelEndsOptions;
  readonly #dialers = new Map<string, ChannelDialer>();
  /** The last one is open, if the plan says so; the others only hold channels from before. */
  readonly #listeners: ChannelListener[] = [];
  readonly #turns = new ReadingTurns();
  #plan: ChannelPlan | undefined;

  constructor(options: ChannelEndsOptions) {
    this.#options = options;
  }

  /** Makes a plan ready: rejects when the key does not fit or the port cannot be opened. */
  async prepare(plan: ChannelPlan): Promise<PreparedChange> {
    createSecureContext(channelServerOptions(plan.credentials));
    const isMoved = !isSamePlace(plan.listen, this.#plan?.listen);
    const listener = isMoved && plan.listen ? this.#listenerAt(plan.listen, plan) : undefined;
    await listener?.listen();
    return {
      take: () => {
        if (isMoved) this.#listeners.at(-1)?.stopListening();
        else if (!isSameShown(plan, this.#plan)) this.#listeners.at(-1)?.renew(plan.credentials);
        if (listener !== undefined) this.#listeners.push(listener);
        this.#plan = plan;
        this.#redial(plan.dials);
      },
      discard: () => void listener?.close('discarded'),
    };
  }

  /** Ends every channel and dials no more. */
  async stop(reason: string): Promise<void> {
    for (const dialer of this.#dialers.values()) dialer.stop(reason);
    await Promise.all(this.#listeners.map((listener) => listener.close(reason)));
  }

  #redial(dials: readonly ChannelDial[]): void {
    const wanted = new Map(dials.map((dial) => [keyOf(dial), dial]));
    for (const [key, dialer] of this.#dialers) {
      if (wanted.has(key)) continue;
      this.#dialers.delete(key);
      dialer.stop('proxy-removed');
    }
    for (const [key, dial] of wanted) {
      if (this.#dialers.has(key)) continue;
      const dialer = this.#dialerTo(dial);
      this.#dialers.set(key, dialer);
      dialer.start();
    }
  }

  #dialerTo({ proxy, worker, host, port }: ChannelDial): ChannelDialer {
    const { own, log, random, open, isRevoked, turnedAway } = this.#options;
    let lastReason = '';
    return new ChannelDialer(
      {
        own,
        clock: systemClock,
        limits: DEFAULT_CHANNEL_LIMITS,
        flush: 'adaptive',
        turns: this.#turns,
        host,
        port,
        credentials: () => (this.#plan as ChannelPlan).credentials,
        expected: { site: own.site, role: 'proxy', node: proxy, isRevoked },
        // The hello of a worker is its own word: that it is the one that was dialled is not.
        admit: (hello) => (hello.worker === worker ? undefined : 'hello-worker'),
        random,
        failed: (reason, attempt) => {
          const isNew = reason !== lastReason;
          lastReason = reason;
          if (attempt !== 1 && attempt % 30 !== 0 && !isNew) return;
          log.warn('channel-dial-failed', { proxy, worker, reason, attempt });
          if (isChannelTlsFault(reason)) turnedAway(reason, { proxy });
        },
      },
      open,
    );
  }

  #listenerAt({ host, port }: Place, { credentials }: ChannelPlan): ChannelListener {
    const { own, log, open, isRevoked, turnedAway } = this.#options;
    const warn = (event: string, fields?: LogFields) => {
      log.warn(event, fields);
      const reason = String(fields?.['reason']);
      if (isChannelTlsFault(reason)) turnedAway(reason, { address: String(fields?.['address']) });
    };
    const refusals = new LimitedLog({ ...log, warn }, systemClock.monotonicMs, REFUSALS);
    return new ChannelListener(
      {
        own,
        clock: systemClock,
        limits: DEFAULT_CHANNEL_LIMITS,
        flush: 'adaptive',
        turns: this.#turns,
        host,
        port,
        credentials,
        expected: { site: own.site, role: 'proxy', isRevoked },
        connectionsMax: CHANNELS_MAX,
        connectionsPerSourceMax: CHANNELS_PER_SOURCE_MAX,
        connectionsPerSourcePerSecond: CHANNELS_PER_SOURCE_PER_SECOND,
        refused: (reason, address) =>
          refusals.write('warn', address, 'channel-refused', { reason, address }),
      },
      open,
    );
  }
}

function keyOf({ proxy, worker, host, port }: ChannelDial): string {
  return `${proxy}/${worker} ${host}:${port}`;
}

function isSamePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.host === b?.host && a?.port === b?.port;
}

function isSameShown(a: ChannelPlan, b: ChannelPlan | undefined): boolean {
  return JSON.stringify(a.credentials) === JSON.stringify(b?.credentials);
}
