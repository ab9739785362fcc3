import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { refusalOf, utcText } from '../../domain/exchange/exchange-refusal.ts';
import { currentKey } from '../../domain/exchange/identity/identity-keys.ts';
import type {
  IdentityKey,
  IdentityRecord,
} from '../../domain/exchange/identity/identity-record.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { State } from '../../ports/state-store.ts';
import type { Applied } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { textTable } from '../text-table.ts';

/** A key of ours as answers show it: nothing of its private half. */
export interface KeyView {
  readonly id: string;
  readonly state: IdentityKey['state'];
  readonly kind: IdentityKey['kind'];
  readonly spki: string;
  /** What is shown to whoever was not given another. */
  readonly isCurrent: boolean;
  readonly createdAtMs: number;
  readonly notAfterMs?: number;
  /** Partners that were told of it and have not given it up. */
  readonly knownTo: readonly string[];
}

export interface IdentityView {
  readonly identity: string;
  readonly serverNames: readonly string[];
  readonly keys: readonly KeyView[];
}

/** An identity after a step, and the key that it was about. */
export interface IdentityAnswer extends IdentityView {
  readonly key: string;
  readonly applied?: Applied;
}

export function identityView(
  record: IdentityRecord,
  partners: readonly PartnerRecord[],
): IdentityView {
  const current = currentKey(record);
  return {
    identity: record.name,
    serverNames: record.serverNames,
    keys: record.keys.map(({ id, state, kind, spki, createdAtMs, notAfterMs }) => ({
      id,
      state,
      kind,
      spki,
      isCurrent: id === current?.id,
      createdAtMs,
      ...(notAfterMs !== undefined && { notAfterMs }),
      knownTo: partners
        .filter(({ presentations }) =>
          presentations.some(
            (known) =>
              known.identity === record.name && known.key === id && known.state !== 'retired',
          ),
        )
        .map((partner) => partner.id),
    })),
  };
}

/** The identity of that name. */
export function identityIn(
  { identities }: Pick<State, 'identities'>,
  name: string,
): Result<IdentityRecord, CommandRefusal> {
  const record = identities.find((known) => known.name === name);
  return record === undefined ? err(refusalOf('identity-unknown', { identity: name })) : ok(record);
}

/** Identities and their keys as a table. */
export function identityTable(identities: readonly IdentityView[]): string {
  const rows = identities.flatMap(({ identity, keys }) =>
    keys.map((key) => [
      `${identity}/${key.id}`,
      key.isCurrent ? `${key.state}, in use` : key.state,
      key.kind,
      key.notAfterMs === undefined ? 'no certificate' : utcText(key.notAfterMs),
      key.knownTo.join(', ') || 'nobody',
    ]),
  );
  return textTable(['KEY', 'STATE', 'KIND', 'GOOD UNTIL', 'TOLD TO'], rows);
}
