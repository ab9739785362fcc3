import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { isShortName } from '../short-name.ts';
import { identitySubject } from './identity-keys.ts';
import type { IdentityKey, IdentityRecord } from './identity-record.ts';

/** A key that was just made, its private half sealed. */
export interface RequestedKey
  extends Pick<IdentityKey, 'kind' | 'spki' | 'requestPem' | 'sealedKey'> {
  readonly identity: string;
  /** Of a new identity, or to replace those of a known one. */
  readonly serverNames?: readonly string[];
}

export interface RequestedChange extends Change<IdentityRecord> {
  readonly key: string;
}

const KEYS_IN_USE_MAX = 8;

/** Adds a key that waits for its certificate; the identity is begun with its first key. */
export function addRequestedKey(
  identities: readonly IdentityRecord[],
  { identity: name, serverNames, kind, spki, requestPem, sealedKey }: RequestedKey,
  actor: Actor,
  nowMs: number,
): Result<RequestedChange, ExchangeRefusal> {
  if (!isShortName(name)) return refuse('identity-name-wrong', { identity: name });
  for (const { name: owner, keys } of identities) {
    const known = keys.find((key) => key.spki === spki);
    if (known !== undefined) return refuse('key-known', { identity: owner, key: known.id });
  }
  const taken = serverNameOwner(identities, name, serverNames ?? []);
  if (taken !== undefined) return refuse('server-name-taken', taken);
  const record = identities.find((known) => known.name === name) ?? begun(identities, name);
  const count = record.keys.filter(({ state }) => state !== 'retired').length;
  if (count >= KEYS_IN_USE_MAX) return refuse('keys-max', { identity: name, count });
  const key: IdentityKey = {
    id: nextKeyId(record),
    state: 'requested',
    kind,
    spki,
    ...(requestPem !== undefined && { requestPem }),
    sealedKey,
    createdAtMs: nowMs,
  };
  const detail = { key: key.id, kind, spki };
  return ok({
    record: {
      ...record,
      ...(serverNames !== undefined && { serverNames }),
      keys: [...record.keys, key],
    },
    events: [eventOf(actor, nowMs, 'identity-key-requested', identitySubject(name), detail)],
    key: key.id,
  });
}

function begun(identities: readonly IdentityRecord[], name: string): IdentityRecord {
  const position = Math.max(-1, ...identities.map((identity) => identity.position)) + 1;
  return { name, serverNames: [], position, keys: [] };
}

function serverNameOwner(
  identities: readonly IdentityRecord[],
  name: string,
  serverNames: readonly string[],
) {
  for (const { name: owner, serverNames: owned } of identities) {
    const serverName = serverNames.find((wanted) => owned.includes(wanted));
    if (owner !== name && serverName !== undefined) return { owner, serverName };
  }
  return undefined;
}

/** What the next key of an identity will be called: whoever seals it must know before. */
export function nextKeyId({ keys }: Pick<IdentityRecord, 'keys'>): string {
  return `k${Math.max(0, ...keys.map(({ id }) => Number(id.slice(1)) || 0)) + 1}`;
}
