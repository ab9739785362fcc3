import type { Result } from '@sallyport/shared/result.ts';
import type { ChangeEvent, NewChangeEvent } from '../domain/exchange/change-event.ts';
import type { IdentityRecord } from '../domain/exchange/identity/identity-record.ts';
import type { NodeRecord } from '../domain/exchange/node/node-record.ts';
import type { OperatorRecord } from '../domain/exchange/operator/operator-record.ts';
import type { PartnerRecord } from '../domain/exchange/partner/partner-record.ts';
import type { Sighting } from '../domain/exchange/sighting/sighting.ts';

/** Everything that changes daily, as one consistent value. */
export interface State {
  /** Milliseconds of the last change, and never less than one more than the change before: snapshots carry it. */
  readonly revision: number;
  readonly partners: readonly PartnerRecord[];
  readonly identities: readonly IdentityRecord[];
  readonly operators: readonly OperatorRecord[];
  readonly nodes: readonly NodeRecord[];
}

/** Whole records that replace those of the same name, and the events that say why. */
export interface StateChange {
  readonly partners?: readonly PartnerRecord[];
  readonly removedPartners?: readonly string[];
  readonly identities?: readonly IdentityRecord[];
  readonly operators?: readonly OperatorRecord[];
  readonly nodes?: readonly NodeRecord[];
  /** At least one: nothing changes without a word. */
  readonly events: readonly [NewChangeEvent, ...NewChangeEvent[]];
}

/** Why the store did nothing; `conflict`: somebody else changed the state first. */
export type StoreFailure =
  | { readonly code: 'conflict' }
  /** This signed command was carried out before. */
  | { readonly code: 'replayed' }
  /** The partners stand in files under version control: nothing is changed from here. */
  | { readonly code: 'read-only' }
  | { readonly code: 'unavailable'; readonly reason: string };

/** Which events are asked for; newest first, `limit` at most 1,000. */
export interface EventQuery {
  readonly subject?: string;
  /** Name of an operator. */
  readonly by?: string;
  readonly beforeSequence?: number;
  readonly limit: number;
}

/**
 * Port. Partners, identities, operators, nodes and their history.
 *
 * A change is one transaction: all records and all events, or nothing. An operator's signed payload is taken
 * once. Several gateways may share a store; each hears of the others' changes.
 */
export interface StateStore {
  load(): Promise<Result<State, StoreFailure>>;
  /** Applies a change to the state at `expectedRevision`; returns the new revision. */
  commit(
    expectedRevision: number,
    change: StateChange,
    nowMs: number,
  ): Promise<Result<number, StoreFailure>>;
  events(query: EventQuery): Promise<Result<readonly ChangeEvent[], StoreFailure>>;
  /** Adds up by partner, direction, key and spki; `handshakes` are those since the last call. */
  recordSightings(sightings: readonly Sighting[]): Promise<Result<undefined, StoreFailure>>;
  sightings(partner: string | undefined): Promise<Result<readonly Sighting[], StoreFailure>>;
  /** Transactions since the oldest that the database remembers; at `DATABASE_AGE_MAX` it takes no more. */
  age(): Promise<Result<number, StoreFailure>>;
  /** Calls back after a change by anyone, this process included; returns how to stop. */
  watch(changed: (revision: number) => void): () => void;
  close(): Promise<void>;
}
