import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type RevocationVerdict,
  revocationFault,
  revocationFaultUnder,
} from '@sallyport/dmz-proxy/identity/revocation-seam.ts';
import type { RevocationMode } from '@sallyport/shared/channel/snapshot.ts';
import { globexIdentity } from '../edge-fixture.ts';

//   mode         what is known            fault
const rows: readonly (readonly [
  RevocationMode,
  RevocationVerdict | undefined,
  string | undefined,
])[] = [
  ['off', 'revoked', undefined],
  ['off', undefined, undefined],
  ['soft-fail', 'good', undefined],
  ['soft-fail', 'revoked', 'revocation-revoked'],
  ['soft-fail', 'unknown', undefined],
  ['soft-fail', undefined, undefined],
  ['hard-fail', 'good', undefined],
  ['hard-fail', 'revoked', 'revocation-revoked'],
  ['hard-fail', 'unknown', 'revocation-unknown'],
  ['hard-fail', undefined, 'revocation-unknown'],
];

describe('what revocation does to an identity', () => {
  for (const [mode, verdict, fault] of rows) {
    it(`${mode}, ${verdict ?? 'nobody to ask'}: ${fault ?? 'holds'}`, () => {
      const revocation = { mode, fetch: false, lists: [] };
      const { partner, path } = globexIdentity(mode === 'hard-fail' ? {} : { revocation });
      const revocationOf = verdict && (() => verdict);
      assert.equal(revocationFaultUnder(mode, revocationOf, path, partner, 0), fault);
      const configured = { ...partner, settings: { ...partner.settings, revocation } };
      assert.equal(revocationFault(revocationOf, path, configured, 0), fault);
    });
  }
});
