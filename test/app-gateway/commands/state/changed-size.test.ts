import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedSize } from '@sallyport/app-gateway/commands/state/changed-size.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { State, StateChange } from '@sallyport/app-gateway/ports/state-store.ts';
import { partner, settings } from '../../domain/exchange/exchange-fixture.ts';

const BYTES_MAX = 20_000;
const EVENTS = [{}] as unknown as StateChange['events'];

function listed(id: string, chars: number, more: Partial<PartnerRecord> = {}): PartnerRecord {
  const lists = [`-----BEGIN X509 CRL-----\n${'A'.repeat(chars)}`];
  const revocation = { mode: 'hard-fail', fetch: true, lists } as const;
  return { ...partner([]), id, settings: settings({ revocation }), ...more };
}

function codeOf(before: readonly PartnerRecord[], change: Omit<StateChange, 'events'>): string {
  const state = { revision: 1, partners: before, identities: [], operators: [], nodes: [] };
  const done = changedSize(state as unknown as State, { events: EVENTS, ...change }, BYTES_MAX);
  return done.ok ? 'done' : done.error.code;
}

const FULL = [listed('a', 9000), listed('b', 12_000)];
const CUT_OFF = { severed: { atMs: 1, operator: 'ann', reason: 'breach' } };

describe('what proxies are told of partners', () => {
  for (const [what, before, change, expected] of [
    ['is small', [listed('a', 9000)], { partners: [listed('b', 5000)] }, 'done'],
    [
      'would be too large',
      [listed('a', 9000)],
      { partners: [listed('b', 12_000)] },
      'partners-too-large',
    ],
    ['is too large, and grows', FULL, { partners: [listed('b', 12_001)] }, 'partners-too-large'],
    ['is too large, and gets smaller', FULL, { partners: [listed('b', 11_999)] }, 'done'],
    [
      'is too large, and a partner is cut off',
      FULL,
      { partners: [listed('b', 12_000, CUT_OFF)] },
      'done',
    ],
    [
      'is not about one that is cut off',
      [listed('a', 9000)],
      { partners: [listed('b', 12_000, CUT_OFF)] },
      'done',
    ],
    ['is too large, and the change about something else', FULL, {}, 'done'],
  ] as const) {
    it(`${what}: ${expected}`, () => assert.equal(codeOf(before, change), expected));
  }
});
