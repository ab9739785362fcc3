import type { TransactionShare } from '../../domain/core/transaction-share.ts';
import { FlowGroups } from './flow-groups.ts';
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

/** So many groups of a partner's flows, and flows in them, are looked at for one message: whoever owns a proxy makes up as many as he likes. */
const LOOKS_MAX = 1024;

/**
 * The live flows of all partners over all proxies: which of them may carry a request out.
 *
 * An outbound flow may, and an inbound one where the partner said so (RFC 5923 §8) or its entry allows it.
 */
export class FlowTable {
  readonly #byName = new Map<string, PartnerFlow>();
  readonly #byPartner = new Map<string, Set<PartnerFlow>>();
  /** By partner, those that may be used: thousands differ in address alone, and what one may carry any of them may. */
  readonly #alike = new Map<string, FlowGroups>();
  readonly #bySource = new FlowGroups();
  /** By node: certificates prove them, so there are no more than the site has. They outlive channels, as transactions do. */
  readonly #shares = new Map<string, TransactionShare>();

  get size(): number {
    return this.#byName.size;
  }

  /** Live flows by partner. */
  get byPartner(): ReadonlyMap<string, ReadonlySet<PartnerFlow>> {
    return this.#byPartner;
  }

  shareOf(proxy: string): TransactionShare {
    const known = this.#shares.get(proxy);
    if (known !== undefined) return known;
    const share = { held: 0, bytes: 0 };
    this.#shares.set(proxy, share);
    return share;
  }

  add(flow: PartnerFlow): void {
    this.#byName.set(flow.flow, flow);
    let flows = this.#byPartner.get(flow.peer);
    if (flows === undefined) {
      flows = new Set();
      this.#byPartner.set(flow.peer, flows);
      this.#alike.set(flow.peer, new FlowGroups());
    }
    flows.add(flow);
    this.changed(flow);
  }

  /** A flow was announced again, or may be used for more than before. */
  changed(flow: PartnerFlow): void {
    if (!flow.isOpen) return;
    const alike = this.#alike.get(flow.peer);
    if (flow.isEnding) alike?.remove(flow);
    else alike?.put(flow, kindOf(flow));
    this.#bySource.put(flow, sourceOf(flow));
  }

  remove(flow: PartnerFlow): void {
    flow.isOpen = false;
    if (this.#byName.get(flow.flow) === flow) this.#byName.delete(flow.flow);
    this.#bySource.remove(flow);
    this.#alike.get(flow.peer)?.remove(flow);
    const flows = this.#byPartner.get(flow.peer);
    flows?.delete(flow);
    if (flows?.size !== 0) return;
    this.#byPartner.delete(flow.peer);
    this.#alike.delete(flow.peer);
  }

  /** The very flow a dialog began on, if it lives, is not about to end, and still belongs to that partner. */
  named(name: string, partner: string): PartnerFlow | undefined {
    const flow = this.#byName.get(name);
    return flow?.peer === partner && !flow.isEnding ? flow : undefined;
  }

  /** Another flow of the same partner from the same address, over the same transport (RFC 3261 §18.2.2). */
  inPlaceOf(gone: PartnerFlow): PartnerFlow | undefined {
    return this.#bySource.first(sourceOf(gone));
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
    for (const flow of fitFor(usage, this.#alike.get(usage.partner)?.all ?? [])) {
      if (flow.isPlain) plain ??= flow;
      else if (isOfNow(flow)) return flow;
      else older ??= flow;
    }
    return (usage.always ? older : undefined) ?? plain;
  }
}

/** One flow of each group that may carry such a request. */
function* fitFor(
  usage: Usage,
  groups: Iterable<{ readonly flows: ReadonlySet<PartnerFlow> }>,
): Generator<PartnerFlow> {
  let looks = 0;
  for (const { flows } of groups) {
    for (const flow of flows) {
      if (++looks > LOOKS_MAX) return;
      const isFit = isFitFor(usage, flow);
      if (isFit && usage.avoid.includes(flow.remote)) continue;
      if (isFit) yield flow;
      break;
    }
  }
}

/** Whether a flow, and any that is alike, may carry such a request. */
function isFitFor(usage: Usage, { isPlain, isReusable, opened }: PartnerFlow): boolean {
  if (isPlain && usage.isSecure) return false;
  const isProven = isReusable && opened.identities.includes(usage.host);
  return usage.always || isProven || (isPlain && usage.isPlainAgreed);
}

/** All on which it depends what a flow may carry, and which key of ours it showed. */
function kindOf({ isPlain, isReusable, opened }: PartnerFlow): string {
  const shown = opened.transport === 'tcp' ? '' : `${opened.ownIdentity} ${opened.ownKey}`;
  const transport = isPlain ? 'tcp' : 'tls';
  return `${transport} ${opened.direction} ${isReusable} ${shown} ${opened.identities.join()}`;
}

function sourceOf({ peer, isPlain, sourceAddress }: PartnerFlow): string {
  return `${peer} ${isPlain ? 'tcp' : 'tls'} ${sourceAddress}`;
}
