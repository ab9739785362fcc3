import type { GatewayLink } from './gateway-link.ts';
import { choose } from './rendezvous.ts';

/** The gateways whose channels are open, and which of them gets a new request. */
export class Gateways {
  readonly #links: GatewayLink[] = [];
  #available: readonly GatewayLink[] = [];

  /** All with an open channel, those that drain included. */
  get all(): readonly GatewayLink[] {
    return this.#links;
  }

  /** Those that take new requests. */
  get available(): readonly GatewayLink[] {
    return this.#available;
  }

  add(link: GatewayLink): void {
    this.#links.push(link);
    this.refresh();
  }

  remove(link: GatewayLink): void {
    const at = this.#links.indexOf(link);
    if (at >= 0) this.#links.splice(at, 1);
    this.refresh();
  }

  /** To be called when one begins to drain. */
  refresh(): void {
    this.#available = this.#links.filter((link) => link.connection.isAvailable);
  }

  /** The gateway for a Call-ID: the same from every proxy, and another one only when it is gone, or does not answer for now. */
  forCallId(callIdHash: number): GatewayLink | undefined {
    const chosen = choose(callIdHash, this.#available);
    if (chosen?.connection.isQuiet !== true) return chosen;
    const answering = this.#available.filter(({ connection }) => !connection.isQuiet);
    return choose(callIdHash, answering) ?? chosen;
  }

  /** The gateway that sent the request whose branch carries this tag. */
  byTag(tag: string): GatewayLink | undefined {
    return this.#links.find((link) => link.tag === tag);
  }
}
