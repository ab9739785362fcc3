import { partnerSettingsSchema } from '@sallyport/app-gateway/config/partner-schema.ts';
import type { NewChangeEvent } from '@sallyport/app-gateway/domain/exchange/change-event.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { Sighting } from '@sallyport/app-gateway/domain/exchange/sighting/sighting.ts';
import type { TrustSet } from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';

/** The clock of these records. */
export const AT_MS = Date.UTC(2026, 5, 1);

/** A partner with nothing but what it must have. */
export function plainPartner(id: string): PartnerRecord {
  return {
    id,
    settings: partnerSettingsSchema.parse({ domains: [`${id}.example`], methods: ['MESSAGE'] }),
    trustSets: [],
    presentations: [],
    receivedSequence: 0,
    offeredSequence: 0,
  };
}

/** A partner with every field there is. */
export function fullPartner(id: string): PartnerRecord {
  const set: TrustSet = {
    id: 't1',
    state: 'active',
    anchors: ['-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'],
    intermediates: [],
    pins: ['pin'],
    signingKeys: ['signing key'],
    fingerprint: 'ab'.repeat(32),
    origin: { file: 'offer "one".json', format: 'sallyport', sha256: 'cd'.repeat(32), sequence: 3 },
    receivedAtMs: AT_MS,
    verifications: [{ operator: 'ann', atMs: AT_MS + 1, method: 'words' }],
    stagedAtMs: AT_MS + 2,
    activatedAtMs: AT_MS + 3,
    retiredAtMs: AT_MS + 4,
    wrongFingerprints: 2,
  };
  const {
    stagedAtMs: _,
    retiredAtMs: __,
    wrongFingerprints: ___,
    signingKeys: ____,
    ...fresh
  } = set;
  const settings = partnerSettingsSchema.parse({
    domains: [`${id}.example`, `b.${id}.example`],
    description: 'quotes \' " and \\ and \u{1f600}',
    methods: ['MESSAGE', 'OPTIONS'],
    messagesPerSecond: 0.5,
    trial: { methods: ['MESSAGE'] },
  });
  return {
    id,
    settings,
    severed: { atMs: AT_MS, operator: 'ann', reason: 'their key was stolen' },
    trustSets: [set, { ...fresh, id: 't10', state: 'received' }, { ...fresh, id: 't2' }],
    presentations: [
      {
        identity: 'main',
        key: 'k2',
        state: 'seen',
        sequence: 4,
        offeredAtMs: AT_MS,
        offerExpiresAtMs: AT_MS + 5,
      },
      { identity: 'main', key: 'k1', state: 'active', sequence: 1, offeredAtMs: AT_MS },
    ],
    receivedSequence: 3,
    offeredSequence: 4,
  };
}

/** Something that a gateway did by itself. */
export function programEvent(subject: string): NewChangeEvent {
  return {
    atMs: AT_MS,
    author: { kind: 'program', node: 'gateway-1' },
    kind: 'partner-changed',
    subject,
    detail: { before: null, after: { camelCase: [1, 'two', { three: true }] } },
  };
}

/** One sighting, with what the case needs of it. */
export function sighting(over: Partial<Sighting>): Sighting {
  return {
    partner: 'x',
    direction: 'accepted',
    spki: 'spki',
    key: 't1',
    firstAtMs: AT_MS,
    lastAtMs: AT_MS,
    handshakes: 1,
    lastSource: '192.0.2.1',
    lastProxy: 'edge-1',
    ...over,
  };
}
