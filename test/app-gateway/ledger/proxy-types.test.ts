import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOfProxies, isOfProxiesAlone } from '@sallyport/app-gateway/ledger/proxy-types.ts';
import { AUDIT_TYPES } from '@sallyport/shared/audit/record-types.ts';

describe('types of records that a proxy writes', () => {
  const families = [
    'stream',
    'seal',
    'gap',
    'clock',
    'connection',
    'channel',
    'message',
    'response',
  ];

  for (const { id, name } of AUDIT_TYPES) {
    const isTheirs = families.includes(name.split('-')[0] ?? '');
    it(`${name}: ${isTheirs ? 'yes' : 'no'}`, () => assert.equal(isOfProxies(id), isTheirs));
  }

  it('of which gateways have none: those of connections, messages and responses', () => {
    const alone = AUDIT_TYPES.filter(({ id }) => isOfProxiesAlone(id)).map(({ name }) => name);
    assert.deepEqual(
      new Set(alone.map((name) => name.split('-')[0])),
      new Set(['connection', 'message', 'response']),
    );
    assert.equal(alone.length, 8);
  });

  it('none that is no type', () => {
    for (const id of [0, 255, 256])
      assert.deepEqual([isOfProxies(id), isOfProxiesAlone(id)], [false, false]);
  });
});
