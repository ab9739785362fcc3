import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLedgerKeys } from '@sallyport/app-gateway/ledger/verify/ledger-keys.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const RIGHT = { origin: 'sallyport/acme', ledger: KEY, witnesses: { 'edge-1': KEY } };
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`edge-${at}`, KEY]));

describe('keys of a ledger', () => {
  const rows: readonly (readonly [string, unknown, boolean])[] = [
    ['the ledger’s and those of witnesses', RIGHT, true],
    ['no witness', { ...RIGHT, witnesses: {} }, true],
    ['nothing', null, false],
    ['a list', [], false],
    ['no origin', { ...RIGHT, origin: undefined }, false],
    ['a key of 31 octets', { ...RIGHT, ledger: Buffer.alloc(31).toString('base64') }, false],
    ['a witness’s key that is none', { ...RIGHT, witnesses: { 'edge-1': 'AAAA' } }, false],
    ['no witnesses', { ...RIGHT, witnesses: null }, false],
    ['a thousand', { ...RIGHT, witnesses: many(1000) }, true],
    ['a thousand and one', { ...RIGHT, witnesses: many(1001) }, false],
    ['a former host', { ...RIGHT, former: { 'edge-1': '2026-11-21' } }, true],
    ['a former host without a key', { ...RIGHT, former: { 'edge-2': '2026-11-21' } }, false],
    ['a former host without a day', { ...RIGHT, former: { 'edge-1': 'long ago' } }, false],
    ['a day that never was', { ...RIGHT, former: { 'edge-1': '2026-13-41' } }, false],
    ['former hosts that are none', { ...RIGHT, former: 'edge-1' }, false],
  ];
  for (const [what, value, isRight] of rows) {
    it(`${isRight ? 'are' : 'are not'}: ${what}`, () => assert.equal(isLedgerKeys(value), isRight));
  }
});
