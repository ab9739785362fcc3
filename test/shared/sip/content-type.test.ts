import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseContentType } from '@sallyport/shared/sip/content-type.ts';

//  text                                media type
const accepted: readonly (readonly [string, string])[] = [
  ['application/sdp', 'application/sdp'],
  ['TEXT / Plain', 'text/plain'],
  ['text/xml+msrtc.pidf', 'text/xml+msrtc.pidf'],
  ['text/plain ; charset=UTF-8', 'text/plain'],
  ['multipart/mixed;boundary="a b"', 'multipart/mixed'],
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
  'text/html;a=1;a=2',
  'text/html, text/plain',
  'text/*;\u0142',
];

describe('Content-Type (RFC 3261 §20.15)', () => {
  for (const [text, mediaType] of accepted) {
    it(`${text} is ${mediaType}`, () => {
      const parsed = parseContentType(text);
      assert.equal(parsed.ok ? parsed.value.mediaType : undefined, mediaType);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseContentType(text), { ok: false, error: 'sip-content-type-malformed' });
    });
  }

  it('keeps its parameters', () => {
    const parsed = parseContentType('multipart/mixed;Boundary="a b"');
    assert.equal(parsed.ok ? parsed.value.parameters.get('boundary') : undefined, '"a b"');
  });
});
