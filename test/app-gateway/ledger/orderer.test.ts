import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ordererFields } from '@sallyport/app-gateway/ledger/orderer.ts';

it('an operator is on record with what was signed, and a program by its name', () => {
  const signature = Buffer.alloc(64, 7);
  const approval = { payload: 'the command', signature: signature.toString('base64') };
  assert.deepEqual(ordererFields({ author: 'ann', approval }), {
    author: 'ann',
    signedText: 'the command',
    authorSignature: signature,
  });
  assert.deepEqual(ordererFields({ author: 'gateway-1' }), { author: 'gateway-1' });
});
