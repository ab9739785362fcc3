import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  knownSigners,
  signerDigest,
} from '@sallyport/app-gateway/domain/exchange/trust/known-signers.ts';
import type { TrustSet } from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';
import { partner, trustSet } from '../exchange-fixture.ts';

const [SPKI, OTHER] = [7, 8].map((octet) => Buffer.alloc(44, octet)) as [Buffer, Buffer];
const digest = (spki: Buffer) => createHash('sha256').update(spki).digest('base64');

function set(
  state: TrustSet['state'],
  signer: string | undefined,
  keys: readonly Buffer[],
): TrustSet {
  const plain = trustSet('t1', state);
  return {
    ...plain,
    origin: { ...plain.origin, ...(signer !== undefined && { signer }) },
    signingKeys: keys.map((spki) => spki.toString('base64')),
  };
}

describe('keys that sign a partner’s offers', () => {
  for (const [what, sets, expected] of [
    ['none where no set names one', [trustSet('t1', 'active')], []],
    ['that which signed a verified offer', [set('active', digest(SPKI), [SPKI])], [digest(SPKI)]],
    ['those that the site’s own file names', [set('active', undefined, [SPKI])], [digest(SPKI)]],
    [
      'of sets of before too',
      [set('retired', digest(OTHER), []), set('staged', undefined, [SPKI])],
      [digest(OTHER), digest(SPKI)],
    ],
    ['none of a set that nobody verified', [set('received', digest(SPKI), [SPKI])], []],
    ['none of one that was rejected', [set('rejected', digest(SPKI), [SPKI])], []],
  ] as const) {
    it(what, () => assert.deepEqual([...knownSigners(partner([...sets]))], expected));
  }

  it('are named by the SHA-256 of the key', () => {
    assert.equal(signerDigest(SPKI.toString('base64')), digest(SPKI));
  });
});
