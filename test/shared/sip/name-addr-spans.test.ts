import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NameAddrSpans } from '@sallyport/shared/sip/name-addr-spans.ts';

describe('spans of an address', () => {
  it('say where its parts lie, and stop at a comma', () => {
    const text = ' "A" <sip:a@b.example> ; tag = t1 , <sip:c@d>';
    const bytes = Buffer.from(text);
    const spans = new NameAddrSpans();
    const end = spans.scan(bytes, 0, bytes.length);
    assert.equal(end, text.indexOf(','));
    assert.equal(text.slice(spans.displayNameStart, spans.displayNameEnd), '"A"');
    assert.equal(text.slice(spans.uriStart, spans.uriEnd), 'sip:a@b.example');
    assert.equal(text.slice(spans.uri.hostStart, spans.uri.hostEnd), 'b.example');
    assert.equal(text.slice(spans.tagStart, spans.tagEnd), 't1');
    assert.equal(spans.isBracketed, true);
    assert.equal(spans.isSip, true);
  });

  it('of one address leave nothing behind for the next', () => {
    const spans = new NameAddrSpans();
    const first = Buffer.from('A <sip:a@b>;tag=1');
    const second = Buffer.from('tel:1');
    assert.ok(spans.scan(first, 0, first.length) > 0);
    assert.equal(spans.scan(second, 0, second.length), second.length);
    const { displayNameStart, tagStart, isBracketed, isSip } = spans;
    assert.deepEqual([displayNameStart, tagStart, isBracketed, isSip], [-1, -1, false, false]);
  });

  it('tell of a quoted parameter that some readers take to end early, of each value anew', () => {
    const spans = new NameAddrSpans();
    const values = [
      '<sip:a@b>;x="c;tag=d"',
      '<sip:a@b>;x="c"',
      '<sip:a@b>;x="\\\\"',
      '"a;\\"" <sip:b;c>',
      'sip:a;x=";";y="z"',
    ];
    const told = values.map((text) => {
      const bytes = Buffer.from(text);
      assert.equal(spans.scan(bytes, 0, bytes.length), bytes.length);
      return spans.isAmbiguous;
    });
    assert.deepEqual(told, [true, false, true, false, true]);
  });

  it('do not see what stands behind the field', () => {
    const spans = new NameAddrSpans();
    const bytes = Buffer.from('sip:a@b;tag=1"<x');
    assert.equal(spans.scan(bytes, 0, 7), 7);
    assert.equal(spans.tagStart, -1);
    assert.equal(spans.scan(bytes, 0, 0), -1);
  });
});
