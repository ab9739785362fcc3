import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { formatReply, type Reply } from '@sallyport/shared/sip/reply.ts';
import { ROOMY } from './message-verdict.ts';

const REQUEST = [
  'MESSAGE sip:bob@beta.example SIP/2.0',
  'v: SIP/2.0/TLS a;branch=z9hG4bK1, SIP/2.0/TLS b',
  'To: <sip:bob@beta.example>',
  'Via: SIP/2.0/TLS\r\n c',
  'f: Alice <sip:alice@alpha.example>;tag=1',
  'i: x@y',
  'CSeq: 1 MESSAGE',
  'Contact: <sip:a@b>',
  'l: 0',
  '',
  '',
].join('\r\n');

const FORBIDDEN: Reply = { status: 403, reasonPhrase: 'Forbidden', toTag: 'edge' };

const HEAD = 'SIP/2.0 403 Forbidden\r\n';
const VIAS = 'Via: SIP/2.0/TLS a;branch=z9hG4bK1, SIP/2.0/TLS b\r\nVia: SIP/2.0/TLS c\r\n';
const FROM = 'From: Alice <sip:alice@alpha.example>;tag=1\r\n';
const TO = 'To: <sip:bob@beta.example>;tag=edge\r\n';
const REST = 'Call-ID: x@y\r\nCSeq: 1 MESSAGE\r\n';
const END = 'Content-Length: 0\r\n\r\n';

//  what                    change of the request                        response
const table: readonly (readonly [string, string, string, string])[] = [
  ['a sane request', '', '', HEAD + VIAS + FROM + TO + REST + END],
  [
    'a To with a tag',
    'beta.example>',
    'beta.example>;tag=theirs',
    HEAD + VIAS + FROM + TO.replace('edge', 'theirs') + REST + END,
  ],
  ['a mangled Via', 'TLS a;', 'TLS a;;', `${HEAD}Via: SIP/2.0/TLS c\r\n${FROM}${TO}${REST}${END}`],
  ['a mangled To', 'To: <', 'To: "<', HEAD + VIAS + FROM + REST + END],
  ['a mangled From', 'Alice <', 'Alice, <', HEAD + VIAS + TO + REST + END],
  ['a mangled CSeq', 'CSeq: 1', 'CSeq: -1', `${HEAD}${VIAS}${FROM}${TO}Call-ID: x@y\r\n${END}`],
  ['a mangled Call-ID', 'x@y', 'x@', `${HEAD}${VIAS}${FROM}${TO}CSeq: 1 MESSAGE\r\n${END}`],
  ['no From', 'f: ', 'g: ', HEAD + VIAS + TO + REST + END],
  ['two Call-IDs', 'l: 0', 'Call-ID: z\r\nl: 0', HEAD + VIAS + FROM + TO + REST + END],
  ['no length', 'l: 0', 'x: 0', HEAD + VIAS + FROM + TO + REST + END],
];

describe('a response of our own (RFC 3261 §8.2.6)', () => {
  for (const [what, from, to, response] of table) {
    it(`to ${what}`, () => {
      assert.equal(reply(REQUEST.replace(from, to), FORBIDDEN), response);
    });
  }

  it('with further lines', () => {
    const more = { ...FORBIDDEN, headers: ['Retry-After: 5', 'Unsupported: x'] };
    assert.match(
      reply(REQUEST, more),
      /\r\nRetry-After: 5\r\nUnsupported: x\r\nContent-Length: 0\r\n\r\n$/,
    );
  });

  it('without a tag for To', () => {
    assert.match(
      reply(REQUEST, { status: 100, reasonPhrase: 'Trying' }),
      /\r\nTo: <sip:bob@beta.example>\r\n/,
    );
  });

  it('says in the topmost Via where the request came from (§18.2.1, RFC 3581 §4)', () => {
    const source = { address: '192.0.2.1', port: 4000 };
    const from = (text: string) => reply(text, { ...FORBIDDEN, source }).split('\r\n', 3)[1];
    assert.equal(
      from(REQUEST),
      'Via: SIP/2.0/TLS a;branch=z9hG4bK1;received=192.0.2.1, SIP/2.0/TLS b',
    );
    assert.equal(
      from(REQUEST.replace('TLS a;', 'TLS a;rport;received=192.0.2.66;')),
      'Via: SIP/2.0/TLS a;branch=z9hG4bK1;received=192.0.2.1;rport=4000, SIP/2.0/TLS b',
    );
    assert.equal(from(REQUEST.replace('TLS a;', 'TLS a;;')), 'Via: SIP/2.0/TLS c');
  });

  it('keeps every byte of a name', () => {
    const bytes = Buffer.from(REQUEST.replace('Alice', '"\u00c9va"'));
    const index = new MessageIndex(ROOMY);
    index.scan(bytes, 0, bytes.length);
    assert.match(formatReply(index, FORBIDDEN).toString('utf8'), /\r\nFrom: "\u00c9va" </);
  });

  it('is never made for an ACK, whatever is wrong with it (§17.1.1.3)', () => {
    assert.equal(reply(REQUEST.replaceAll('MESSAGE', 'ACK'), FORBIDDEN), '');
    assert.equal(reply(REQUEST.replace('MESSAGE', 'ACK').replace('l: 0', ''), FORBIDDEN), '');
  });

  it('is never made for a response', () => {
    assert.equal(reply(REQUEST.replace(/^[^\r]*/, 'SIP/2.0 200 OK'), FORBIDDEN), '');
  });
});

function reply(request: string, answer: Reply): string {
  const bytes = Buffer.from(request, 'latin1');
  const index = new MessageIndex(ROOMY);
  assert.notEqual(index.scan(bytes, 0, bytes.length), 0);
  return formatReply(index, answer).toString('latin1');
}
