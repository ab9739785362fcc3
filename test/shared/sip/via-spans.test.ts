import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ViaSpans } from '@sallyport/shared/sip/via-spans.ts';

describe('spans of a Via', () => {
  it('say where its parts lie, and stop at a comma', () => {
    const text =
      'SIP / 2.0 / TLS a.example : 5061;branch=z9;received=192.0.2.1 ;rport=7 , SIP/2.0/TLS b';
    const bytes = Buffer.from(text);
    const spans = new ViaSpans();
    assert.equal(spans.scan(bytes, 0, bytes.length), text.indexOf(','));
    const parts: readonly (readonly [number, number, string])[] = [
      [spans.versionStart, spans.versionEnd, '2.0'],
      [spans.transportStart, spans.transportEnd, 'TLS'],
      [spans.hostStart, spans.hostEnd, 'a.example'],
      [spans.portStart, spans.portEnd, '5061'],
      [spans.branchStart, spans.branchEnd, 'z9'],
      [spans.receivedStart, spans.receivedEnd, ';received=192.0.2.1 '],
      [spans.receivedValueStart, spans.receivedValueEnd, '192.0.2.1'],
      [spans.rportStart, spans.rportEnd, ';rport=7 '],
      [spans.rportValueStart, spans.rportValueEnd, '7'],
    ];
    for (const [start, end, part] of parts) assert.equal(text.slice(start, end), part);
  });

  it('of one Via leave nothing behind for the next', () => {
    const spans = new ViaSpans();
    const first = Buffer.from('SIP/2.0/TLS a:1;branch=z9;received=192.0.2.1;rport=7');
    const second = Buffer.from('SIP/2.0/TLS b;rport');
    assert.equal(spans.scan(first, 0, first.length), first.length);
    assert.equal(spans.scan(second, 0, second.length), second.length);
    const { portStart, branchStart, receivedStart, receivedValueStart, rportValueStart } = spans;
    assert.deepEqual(
      [portStart, branchStart, receivedStart, receivedValueStart, rportValueStart],
      [-1, -1, -1, -1, -1],
    );
    assert.equal(spans.rportStart, 13);
  });
});
