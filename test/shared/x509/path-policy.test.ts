import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { channelPathPolicy, defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';

describe('the policy that holds when an agreement is silent', () => {
  it('follows RFC 5280 on missing purposes and refuses the purpose that means all', () => {
    assert.deepEqual(defaultPathPolicy, {
      purposes: 'federation',
      acceptNoExtendedKeyUsage: true,
      acceptAnyExtendedKeyUsage: false,
      intermediatesMax: 4,
      refusesUnknownRevocation: false,
    });
  });
});

describe('the policy of channels', () => {
  it('wants the purposes written out, and one authority above a node', () => {
    assert.deepEqual(channelPathPolicy, {
      purposes: 'federation',
      acceptNoExtendedKeyUsage: false,
      acceptAnyExtendedKeyUsage: false,
      intermediatesMax: 1,
      refusesUnknownRevocation: false,
    });
  });
});
