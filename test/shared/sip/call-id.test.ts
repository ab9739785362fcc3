import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCallId } from '@sallyport/shared/sip/call-id.ts';

const accepted = [
  'a',
  'f81d4fae-7dec-11d0@foo.bar.com',
  '3d9485ad0c49859b@Zmx1ZmZ5..',
  'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
];

const refused = [
  '',
  '@',
  'a@',
  '@a',
  'a@@b',
  'a@b@c',
  'a b',
  'a,b',
  'a;b',
  'a\r\n b',
  '\u00e9',
  '\u0142',
];

describe('Call-ID (RFC 3261 §20.8)', () => {
  for (const text of accepted) {
    it(`takes ${text}`, () => {
      assert.deepEqual(parseCallId(text), { ok: true, value: text });
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseCallId(text), { ok: false, error: 'sip-call-id-malformed' });
    });
  }
});
