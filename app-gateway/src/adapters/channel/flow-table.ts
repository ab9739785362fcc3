import type { PartnerFlow } from './partner-flow.ts';

/** What a flow is wanted for. */
export interface Usage {
  readonly partner: string;
  readonly host: string;
  /** Any flow of the partner will do. */
  readonly always: boolean;
  /** Remote addresses that have failed. */
  readonly avoid: readonly string[];
  /** A `sips:` URI: TLS alone will do (RFC 5630 §3.1). */
  readonly isSecure: boolean;
  /** Requests go to the partner over plain TCP: its own connections are as good as ours. */
  readonly isPlainAgreed: boolean;
}

/** So many of a partner's flows are looked at for one message: whoever owns a proxy announces as many as he likes. */
const FLOWS_SEEN_MAX = 1024;

/**
 * The live flows of all partners over all proxies: which of them may carry a request out.
 *
 * An outbound flow may, and an inbound one where the partner said so (RFC 5923 §8) or its entry allows it.
 */
export class FlowTable {
  readonly #byName = new Map<string, PartnerFlow>();
  readonly #byPartner = new Map<string, Set<PartnerFlow>>();

  get size(): number {
    return this.#byName.size;
  }

  /** Live flows by partner. */
  get byPartner(): ReadonlyMap<string, ReadonlySet<PartnerFlow>> {
    return this.#byPartner;
  }

  add(flow: PartnerFlow): void {
    this.#byName.set(flow.flow, flow);
    let flows = this.#byPartner.get(flow.peer);
    if (flows === undefined) {
      flows = new Set();
      this.#byPartner.set(flow.peer, flows);
    }
    flows.add(flow);
  }

  remove(flow: PartnerFlow): void {
    flow.isOpen = false;
    if (this.#byName.get(flow.flow) === flow) this.#byName.delete(flow.flow);
    const flows = this.#byPartner.get(flow.peer);
    flows?.delete(flow);
    if (flows?.size === 0) this.#byPartner.delete(flow.peer);
  }

  /** The very flow a dialog began on, if it lives, is not about to end, and still belongs to that partner. */
  named(name: string, partner: string): PartnerFlow | undefined {
    const flow = this.#byName.get(name);
    return flow?.peer === partner && !flow.isEnding ? flow : undefined;
  }

  /** Another flow of the same partner from the same address. */
  inPlaceOf(gone: PartnerFlow): PartnerFlow | undefined {
    let seen = 0;
    for (const flow of this.#byPartner.get(gone.peer) ?? []) {
      if (++seen > FLOWS_SEEN_MAX) break;
      if (flow.sourceAddress === gone.sourceAddress) return flow;
    }
    return undefined;
  }

  /**
   * A flow that may carry a request to a host of the partner.
   *
   * `always` takes any of its flows; else an outbound or alias flow whose certificate covers the host (RFC 5923 §9).
   * One on which we showed a key that we have changed since comes last with `always`, and is not taken without. Plain TCP
   * comes after all of them, and never carries what must be secure. Where none is found in time, a proxy looks.
   */
  usable(usage: Usage, isOfNow: (flow: PartnerFlow) => boolean): PartnerFlow | undefined {
    let older: PartnerFlow | undefined;
    let plain: PartnerFlow | undefined;
    let seen = 0;
    for (const flow of this.#byPartner.get(usage.partner) ?? []) {
      if (++seen > FLOWS_SEEN_MAX) break;
      if (!isFitFor(usage, flow)) continue;
      if (flow.isPlain) plain ??= flow;
      else if (isOfNow(flow)) return flow;
      else older ??= flow;
    }
    return (usage.always ? older : undefined) ?? plain;
  }
}

function isFitFor(usage: Usage, { remote, isEnding, isPlain, isReusable, opened }: PartnerFlow) {
  if (usage.avoid.includes(remote) || isEnding) return false;
  if (isPlain && usage.isSecure) return false;
  const isProven = isReusable && opened.identities.includes(usage.host);
  return usage.always || isProven || (isPlain && usage.isPlainAgreed);
}
