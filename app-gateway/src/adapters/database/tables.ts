import type { ColumnType } from 'kysely';
import type { PartnerSettings } from '../../config/partner-schema.ts';
import type { TrustState } from '../../config/trust-state.ts';
import type { ChangeKind } from '../../domain/exchange/change-event.ts';
import type {
  IdentityKey,
  IdentityRecord,
} from '../../domain/exchange/identity/identity-record.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import type {
  OperatorRecord,
  OperatorRole,
} from '../../domain/exchange/operator/operator-record.ts';
import type {
  PartnerRecord,
  Presentation,
  Severance,
} from '../../domain/exchange/partner/partner-record.ts';
import type { Sighting } from '../../domain/exchange/sighting/sighting.ts';
import type { TrustOrigin, TrustSet, Verification } from '../../domain/exchange/trust/trust-set.ts';

/** A plain document: written as text, read as the value. */
type Json<T> = ColumnType<T, string, string>;

/** The tables as the newest migration leaves them; columns are snake_case there, camelCase here. */
export interface Tables {
  /** One row: whoever changes anything locks it first. */
  readonly siteRevision: {
    readonly id: number;
    readonly revision: number;
    readonly eventSequence: number;
  };
  readonly partner: {
    readonly id: string;
    readonly settings: Json<PartnerSettings>;
    readonly severed: ColumnType<Severance | null, string | null, string | null>;
    readonly receivedSequence: number;
    readonly offeredSequence: number;
  };
  readonly trustSet: {
    readonly partner: string;
    readonly position: number;
    readonly id: string;
    readonly state: TrustState;
    readonly anchors: Json<readonly string[]>;
    readonly intermediates: Json<readonly string[]>;
    readonly pins: Json<readonly string[]>;
    readonly signingKeys: ColumnType<readonly string[] | null, string | null, string | null>;
    readonly fingerprint: string;
    readonly origin: Json<TrustOrigin>;
    readonly receivedAtMs: number;
    readonly verifications: Json<readonly Verification[]>;
    readonly stagedAtMs: number | null;
    readonly activatedAtMs: number | null;
    readonly retiredAtMs: number | null;
    readonly wrongFingerprints: number | null;
  };
  readonly presentation: {
    readonly partner: string;
    readonly position: number;
    readonly identity: string;
    readonly key: string;
    readonly state: Presentation['state'];
    readonly sequence: number;
    readonly offeredAtMs: number;
    readonly offerExpiresAtMs: number | null;
  };
  readonly identity: {
    readonly name: string;
    readonly serverNames: Json<readonly string[]>;
    readonly position: number;
  };
  readonly identityKey: {
    readonly identity: string;
    readonly position: number;
    readonly id: string;
    readonly state: IdentityKey['state'];
    readonly kind: IdentityKey['kind'];
    readonly spki: string;
    readonly requestPem: string | null;
    readonly chainPem: string | null;
    readonly anchorsPem: string | null;
    readonly sealedKey: string;
    readonly createdAtMs: number;
    readonly notAfterMs: number | null;
    readonly activatedAtMs: number | null;
    readonly retiredAtMs: number | null;
  };
  readonly operator: {
    readonly name: string;
    readonly role: OperatorRole;
    readonly publicKeyPem: string;
    readonly isDisabled: boolean;
    readonly addedAtMs: number;
    readonly addedBy: string;
  };
  readonly node: {
    readonly node: string;
    readonly role: 'proxy' | 'gateway';
    readonly state: 'approved' | 'revoked';
    readonly hosts: Json<readonly string[]>;
    readonly revokedAtMs: number | null;
    readonly reason: string | null;
  };
  readonly nodeCertificate: {
    readonly node: string;
    readonly position: number;
    readonly serial: string;
    readonly notAfterMs: number;
  };
  /** What operators signed, each text once. */
  readonly approval: {
    readonly operator: string;
    readonly payloadSha256: string;
    readonly payload: string;
    readonly signature: string;
  };
  readonly changeEvent: {
    readonly sequence: number;
    readonly atMs: number;
    readonly kind: ChangeKind;
    readonly subject: string;
    readonly detail: Json<Readonly<Record<string, unknown>>>;
    /** The node that did it by itself; null where an operator did. */
    readonly program: string | null;
    readonly operator: string | null;
    readonly payloadSha256: string | null;
  };
  readonly sighting: {
    readonly partner: string;
    readonly direction: 'accepted' | 'presented';
    readonly key: string;
    readonly spki: string;
    readonly firstAtMs: number;
    readonly lastAtMs: number;
    readonly handshakes: number;
    readonly lastSource: string;
    readonly lastProxy: string;
    readonly notAfterMs: number | null;
  };
}

/** Names the fields of a record that have no column; a file that lists any does not compile. */
type Missing<Record, Row> = Exclude<keyof Record, keyof Row>;
type None<Fields extends never> = Fields;

/** Holds every record against its table, so that a field that is added is not lost in silence. */
export type AllFieldsKept = None<
  | Missing<Omit<PartnerRecord, 'trustSets' | 'presentations'>, Tables['partner']>
  | Missing<TrustSet, Tables['trustSet']>
  | Missing<Presentation, Tables['presentation']>
  | Missing<Omit<IdentityRecord, 'keys'>, Tables['identity']>
  | Missing<IdentityKey, Tables['identityKey']>
  | Missing<OperatorRecord, Tables['operator']>
  | Missing<Omit<NodeRecord, 'certificates'>, Tables['node']>
  | Missing<NodeRecord['certificates'][number], Tables['nodeCertificate']>
  | Missing<Sighting, Tables['sighting']>
>;
