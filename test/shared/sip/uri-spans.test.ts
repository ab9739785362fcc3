import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endOfScheme, endOfSipScheme, UriSpans } from '@sallyport/shared/sip/uri-spans.ts';

describe('spans of a SIP URI', () => {
  it('say where its parts lie, within other bytes', () => {
    const text = '<sips:u:p@h.example:5061;lr?a=b>';
    const bytes = Buffer.from(text);
    const spans = new UriSpans();
    assert.equal(spans.scan(bytes, 1, text.length - 1), true);
    assert.equal(spans.isSecure, true);
    const parts: readonly (readonly [number, number, string])[] = [
      [spans.userStart, spans.userEnd, 'u'],
      [spans.passwordStart, spans.passwordEnd, 'p'],
      [spans.hostStart, spans.hostEnd, 'h.example'],
      [spans.portStart, spans.portEnd, '5061'],
      [spans.parametersStart, spans.parametersEnd, ';lr'],
      [spans.headersStart, spans.headersEnd, 'a=b'],
    ];
    for (const [start, end, part] of parts) assert.equal(text.slice(start, end), part);
  });

  it('of one URI leave nothing behind for the next', () => {
    const spans = new UriSpans();
    const full = Buffer.from('sips:u:p@h:1;lr?a=b');
    const bare = Buffer.from('sip:h');
    assert.equal(spans.scan(full, 0, full.length), true);
    assert.equal(spans.scan(bare, 0, bare.length), true);
    const { isSecure, userStart, passwordStart, portStart, headersStart } = spans;
    assert.deepEqual(
      [isSecure, userStart, passwordStart, portStart, headersStart],
      [false, -1, -1, -1, -1],
    );
    assert.equal(spans.parametersStart, spans.parametersEnd);
  });

  it('end where the URI ends, whatever follows', () => {
    const spans = new UriSpans();
    const bytes = Buffer.from('sip:a@b:5060;lr');
    assert.equal(spans.scan(bytes, 0, 7), true);
    assert.equal(spans.portStart, -1);
    assert.equal(spans.hostEnd, 7);
  });
});

//  text          past the SIP scheme, past any scheme
const schemes: readonly (readonly [string, number, number])[] = [
  ['sip:a', 4, 4],
  ['SIPS:a', 5, 5],
  ['sipss:a', -1, 6],
  ['sip', -1, -1],
  ['sips', -1, -1],
  ['tel:1', -1, 4],
  ['a+b-c.1:x', -1, 8],
  ['urn:%41', -1, 4],
  ['urn:%4', -1, -1],
  ['urn:', -1, -1],
  [':x', -1, -1],
  ['1a:x', -1, -1],
  ['a_b:x', -1, -1],
  ['a:x y', -1, -1],
  ['a:<', -1, -1],
];

describe('schemes', () => {
  for (const [text, sip, any] of schemes) {
    it(`${text}: ${sip}, ${any}`, () => {
      const bytes = Buffer.from(text);
      assert.equal(endOfSipScheme(bytes, 0, bytes.length), sip);
      assert.equal(endOfScheme(bytes, 0, bytes.length), any);
    });
  }
});
