import type { PartnerSettings } from '../../../config/partner-schema.ts';
import type { TrustSet } from '../trust/trust-set.ts';

/** How far one of our keys has come with one partner. */
export interface Presentation {
  readonly identity: string;
  /** `IdentityKey.id`. */
  readonly key: string;
  /** `offered` in a file → `seen` by this partner in a handshake → `active` towards it → `retired`. */
  readonly state: 'offered' | 'seen' | 'active' | 'retired';
  /** Sequence number of the first offer that held it. */
  readonly sequence: number;
  readonly offeredAtMs: number;
  /** Until when the offer may be taken. */
  readonly offerExpiresAtMs?: number;
}

/** Why and by whom a partner was cut off. */
export interface Severance {
  readonly atMs: number;
  readonly operator: string;
  readonly reason: string;
}

/** A partner with both directions of its exchange. */
export interface PartnerRecord {
  readonly id: string;
  /** Everything but keys: domains, networks, methods, capacity, contacts. */
  readonly settings: PartnerSettings;
  readonly severed?: Severance;
  /** What we accept from it, oldest first. */
  readonly trustSets: readonly TrustSet[];
  /** What it was told that we present. */
  readonly presentations: readonly Presentation[];
  /** Highest sequence number among its offers that were received; 0: none. */
  readonly receivedSequence: number;
  /** Of the last offer that we made to it; 0: none. */
  readonly offeredSequence: number;
}
