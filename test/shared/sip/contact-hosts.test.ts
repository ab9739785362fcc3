import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { everyContactHost } from '@sallyport/shared/sip/contact-hosts.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { ROOMY } from './message-verdict.ts';

//   Contact fields                                             hosts
const rows: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[], []],
  [['<sip:a@Globex.Example:5061;transport=tls>;q=0.5'], ['globex.example']],
  [['sip:a@b.example;expires=3'], ['b.example']],
  [['"A, B" <sips:a@[2001:db8::1]>, <sip:192.0.2.1>'], ['[2001:db8::1]', '192.0.2.1']],
  [
    ['<sip:a@one.example>', '<sip:a@two.example>'],
    ['one.example', 'two.example'],
  ],
  [['<tel:+358501234567>'], ['']],
];

function hostsOf(contacts: readonly string[], passes = true): readonly string[] {
  const lines = contacts.map((contact) => `Contact: ${contact}\r\nX: y\r\n`).join('');
  const bytes = Buffer.from(`SUBSCRIBE sip:b@c SIP/2.0\r\n${lines}l: 0\r\n\r\n`);
  const index = new MessageIndex(ROOMY);
  index.scan(bytes, 0, bytes.length);
  const hosts: string[] = [];
  const all = everyContactHost(index, (host) => {
    hosts.push(host);
    return passes;
  });
  assert.equal(all, passes || contacts.length === 0);
  return hosts;
}

describe('hosts of Contact', () => {
  for (const [contacts, hosts] of rows) {
    it(`${JSON.stringify(contacts)}: ${JSON.stringify(hosts)}`, () => {
      assert.deepEqual(hostsOf(contacts), hosts);
    });
  }

  it('are asked for no further once one does not pass', () => {
    assert.deepEqual(hostsOf(['<sip:a@one.example>, <sip:a@two.example>'], false), ['one.example']);
  });
});
