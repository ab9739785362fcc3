import { hash } from 'node:crypto';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { topViaBranchStarts } from '@sallyport/shared/sip/syntax-check.ts';
import type { CommunitySide, Link, Outgoing } from '../../domain/signalling.ts';
import type { CommunityConnection, CommunityTraffic } from './community-connection.ts';
import type { HostLink } from './host-link.ts';
import { PROBE_BRANCH } from './host-link.ts';

/** What the core hears of the inside. */
export interface CommunityOwner {
  request(index: MessageIndex, from: CommunityConnection): void;
  response(index: MessageIndex, peer: string): void;
  linkLost(link: Link): void;
}

/**
 * All connections to all inner servers, as one way in.
 *
 * A call keeps to the host that its dialog names, else a hash of its Call-ID spreads calls over the hosts that
 * are up; the others follow as fail-over.
 */
export class CommunityPool implements CommunitySide, CommunityTraffic {
  readonly #owner: CommunityOwner;
  #links: readonly HostLink[] = [];
  #byKey: ReadonlyMap<string, HostLink> = new Map();
  #byCommunity: ReadonlyMap<string, readonly HostLink[]> = new Map();

  constructor(owner: CommunityOwner) {
    this.#owner = owner;
  }

  /** Takes over a new set of hosts; links that are in both sets live on. */
  replaceLinks(links: readonly HostLink[]): void {
    for (const link of this.#links) if (!links.includes(link)) link.stop();
    for (const link of links) if (!this.#links.includes(link)) link.start();
    this.#links = links;
    this.#byKey = new Map(links.map((link) => [link.key, link]));
    this.#byCommunity = Map.groupBy(links, (link) => link.community);
  }

  stop(): void {
    for (const link of this.#links) link.stop();
  }

  /** For monitors: inner servers, and those of them that take no requests now. */
  get gauges(): Readonly<Record<string, number>> {
    const down = this.#links.filter((link) => !link.isUp).length;
    return { community_hosts: this.#links.length, community_hosts_down: down };
  }

  hosts(community: string, preferred: string | undefined, callId: string): readonly string[] {
    const links = this.#byCommunity.get(community) ?? NO_LINKS;
    const [only] = links;
    if (links.length === 1 && only?.isUp) return only.keys;
    const up = links.filter((link) => link.isUp);
    const usable = up.length > 0 ? up : links.filter((link) => link.isReturning);
    if (usable.length < 2) return usable[0]?.keys ?? NO_KEYS;
    const weights = new Map(usable.map((link) => [link, weightOf(link, preferred, callId)]));
    usable.sort((a, b) => ((weights.get(a) ?? '') < (weights.get(b) ?? '') ? 1 : -1));
    return usable.map((link) => link.key);
  }

  send(host: string, partner: string, request: Outgoing): Link | undefined {
    return this.#byKey.get(host)?.send(partner, request);
  }

  request(index: MessageIndex, from: CommunityConnection): void {
    this.#owner.request(index, from);
  }

  response(index: MessageIndex, from: CommunityConnection): void {
    if (topViaBranchStarts(index, PROBE_BRANCH_BYTES)) {
      if (index.status < 200) return;
      this.#byKey.get(from.remote)?.answered(from, index.status);
      return;
    }
    this.#owner.response(index, from.peer);
  }

  inPlaceOf(gone: CommunityConnection): CommunityConnection | undefined {
    for (const { connection } of this.#byCommunity.get(gone.peer) ?? NO_LINKS) {
      if (connection?.isOpen && connection.sourceAddress === gone.sourceAddress) return connection;
    }
    return undefined;
  }

  linkLost(link: Link): void {
    this.#owner.linkLost(link);
  }
}

const PROBE_BRANCH_BYTES = Buffer.from(PROBE_BRANCH, 'latin1');
const NO_LINKS: readonly HostLink[] = [];
const NO_KEYS: readonly string[] = [];

/** Rendezvous hash, so that a call meets the same host at every gateway; `z` outranks every digest. */
function weightOf(link: HostLink, preferred: string | undefined, callId: string): string {
  if (preferred !== undefined && link.matches(preferred)) return 'z';
  return hash('sha1', `${link.key}\n${callId}`, 'hex');
}
