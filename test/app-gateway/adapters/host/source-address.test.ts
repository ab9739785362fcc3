import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceAddress } from '@sallyport/app-gateway/adapters/host/source-address.ts';

describe('the address that packets would carry', () => {
  it('to loopback it is loopback', async () => {
    assert.equal(await sourceAddress('127.0.0.1'), '127.0.0.1');
  });

  it('there is none where the kernel lets nothing go', async () => {
    assert.equal(await sourceAddress('255.255.255.255'), undefined);
  });
});
