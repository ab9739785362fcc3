import { ok, type Result } from '@sallyport/shared/result.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { IdentityKey, IdentityRecord } from './identity-record.ts';

/** The key in use: of those that are active, the one activated last. */
export function currentKey({ keys }: Pick<IdentityRecord, 'keys'>): IdentityKey | undefined {
  return keys
    .filter(({ state }) => state === 'active')
    .reduce<IdentityKey | undefined>(
      (latest, key) => ((key.activatedAtMs ?? 0) >= (latest?.activatedAtMs ?? 0) ? key : latest),
      undefined,
    );
}

/** Whether a key can be shown in handshakes. */
export function isPresentable({ state }: IdentityKey): boolean {
  return state === 'ready' || state === 'active';
}

/** The key of that name, if a step may be taken from its state. */
export function identityKeyIn(
  { name, keys }: IdentityRecord,
  id: string,
  step: string,
  wanted: readonly IdentityKey['state'][],
): Result<IdentityKey, ExchangeRefusal> {
  const key = keys.find((known) => known.id === id);
  if (key === undefined) return refuse('key-unknown', { identity: name, key: id });
  if (wanted.includes(key.state)) return ok(key);
  const facts = { identity: name, key: id, state: key.state, step, wanted: wanted.join(' or ') };
  return refuse('key-state', facts);
}

/** The identity with this key instead of the one of the same name. */
export function withKey(record: IdentityRecord, key: IdentityKey): IdentityRecord {
  return { ...record, keys: record.keys.map((known) => (known.id === key.id ? key : known)) };
}

/** How sightings call a key. */
export function keyName(identity: string, key: string): string {
  return `${identity}/${key}`;
}

/** What the history calls an identity. */
export function identitySubject(identity: string): string {
  return `identity/${identity}`;
}
