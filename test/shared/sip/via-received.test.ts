import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { receivedEdit } from '@sallyport/shared/sip/via-received.ts';
import { ROOMY } from './message-verdict.ts';

//  topmost Via               source            its line, or undefined where it stays
const table: readonly (readonly [string, string, string | undefined])[] = [
  ['a.example', '192.0.2.1', 'a.example;received=192.0.2.1'],
  ['192.0.2.1', '192.0.2.1', undefined],
  ['192.0.2.1', '::ffff:192.0.2.1', undefined],
  ['192.0.2.1:5070', '192.0.2.1', undefined],
  ['192.0.2.2', '192.0.2.1', '192.0.2.2;received=192.0.2.1'],
  ['[2001:DB8::1]', '2001:db8:0::1', undefined],
  ['[2001:db8::1]', '2001:db8::2', '[2001:db8::1];received=2001:db8::2'],
  ['a.example', 'fe80::1%eth0', 'a.example;received=fe80::1'],
  ['192.0.2.1;rport', '192.0.2.1', '192.0.2.1;received=192.0.2.1;rport=7001'],
  ['192.0.2.1;rport=5;x=y', '192.0.2.1', '192.0.2.1;x=y;received=192.0.2.1;rport=7001'],
  ['a;branch=z;rport;x', '192.0.2.1', 'a;branch=z;x;received=192.0.2.1;rport=7001'],
  ['a;received=192.0.2.66', '192.0.2.1', 'a;received=192.0.2.1'],
  ['192.0.2.1;received=192.0.2.66;x', '192.0.2.1', '192.0.2.1;x'],
  ['a;received=192.0.2.66;x;rport', '192.0.2.1', 'a;x;received=192.0.2.1;rport=7001'],
  ['a;rport;x;received=192.0.2.66', '192.0.2.1', 'a;x;received=192.0.2.1;rport=7001'],
  [
    'a;rport;received=192.0.2.66 , SIP/2.0/TLS b',
    '192.0.2.1',
    'a;received=192.0.2.1;rport=7001, SIP/2.0/TLS b',
  ],
  [
    'a, SIP/2.0/TLS b;received=192.0.2.66',
    '192.0.2.1',
    'a;received=192.0.2.1, SIP/2.0/TLS b;received=192.0.2.66',
  ],
  ['a\r\n ;x', '192.0.2.1', 'a ;x;received=192.0.2.1'],
  ['a\r\n ;x\r\n , SIP/2.0/TLS\r\n\tb', '192.0.2.1', 'a ;x;received=192.0.2.1, SIP/2.0/TLS b'],
  ['a;;', '192.0.2.1', undefined],
];

describe('the source in the topmost Via (RFC 3261 §18.2.1, RFC 3581 §4)', () => {
  for (const [via, source, line] of table) {
    it(`${JSON.stringify(via)} from ${source} -> ${line ?? 'stays'}`, () => {
      const bytes = Buffer.from(
        `BYE sip:b SIP/2.0\r\nX: y\r\nv: SIP/2.0/TLS ${via}\r\nVia: SIP/2.0/TLS z\r\nl: 0\r\n\r\n`,
      );
      const index = new MessageIndex(ROOMY);
      assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
      const expected = line && `Via: SIP/2.0/TLS ${line}\r\n`;
      assert.equal(receivedEdit(index, source, 7001), expected);
    });
  }

  it('of a message without Via is nothing', () => {
    const bytes = Buffer.from('BYE sip:b SIP/2.0\r\nl: 0\r\n\r\n');
    const index = new MessageIndex(ROOMY);
    index.scan(bytes, 0, bytes.length);
    assert.equal(receivedEdit(index, '192.0.2.1', 7001), undefined);
  });
});
