import assert from 'node:assert/strict';
import { it } from 'node:test';
import { derive, derivePair } from '@sallyport/app-gateway/domain/derived-key.ts';

it('gives every purpose a key of its own, the same each time', () => {
  const cluster = Buffer.alloc(32, 7);
  const one = derive(cluster, 'one');
  assert.equal(one.length, 32);
  assert.deepEqual(one, derive(cluster, 'one'));
  assert.notDeepEqual(one, derive(cluster, 'two'));
  assert.notDeepEqual(one, derive(Buffer.alloc(32, 8), 'one'));
});

it('makes a pair of either kind out of such a key', () => {
  const cluster = Buffer.alloc(32, 7);
  for (const kind of ['ed25519', 'x25519'] as const) {
    const pair = derivePair(kind, cluster, 'one');
    assert.equal(pair.asymmetricKeyType, kind);
    const octets = Buffer.from(pair.export({ format: 'jwk' }).d ?? '', 'base64url');
    assert.deepEqual(octets, derive(cluster, 'one'));
  }
});
