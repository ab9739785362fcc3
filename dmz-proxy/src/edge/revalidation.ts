import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { Flow } from '../flows/flow.ts';
import type { FlowTable } from '../flows/flow-table.ts';
import type { Counters } from '../health/counters.ts';
import { type Identity, identifyAgain } from '../identity/identity.ts';
import { identifyPartnerByNetwork } from '../identity/network-identity.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';

export interface RevalidationOptions {
  readonly flows: Pick<FlowTable, 'values' | 'changed'>;
  readonly cache: PathCache;
  readonly counters: Counters;
  readonly log: Logger;
  readonly wallMs: () => number;
  readonly nowMs: () => number;
  readonly revocationOf?: RevocationOf | undefined;
  /** It was judged again and stays. */
  readonly stays: (flow: Flow) => void;
  /** In which every flow is judged again once; flows take turns. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 60_000;
/** What is under way when an identity ends may take so long to be answered. */
const END_MS = 10_000;
/** So long gateways may take to hear of it and send new requests elsewhere. */
const GRACE_MS = 500;

/**
 * Judges live connections again: all of them under a new configuration, and each once a minute.
 *
 * Connections outlive what they were let in for. One whose partner is gone is closed at once. One whose identity no
 * longer holds (expired, revoked, its keys retired) ends when what is under way on it is answered.
 */
export class Revalidation {
  readonly #options: RevalidationOptions;
  readonly #turns: number;
  #turn = 0;

  constructor(options: RevalidationOptions) {
    this.#options = options;
    this.#turns = Math.max(1, Math.round((options.intervalMs ?? INTERVAL_MS) / 1000));
  }

  /** Every flow, such as under a new configuration. */
  all(config: EdgeConfig): void {
    for (const flow of [...this.#options.flows.values()]) this.#judge(flow, config);
  }

  /** About once a second: the flows whose turn it is, and those whose certificate has just ended. */
  sweep(config: EdgeConfig | undefined): void {
    if (config === undefined) return;
    this.#turn = (this.#turn + 1) % this.#turns;
    const wallMs = this.#options.wallMs();
    for (const flow of [...this.#options.flows.values()]) {
      const isItsTurn = flow.facts.id % this.#turns === this.#turn;
      if (isItsTurn || wallMs > (flow.identity.path?.notAfterMs ?? Number.POSITIVE_INFINITY))
        this.#judge(flow, config);
    }
  }

  #judge(flow: Flow, config: EdgeConfig): void {
    const { cache, wallMs, revocationOf, flows, stays } = this.#options;
    const { id } = flow.identity.partner;
    const partner = config.partners.byId.get(id);
    if (partner === undefined) {
      const isSevered = config.partners.severed.has(id);
      return this.#lose(flow, isSevered ? 'partner-severed' : 'partner-removed');
    }
    const { direction, remoteAddress } = flow.facts;
    const { identity } = flow;
    const again =
      identity.path === undefined
        ? identifyPartnerByNetwork(config.partners, partner, remoteAddress)
        : identifyAgain(
            { table: config.partners, cache, revocationOf },
            identity,
            partner,
            direction === 'inbound' ? 'client' : 'server',
            { sourceAddress: remoteAddress, atMs: wallMs() },
          );
    if (!again.ok) return this.#end(flow, again.error);
    const isChanged = !isSame(flow.identity, again.value);
    flow.identity = again.value;
    if (isChanged) flows.changed(flow);
    stays(flow);
  }

  #lose(flow: Flow, reason: string): void {
    this.#report(flow, reason);
    flow.close(reason);
  }

  #end(flow: Flow, code: string): void {
    if (flow.isEnding) return;
    this.#report(flow, code);
    const nowMs = this.#options.nowMs();
    flow.end(code, nowMs + END_MS, nowMs + GRACE_MS);
    this.#options.flows.changed(flow);
  }

  #report({ facts, identity }: Flow, code: string): void {
    const { counters, log } = this.#options;
    counters.add(`identity-ended:${code}`);
    const { id: flow, direction } = facts;
    log.warn('identity-ended', { partner: identity.partner.id, flow, direction, code });
  }
}

/** Whether the gateways know all of it. */
function isSame(before: Identity, after: Identity): boolean {
  return (
    before.trustSet === after.trustSet &&
    before.domains.size === after.domains.size &&
    [...before.domains].every((domain) => after.domains.has(domain))
  );
}
