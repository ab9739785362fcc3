import assert from 'node:assert/strict';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { stateStoreContract } from '../../ports/state-store-contract.ts';

stateStoreContract('embedded, in memory', async () => {
  const store = await openEmbeddedStore(undefined);
  assert.ok(store.ok, JSON.stringify(store));
  return store.value;
});
