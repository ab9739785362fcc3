import type { CommunitySide, Link, Outgoing, OwnName, PartnerSide, Way } from '../signalling.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import type { ClientTry } from './proxied-request.ts';

/** What carries requests on, in either direction: partners' connections outside, communities' servers inside. */
export class NextHops {
  readonly #partners: PartnerSide;
  readonly #communities: CommunitySide;
  readonly #innerName: () => OwnName;

  /** `innerName` is how inner servers know us. */
  constructor(partners: PartnerSide, communities: CommunitySide, innerName: () => OwnName) {
    this.#partners = partners;
    this.#communities = communities;
    this.#innerName = innerName;
  }

  /** Whether any partner is within reach. */
  get isPartnerSideUp(): boolean {
    return this.#partners.isUp;
  }

  get innerName(): OwnName {
    return this.#innerName();
  }

  /**
   * The way to the target of that number; chosen before the request is made, for it must say how we are known there.
   *
   * Undefined: nothing carries it now.
   */
  way(plan: ForwardingPlan, target: number, avoid: readonly string[]): Way | undefined {
    const { direction, partner, flow, targets, isSecure } = plan;
    if (direction === 'outward') {
      return this.#partners.way({ partner, nextHop: targets[0] ?? '', flow, isSecure, avoid });
    }
    const host = targets[target] ?? '';
    return {
      ownName: this.#innerName(),
      carry: (_number, request) => this.#communities.send(host, partner, request),
    };
  }

  /** CANCEL and the ACK to a rejection take the way of their INVITE (RFC 3261 §9.1, §17.1.1.3); undefined where there is none now. */
  sendAlong({ request, link }: ClientTry, message: Outgoing): Link | undefined {
    const { partner, direction, targets, isSecure } = request.plan;
    const { remote = '', flow = '' } = link ?? {};
    if (direction === 'inward') {
      return this.#communities.send(remote, partner, message);
    }
    const nextHop = targets[0] ?? '';
    return this.#partners.way({ partner, nextHop, flow, isSecure, avoid: [] })?.carry(0, message);
  }
}
