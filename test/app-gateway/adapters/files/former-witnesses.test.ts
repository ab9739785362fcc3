import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFormerWitnesses } from '@sallyport/app-gateway/adapters/files/former-witnesses.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const entry = (over: object) =>
  JSON.stringify({ 'edge-9': { key: KEY, since: '2026-11-21', ...over } });

describe('hosts that are no longer of the site', () => {
  it('are read with their key and the day since when', () => {
    assert.deepEqual(parseFormerWitnesses('{}'), {});
    assert.deepEqual(parseFormerWitnesses(entry({})), {
      'edge-9': { key: KEY, since: '2026-11-21' },
    });
  });

  for (const [what, text, reason] of [
    ['no JSON', '{', /JSON/],
    ['a list', '[]', /record/],
    ['a key of 31 octets', entry({ key: Buffer.alloc(31).toString('base64') }), /32 octets/],
    ['no day', entry({ since: 'yesterday' }), /date/],
    ['something else', entry({ why: 'sold' }), /why/],
  ] as const) {
    it(`are not: ${what}`, () => assert.throws(() => parseFormerWitnesses(text), reason));
  }
});
