import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrustState } from '@sallyport/app-gateway/config/trust-state.ts';
import { vouchesForAnyName } from '@sallyport/app-gateway/domain/exchange/trust/vouched-names.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { basicConstraints, buildCertificate, ecKey } from '../../../../x509-builder.ts';
import { NOW_MS, trustSet } from '../exchange-fixture.ts';

function pem(...extensions: readonly Buffer[]): string {
  const draft = { subject: 'CN=Globex', key: ecKey(), extensions };
  return encodePem(buildCertificate(draft), 'CERTIFICATE');
}

const authority = pem(basicConstraints(true));
const leaf = pem(basicConstraints(false));
/** Lets in its holder alone, since nobody may build on it. */
const halfMarked = pem(basicConstraints(true, undefined, false));

const heardByBob = { verifications: [{ operator: 'bob', atMs: NOW_MS, method: 'words' as const }] };

describe('whether a set that was heard could let in for any name', () => {
  const byContent = [
    ['an authority', [authority], [], true],
    ['a certificate that is none', [leaf], [], false],
    ['one that is not plainly an authority', [halfMarked], [], false],
    ['an authority beside another', [leaf, authority], [], true],
    ['an authority with a pin, which may be its own', [authority], ['pin'], true],
    ['a pinned key, which signs for itself', [], ['pin'], true],
    ['a pinned key of a certificate', [leaf], ['pin'], false],
    ['what cannot be read', ['rubbish'], [], true],
  ] as const;
  for (const [title, anchors, pins, expected] of byContent) {
    it(`${title}: ${expected}`, () => {
      assert.equal(vouchesForAnyName({ ...trustSet('t1', 'active'), anchors, pins }), expected);
    });
  }

  const byState: readonly (readonly [TrustState, object, boolean])[] = [
    ['received', {}, false],
    ['received', heardByBob, true],
    ['verified', heardByBob, true],
    ['staged', {}, true],
    ['seen', {}, true],
    ['active', {}, true],
    ['retired', heardByBob, false],
    ['rejected', heardByBob, false],
  ];
  for (const [state, heard, expected] of byState) {
    it(`an authority that is ${state}${heard === heardByBob ? ' and was heard' : ''}: ${expected}`, () => {
      const set = { ...trustSet('t1', state), anchors: [authority], pins: [], ...heard };
      assert.equal(vouchesForAnyName(set), expected);
    });
  }
});
