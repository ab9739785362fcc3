import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEveryAddress, ownAddressOf } from '@sallyport/shared/net/every-address.ts';

describe('what is bound to every address', () => {
  //  bound to, every address, reached by its own host at
  const rows: readonly (readonly [string, boolean, string])[] = [
    ['0.0.0.0', true, '127.0.0.1'],
    ['::', true, '::1'],
    ['127.0.0.1', false, '127.0.0.1'],
    ['edge-1.example', false, 'edge-1.example'],
  ];
  for (const [host, isEvery, own] of rows) {
    it(`${host}: ${isEvery ? 'is' : 'is not'}`, () => {
      assert.deepEqual([isEveryAddress(host), ownAddressOf(host)], [isEvery, own]);
    });
  }
});
