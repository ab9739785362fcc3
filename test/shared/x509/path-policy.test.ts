import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';

describe('the policy that holds when an agreement is silent', () => {
  it('follows RFC 5280 on missing purposes and refuses the purpose that means all', () => {
    assert.deepEqual(defaultPathPolicy, {
      purposes: 'federation',
      acceptNoExtendedKeyUsage: true,
      acceptAnyExtendedKeyUsage: false,
      intermediatesMax: 4,
    });
  });
});
