import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FirstField } from '@sallyport/shared/sip/first-field.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { ROOMY } from './message-verdict.ts';

/** Counts how often it is asked to read. */
class CountingScanner {
  scans = 0;
  start = -1;

  scan(_bytes: Uint8Array, start: number, end: number): number {
    this.scans++;
    this.start = start;
    return end;
  }
}

const REQUEST = Buffer.from('MESSAGE sip:b@c SIP/2.0\r\nTo: <sip:b@c>\r\nl: 0\r\n\r\n');

describe('the first field of a name', () => {
  it('is read once per message, and anew for the next one in the same index', () => {
    const index = new MessageIndex(ROOMY);
    const field = new FirstField(Header.to, new CountingScanner());
    index.scan(REQUEST, 0, REQUEST.length);
    assert.equal(field.read(index), REQUEST.indexOf('\r\nl:'));
    assert.equal(field.read(index), REQUEST.indexOf('\r\nl:'));
    assert.equal(field.spans.scans, 1);
    index.scan(REQUEST, 0, REQUEST.length);
    field.read(index);
    assert.equal(field.spans.scans, 2);
    assert.equal(field.spans.start, REQUEST.indexOf('<'));
  });

  it('of two indexes in turn is read for each', () => {
    const field = new FirstField(Header.to, new CountingScanner());
    const [one, two] = [new MessageIndex(ROOMY), new MessageIndex(ROOMY)];
    for (const index of [one, two]) index.scan(REQUEST, 0, REQUEST.length);
    for (const index of [one, two, one]) field.read(index);
    assert.equal(field.spans.scans, 3);
  });

  it('that is absent is not there', () => {
    const index = new MessageIndex(ROOMY);
    index.scan(REQUEST, 0, REQUEST.length);
    const field = new FirstField(Header.from, new CountingScanner());
    assert.equal(field.read(index), -1);
    assert.equal(field.spans.scans, 0);
  });
});
