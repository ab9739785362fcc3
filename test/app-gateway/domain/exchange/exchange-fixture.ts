import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  type PartnerSettings,
  partnerSettingsSchema,
} from '@sallyport/app-gateway/config/partner-schema.ts';
import type { TrustState } from '@sallyport/app-gateway/config/trust-state.ts';
import type { Actor } from '@sallyport/app-gateway/domain/exchange/actor.ts';
import type { ExchangeRefusal } from '@sallyport/app-gateway/domain/exchange/exchange-refusal.ts';
import type {
  IdentityKey,
  IdentityRecord,
} from '@sallyport/app-gateway/domain/exchange/identity/identity-record.ts';
import type { OperatorRole } from '@sallyport/app-gateway/domain/exchange/operator/operator-record.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { Sighting } from '@sallyport/app-gateway/domain/exchange/sighting/sighting.ts';
import type { ReceivedTrust } from '@sallyport/app-gateway/domain/exchange/trust/receive-trust.ts';
import type { TrustSet } from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';
import type { Result } from '@sallyport/shared/result.ts';

export const NOW_MS: number = Date.UTC(2026, 5, 1, 12);
export const DAY_MS = 86_400_000;

export const TRUST_STATES: readonly TrustState[] = [
  ...(['received', 'verified', 'staged', 'seen', 'active', 'retired', 'rejected'] as const),
];

export function person(name: string, role: OperatorRole = 'operator'): Actor {
  const approval = { operator: name, payload: '{}', signature: '' };
  return { author: { kind: 'operator', approval }, name, role };
}

export const ann: Actor = person('ann');
export const bob: Actor = person('bob');
export const olga: Actor = person('olga', 'officer');
export const program: Actor = {
  author: { kind: 'program', node: 'gateway-1' },
  name: 'gateway-1',
  role: 'program',
};

export function settings(change: Record<string, unknown> = {}): PartnerSettings {
  return partnerSettingsSchema.parse({
    domains: ['globex.example'],
    methods: ['MESSAGE'],
    ...change,
  });
}

/** A set whose content is told by one word. */
export function trustSet(id: string, state: TrustState, content: string = id): TrustSet {
  return {
    id,
    state,
    anchors: [],
    intermediates: [],
    pins: [hash('sha256', content, 'base64')],
    fingerprint: hash('sha256', content, 'hex'),
    origin: { file: `${content}.pem`, format: 'pem', sha256: hash('sha256', content, 'hex') },
    receivedAtMs: NOW_MS - 60 * DAY_MS,
    verifications: [],
    ...(['staged', 'seen', 'active'].includes(state) && { stagedAtMs: NOW_MS - 30 * DAY_MS }),
  };
}

/** What a file with that content gives. */
export function received(content: string, change: Partial<ReceivedTrust> = {}): ReceivedTrust {
  const { anchors, intermediates, pins, fingerprint, origin } = trustSet('', 'received', content);
  return { anchors, intermediates, pins, fingerprint, origin, problems: [], ...change };
}

export function partner(
  trustSets: readonly TrustSet[] = [],
  change: Partial<PartnerRecord> = {},
): PartnerRecord {
  return {
    id: 'globex',
    settings: settings(),
    trustSets,
    presentations: [],
    receivedSequence: 0,
    offeredSequence: 0,
    ...change,
  };
}

export function sighting(key: string, ageMs: number, change: Partial<Sighting> = {}): Sighting {
  return {
    partner: 'globex',
    direction: 'accepted',
    spki: 'spki',
    key,
    firstAtMs: NOW_MS - ageMs - 1000,
    lastAtMs: NOW_MS - ageMs,
    handshakes: 3,
    lastSource: '192.0.2.7',
    lastProxy: 'edge-1',
    ...change,
  };
}

export function identityKey(
  id: string,
  state: IdentityKey['state'],
  change: Partial<IdentityKey> = {},
): IdentityKey {
  return {
    id,
    state,
    kind: 'ec-p256',
    spki: `spki of ${id}`,
    sealedKey: `sealed ${id}`,
    createdAtMs: NOW_MS - 90 * DAY_MS,
    ...(state === 'active' && { activatedAtMs: NOW_MS - 80 * DAY_MS }),
    ...change,
  };
}

export function identity(name: string, keys: readonly IdentityKey[], position = 0): IdentityRecord {
  return { name, serverNames: [`${name}.example`], position, keys };
}

/** The value, or a failed test that says why there is none. */
export function done<T>(outcome: Result<T, ExchangeRefusal>): T {
  assert.ok(outcome.ok, outcome.ok ? '' : `${outcome.error.code}: ${outcome.error.message}`);
  return outcome.value;
}

/** The refusal's code, or what happened instead. */
export function codeOf(outcome: Result<unknown, ExchangeRefusal>): string {
  return outcome.ok ? 'done' : outcome.error.code;
}

/** The same value, frozen throughout: a step that changes what it is given throws. */
export function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFrozen(inner);
  }
  return value;
}
