import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';

it('gives every gateway of a site its own tag, which tells no name', () => {
  const one = nodeTag('acme', 'gateway-1');
  assert.match(one, /^[0-9a-f]{8}$/);
  assert.equal(one, nodeTag('acme', 'gateway-1'));
  assert.notEqual(one, nodeTag('acme', 'gateway-2'));
  assert.notEqual(one, nodeTag('other', 'gateway-1'));
});
