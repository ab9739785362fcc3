import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Link, Outgoing } from '../../domain/signalling.ts';
import type { CommunityTraffic } from './community-connection.ts';
import { HostLane, type LaneHost } from './host-lane.ts';

/** More partners than that at a time share lanes. */
export const LANES_MAX = 16;

/** A lane that was lost with requests on it is given to others so much later, where there is another. */
const SHUNNED_MS = 600_000;
/** More than all partners there may be. */
const SHUNNED = 1_000_000;

interface LaneUse {
  partners: number;
  /** When it ended last with requests on it, in milliseconds of the steady clock. */
  lostAtMs: number;
}

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
  readonly #lanes = new Map<HostLane, LaneUse>();
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

  /** The lane with the fewest partners, rather than one that was lost of late: whoever made it so is there still. */
  #given(partner: string): HostLane {
    const nowMs = performance.now();
    let chosen: HostLane | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [lane, { partners, lostAtMs }] of this.#lanes) {
      const load = nowMs - lostAtMs < SHUNNED_MS ? partners + SHUNNED : partners;
      if (load >= least) continue;
      least = load;
      chosen = lane;
    }
    const lane =
      chosen === undefined || (least > 0 && this.#lanes.size < LANES_MAX) ? this.#added() : chosen;
    this.#useOf(lane).partners++;
    this.#byPartner.set(partner, lane);
    return lane;
  }

  #added(): HostLane {
    const ended = (lane: HostLane, reason: string) => this.#ended(lane, reason);
    const lane = new HostLane(this.#host, this.#traffic, this.#index, ended);
    this.#lanes.set(lane, { partners: 0, lostAtMs: Number.NEGATIVE_INFINITY });
    return lane;
  }

  #useOf(lane: HostLane): LaneUse {
    return this.#lanes.get(lane) as LaneUse;
  }

  #ended(lane: HostLane, reason: string): void {
    const { requests, partners } = waitingOn(lane);
    for (const [partner, its] of this.#byPartner) {
      if (its === lane && !partners.has(partner)) this.#byPartner.delete(partner);
    }
    const use = this.#useOf(lane);
    use.partners = partners.size;
    if (requests === 0) return;
    use.lostAtMs = performance.now();
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
