import type { Protocol, ZoneName } from '../plan/network-plan.ts';
import type { LivePlace } from './compare-listening.ts';
import type { Seen } from './judge-pair.ts';

/** One try: what was dialled stands in the plan, what came of it here. */
export interface Try {
  /** Host, address, protocol and port of the plan’s socket. */
  readonly host: string;
  readonly address: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Address that the packets carried; absent where there was none to carry. */
  readonly source?: string;
  readonly seen: Seen;
}

/** What was seen of a site from one place: facts alone, which whoever reads it judges by the plan. */
export interface ZoneResult {
  readonly site: string;
  /** The plan that it was made against. */
  readonly planSha256: string;
  readonly zone: ZoneName;
  readonly host?: string;
  readonly addresses: readonly string[];
  readonly madeAtMs: number;
  readonly tookMs: number;
  readonly tries: readonly Try[];
  /** On a host of the plan: where it listens, and which of its UDP ports are clients’. */
  readonly listening?: {
    readonly places: readonly LivePlace[];
    readonly ephemeral: { readonly first: number; readonly last: number };
  };
}

/** Bounds of one result: what is tried at most, and what a file may hold. */
export const TRIES_MAX = 5000;
export const PLACES_MAX = 5000;
