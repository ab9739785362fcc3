import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isContentType } from '@sallyport/shared/sip/content-type.ts';

const accepted = [
  'application/sdp',
  'TEXT / Plain',
  'text/xml+msrtc.pidf',
  'text/plain ; charset=UTF-8',
  'multipart/mixed;Boundary="a b"',
];

const refused = [
  '',
  'text',
  'text/',
  '/plain',
  'text/plain/x',
  'text/html;charset',
  'text/html;charset=',
  'text/html;charset=,',
  'text/html;',
  'text/html, text/plain',
  'text/*;\u0142',
];

describe('Content-Type (RFC 3261 §20.15)', () => {
  for (const [texts, isTaken] of [
    [accepted, true],
    [refused, false],
  ] as const) {
    for (const text of texts) {
      it(`${isTaken ? 'takes' : 'refuses'} ${JSON.stringify(text)}`, () => {
        const bytes = Buffer.from(text, 'utf8');
        assert.equal(isContentType(bytes, 0, bytes.length), isTaken);
      });
    }
  }
});
