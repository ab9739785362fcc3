import type { PartnerFlow } from './partner-flow.ts';

interface Group {
  readonly key: string;
  readonly flows: Set<PartnerFlow>;
}

/** Flows put together by what a key says of them, so that one is found without a look at the others. */
export class FlowGroups {
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<PartnerFlow, Group>();

  /** In the order in which they came to be; none is empty. */
  get all(): Iterable<{ readonly flows: ReadonlySet<PartnerFlow> }> {
    return this.#groups.values();
  }

  /** The first of a group. */
  first(key: string): PartnerFlow | undefined {
    return this.#groups.get(key)?.flows.values().next().value;
  }

  /** Puts a flow into the group of a key, out of the one that it was in. */
  put(flow: PartnerFlow, key: string): void {
    if (this.#groupOf.get(flow)?.key === key) return;
    this.remove(flow);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, flows: new Set() };
      this.#groups.set(key, group);
    }
    group.flows.add(flow);
    this.#groupOf.set(flow, group);
  }

  remove(flow: PartnerFlow): void {
    const group = this.#groupOf.get(flow);
    if (group === undefined) return;
    this.#groupOf.delete(flow);
    group.flows.delete(flow);
    if (group.flows.size === 0) this.#groups.delete(group.key);
  }
}
