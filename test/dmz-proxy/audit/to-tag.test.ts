import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ToTag } from '@sallyport/dmz-proxy/audit/to-tag.ts';

//  lines behind the status line                                 tag
const table: readonly (readonly [string, string | undefined])[] = [
  ['To: <sip:bob@acme.example>;tag=b1', 'b1'],
  ['t: <sip:bob@acme.example>;tag=b1', 'b1'],
  ['T:<sip:bob@acme.example>;TAG=b1', 'b1'],
  ['TO \t: <sip:bob@acme.example> ; tag = b1 ;x=y', 'b1'],
  ['To: sip:bob@acme.example;x;tag=b1;y', 'b1'],
  ['To: "a;tag=no\\";tag=no" <sip:bob@acme.example;tag=no>;tag=b1', 'b1'],
  ['To: <sip:bob@acme.example>;tagged=no;tag=b1', 'b1'],
  ['From: <sip:a@b.example>;tag=no\r\nTo: <sip:bob@acme.example>;tag=b1', 'b1'],
  ['Timestamp: 1;tag=no\r\nTo: <sip:bob@acme.example>;tag=b1', 'b1'],
  ['To: <sip:bob@acme.example>', undefined],
  ['To: <sip:bob@acme.example>;tag=', undefined],
  ['To: "Bob" <sip:bob@acme.example>;tag=b1', 'b1'],
  ['To: <sip:bob@acme.example>;tag=b1.-_+Z9', 'b1.-_+Z9'],
  ['To: <sip:bob@acme.example>;tag=b%1~*`!', 'b%1~*`!'],
  ['To: <sip:bob@acme.example>;tag=b1 ', 'b1'],
  ['To: <sip:bob@acme.example>;x=y;tag=b1', 'b1'],
  ['To: <sip:bob@acme.example>;x=tag=b1', undefined],
  ['To: <sip:bob@acme.example>;x="a>;tag=no";tag=b1', 'b1'],
  ['To: <sip:bob@acme.example>;tag=b1\r\n ;x=y', 'b1'],
  ['To: "open <sip:bob@acme.example> ;tag=no', undefined],
  ['From: <sip:a@b.example>;tag=no', undefined],
];

describe('the tag of To in a response', () => {
  for (const [lines, tag] of table) {
    it(`${JSON.stringify(lines)}: ${tag ?? 'none'}`, () => {
      const text = `SIP/2.0 200 OK\r\n${lines}\r\nCSeq: 1 MESSAGE\r\n\r\nTo: <sip:x@y>;tag=no\r\n`;
      const bytes = Buffer.from(`before${text}To: x;tag=behind\r\n`, 'latin1');
      const found = new ToTag();
      const isThere = found.find(bytes, 6, 6 + text.length);
      assert.equal(isThere ? bytes.toString('latin1', found.start, found.end) : undefined, tag);
    });
  }

  it('ends with the message, wherever that is cut', () => {
    const text = 'SIP/2.0 200 OK\r\nTo: "x" <sip:bob@acme.example>;tag=b1\r\n\r\n';
    const bytes = Buffer.from(`${text}To: x;tag=behind\r\n`, 'latin1');
    for (let end = 0; end <= text.length; end++) {
      const found = new ToTag();
      const isFound = found.find(bytes, 0, end);
      assert.ok(!isFound || found.end <= end, `${end} bytes`);
    }
  });

  it('in lines of every length, wherever the message begins', () => {
    const found = new ToTag();
    for (let length = 1; length < 20; length++) {
      for (let start = 0; start < 8; start++) {
        // What is next to a line feed in value, or has its highest bit set, is none.
        for (const fill of ['x', '\u000b', '\u008a', '\u008b', '\u00ff', '\u0000']) {
          const text = `SIP/2.0 200 OK\r\nX: ${fill.repeat(length)}\r\nTo: <sip:a@b>;tag=b1\r\n\r\n`;
          const bytes = Buffer.from('x'.repeat(start) + text, 'latin1');
          const isFound = found.find(bytes, start, bytes.length);
          const tag = isFound && bytes.toString('latin1', found.start, found.end);
          assert.equal(tag, 'b1', `${length} times ${JSON.stringify(fill)} at ${start}`);
        }
      }
    }
  });

  it('of answers in turn from several buffers', () => {
    const found = new ToTag();
    const answers = [1, 2, 3].map((n) =>
      Buffer.from(`SIP/2.0 200 OK\r\nTo: <sip:a@b>;tag=t${n}\r\n\r\n`, 'latin1'),
    );
    for (const n of [1, 2, 1, 3, 2, 2, 1]) {
      const bytes = answers[n - 1] ?? Buffer.alloc(0);
      assert.ok(found.find(bytes, 0, bytes.length));
      assert.equal(bytes.toString('latin1', found.start, found.end), `t${n}`);
    }
  });
});
