import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Link, Outgoing } from '../../domain/signalling.ts';
import type { CommunityTraffic } from './community-connection.ts';
import { HostLane, type LaneHost } from './host-lane.ts';

/** More partners than that at a time share lanes. */
export const LANES_MAX = 16;

/** A connection that ended while requests waited on it. */
export interface LostLane {
  /** Ids of those whose requests these are, with spaces between them. */
  readonly partners: string;
  readonly requests: number;
  readonly reason: string;
}

/**
 * The connections to one inner host that carry requests: one for each partner, as far as there are enough.
 *
 * A partner keeps to its lane, so that what it sends stays in order, until a connection ends on which none of its requests
 * waits: whoever makes a server hang up is soon alone there.
 */
export class HostLanes {
  readonly #host: LaneHost;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  readonly #lost: (lost: LostLane) => void;
  /** With how many partners each was given since it ended in peace. */
  readonly #lanes = new Map<HostLane, number>();
  readonly #byPartner = new Map<string, HostLane>();
  #isClosed = false;

  constructor(
    host: LaneHost,
    traffic: CommunityTraffic,
    index: MessageIndex,
    lost: (lost: LostLane) => void,
  ) {
    this.#host = host;
    this.#traffic = traffic;
    this.#index = index;
    this.#lost = lost;
  }

  /** The link that carries it; undefined where it cannot be sent now. */
  send(partner: string, message: Outgoing): Link | undefined {
    if (this.#isClosed) return undefined;
    const lane = this.#byPartner.get(partner) ?? this.#given(partner);
    return lane.send(message) ? lane : undefined;
  }

  /** To be called at regular times. */
  look(silencesMax: number): void {
    for (const lane of this.#lanes.keys()) lane.look(silencesMax);
  }

  /** The host is silent altogether. */
  giveUpSilent(): void {
    for (const lane of this.#lanes.keys()) lane.giveUpSilent();
  }

  /** Ends connections with a server that is not who it should be any more. */
  judge(): void {
    for (const lane of this.#lanes.keys()) lane.judge();
  }

  /** Carries nothing new. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes.keys()) lane.close();
  }

  #given(partner: string): HostLane {
    let lane: HostLane | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [other, partners] of this.#lanes) {
      if (partners >= fewest) continue;
      fewest = partners;
      lane = other;
    }
    if (lane === undefined || (fewest > 0 && this.#lanes.size < LANES_MAX)) {
      fewest = 0;
      lane = new HostLane(this.#host, this.#traffic, this.#index, (ended, reason) =>
        this.#ended(ended, reason),
      );
    }
    this.#lanes.set(lane, fewest + 1);
    this.#byPartner.set(partner, lane);
    return lane;
  }

  #ended(lane: HostLane, reason: string): void {
    const { requests, partners } = waitingOn(lane);
    for (const [partner, its] of this.#byPartner) {
      if (its === lane && !partners.has(partner)) this.#byPartner.delete(partner);
    }
    if (requests === 0) {
      this.#lanes.set(lane, 0);
      return;
    }
    // It counts as full as it was, or whoever left it would be the first to come to it again.
    this.#lost({ partners: [...partners].join(' '), requests, reason });
    this.#traffic.linkLost(lane);
  }
}

function waitingOn({ lastWaiting }: Link): { requests: number; partners: ReadonlySet<string> } {
  const partners = new Set<string>();
  let requests = 0;
  for (let at = lastWaiting; at !== undefined; at = at.before) {
    requests++;
    partners.add(at.partner);
  }
  return { requests, partners };
}
