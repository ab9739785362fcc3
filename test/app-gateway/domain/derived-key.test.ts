import assert from 'node:assert/strict';
import { it } from 'node:test';
import { derive } from '@sallyport/app-gateway/domain/derived-key.ts';

it('gives every purpose a key of its own, the same each time', () => {
  const cluster = Buffer.alloc(32, 7);
  const one = derive(cluster, 'one');
  assert.equal(one.length, 32);
  assert.deepEqual(one, derive(cluster, 'one'));
  assert.notDeepEqual(one, derive(cluster, 'two'));
  assert.notDeepEqual(one, derive(Buffer.alloc(32, 8), 'one'));
});
