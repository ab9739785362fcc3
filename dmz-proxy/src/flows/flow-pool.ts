import type { Flow } from './flow.ts';

/**
 * Connections by what they may be used for: requests to one next hop of one partner.
 *
 * The key holds partner, our own identity and the next hop that the peer was accepted for, so that a connection made
 * for one identity is never used for another (RFC 5923 §5): a name that it has *proven*, or, where the operator
 * has named the partner's endpoints, a next hop that is reached through them. The address is not part of it: any
 * connection with the key will do, except where the gateway has just seen its address fail.
 */
export class FlowPool {
  readonly #flows = new Map<string, Set<Flow>>();

  add(key: string, flow: Flow): void {
    const flows = this.#flows.get(key);
    if (flows === undefined) this.#flows.set(key, new Set([flow]));
    else flows.add(flow);
  }

  /** Takes a closed flow out wherever it is. */
  remove(keys: Iterable<string>, flow: Flow): void {
    for (const key of keys) {
      const flows = this.#flows.get(key);
      flows?.delete(flow);
      if (flows?.size === 0) this.#flows.delete(key);
    }
  }

  /**
   * A live flow for the key whose `address:port` is not to be avoided.
   *
   * With `ownKey` only one on which that key of ours was shown, not one from before we changed it.
   */
  find(key: string, avoid: readonly string[], ownKey?: string): Flow | undefined {
    const flows = this.#flows.get(key);
    if (flows === undefined) return undefined;
    for (const flow of flows) {
      if (flow.isClosed || flow.isEnding) continue;
      if (ownKey !== undefined && flow.facts.ownKey !== ownKey) continue;
      if (avoid.length === 0 || !avoid.includes(addressOf(flow))) return flow;
    }
    return undefined;
  }
}

/** As gateways name it in `avoid`. */
export function transportAddress(address: string, port: number): string {
  return `${address}:${port}`;
}

function addressOf(flow: Flow): string {
  return transportAddress(flow.facts.remoteAddress, flow.facts.remotePort);
}
