import { keyName } from '../domain/exchange/identity/identity-keys.ts';
import type { IdentityRecord } from '../domain/exchange/identity/identity-record.ts';
import type { Sighting } from '../domain/exchange/sighting/sighting.ts';
import type { RunningSite } from './command-context.ts';

type LiveFlow = ReturnType<RunningSite['flows']>[number];

/**
 * What a partner's live connections rest on, as sightings of now: a connection stands for weeks, and the handshake that
 * opened it may be older than any window.
 */
export function acceptedNow(
  partner: string,
  flows: readonly LiveFlow[],
  nowMs: number,
): readonly Sighting[] {
  return flows.map((flow) => ({
    ...seenNow(partner, flow, nowMs),
    direction: 'accepted',
    key: flow.trustSet,
    spki: '',
  }));
}

/** The same of the keys of an identity of ours that a partner's live connections were shown. */
export function presentedNow(
  partner: string,
  flows: readonly LiveFlow[],
  { name, keys }: IdentityRecord,
  nowMs: number,
): readonly Sighting[] {
  return flows.flatMap((flow): readonly Sighting[] => {
    const shown = keys.find(({ spki }) => spki === flow.ownKey);
    if (shown === undefined) return [];
    const { spki, id } = shown;
    const key = keyName(name, id);
    return [{ ...seenNow(partner, flow, nowMs), direction: 'presented', key, spki }];
  });
}

function seenNow(partner: string, { proxy, remoteAddress, openedAtMs }: LiveFlow, nowMs: number) {
  return {
    partner,
    firstAtMs: openedAtMs,
    lastAtMs: nowMs,
    handshakes: 0,
    lastSource: remoteAddress,
    lastProxy: proxy,
  };
}
