import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { SipFault } from '@sallyport/shared/sip/sip-fault.ts';
import {
  checkRequest,
  checkResponse,
  fromDomain,
  fromTag,
  hasCseqMethod,
  isViaList,
  topViaBranch,
  topViaBranchStarts,
  topViaHasAlias,
  topViaSentBy,
  topViaValue,
  toTag,
} from '@sallyport/shared/sip/syntax-check.ts';
import { ROOMY } from './message-verdict.ts';

const SOUND = [
  'SUBSCRIBE sip:bob@beta.example SIP/2.0',
  'Via: SIP/2.0/TLS Edge.Alpha.Example:5061;branch=z9hG4bK1, SIP/2.0/TLS a',
  'Via: SIP/2.0/UDP 10.0.0.1',
  'Max-Forwards: 70',
  'From: "A" <sip:alice@Alpha.Example>;tag=1',
  'To: <sip:bob@beta.example>',
  'Call-ID: x@y',
  'CSeq: 1 SUBSCRIBE',
  'Contact: <sip:a@b>',
  'Route: <sip:c;lr>, <sip:d;lr>;x=y',
  'Record-Route: <sip:e;lr>',
  'Event: presence',
  'Expires: 3600',
  'Require: a, b',
  'Proxy-Require: c',
  'Content-Type: text/plain',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

//  what                          in the sound request, this          becomes this          fault
const table: readonly (readonly [string, string, string, SipFault | undefined])[] = [
  ['nothing', '', '', undefined],
  ['no From', 'From:', 'X:', 'sip-header-missing'],
  ['no To', 'To:', 'X:', 'sip-header-missing'],
  ['no Call-ID', 'Call-ID:', 'X:', 'sip-header-missing'],
  ['no CSeq', 'CSeq:', 'X:', 'sip-header-missing'],
  ['no Max-Forwards', 'Max-Forwards:', 'X:', undefined],
  ['no tag of From', ';tag=1', '', undefined],
  ['no branch', ';branch=z9hG4bK1', '', undefined],
  ['the RFC 2543 cookie alone', 'z9hG4bK1', 'z9hG4bK', undefined],
  ['a fault of the scan first', 'To:', 'To', 'sip-header-malformed'],
  ['a second Via malformed', 'UDP 10.0.0.1', 'UDP 10.0.0.256', 'sip-via-malformed'],
  ['a second Via in a line malformed', 'TLS a', 'TLS', 'sip-via-malformed'],
  ['a comma behind the last Via', 'TLS a', 'TLS a,', 'sip-via-malformed'],
  ['two addresses in From', ';tag=1', ', <sip:a@b>', 'sip-from-malformed'],
  ['an empty From', '"A" <sip:alice@Alpha.Example>;tag=1', '', 'sip-from-malformed'],
  ['a bad URI in From', 'Alpha.Example>', 'Alpha..Example>', 'sip-from-malformed'],
  ['a host before a semicolon in the user of From', 'alice@', 'a.example;x@', 'sip-from-malformed'],
  ['a name before a semicolon there', 'alice@', 'alice;day=tuesday@', undefined],
  ['a number with its parameters there', 'alice@', '+1.234;phone-context=b.c@', undefined],
  ['a dot behind a semicolon there', 'alice@', 'a;b.c@', undefined],
  ['another scheme in From', 'sip:alice@Alpha.Example', 'tel:1', undefined],
  ['a bad To', '<sip:bob@beta.example>', '< sip:bob@beta.example>', 'sip-to-malformed'],
  ['a tag in a quoted parameter of From', ';tag=1', ';x="a;tag=2";tag=1', 'sip-from-malformed'],
  [
    'a quote in a quoted parameter of To',
    'beta.example>',
    'beta.example>;x="\\";tag=2"',
    'sip-to-malformed',
  ],
  ['another version in the topmost Via', 'SIP/2.0/TLS E', 'SIP/2.1/TLS E', 'sip-via-malformed'],
  ['another version in a second Via', 'SIP/2.0/UDP', 'SIP/02.0/UDP', 'sip-via-malformed'],
  ['another version in a line with two', ', SIP/2.0/TLS a', ', SIP/3.0/TLS a', 'sip-via-malformed'],
  ['a digit before the transport of a Via', 'SIP/2.0/TLS E', 'SIP/2.0/2TLS E', 'sip-via-malformed'],
  ['a dot for the transport of another', 'SIP/2.0/UDP', 'SIP/2.0/.', 'sip-via-malformed'],
  ['an unknown transport of a Via', 'SIP/2.0/UDP', 'SIP/2.0/X2.0', undefined],
  ['a quote in a parameter of the topmost Via', ';branch', ';x="\\"";branch', 'sip-via-malformed'],
  ['a quote in a parameter of a second Via', '10.0.0.1', '10.0.0.1;x="\\""', 'sip-via-malformed'],
  ['a quoted parameter of a Via', '10.0.0.1', '10.0.0.1;x="a, b"', undefined],
  ['headers in the URI of From', 'Alpha.Example>', 'Alpha.Example?a=b>', 'sip-from-malformed'],
  ['headers in the URI of To', 'beta.example>', 'beta.example?Route=x>', 'sip-to-malformed'],
  ['headers in the URI of a Contact', '<sip:a@b>', '<sip:a@b?a=b>', undefined],
  ['a quoted parameter of To', 'beta.example>', 'beta.example>;x="<a:b>"', undefined],
  ['such ones of a Contact', '<sip:a@b>', '<sip:a@b>;x="\\";y";z="a;b"', undefined],
  ['a tag in the display name of From', '"A"', '"\\";tag=2"', undefined],
  ['a bad Call-ID', 'x@y', 'x y', 'sip-call-id-malformed'],
  ['a bad CSeq', '1 SUBSCRIBE', '2147483648 SUBSCRIBE', 'sip-cseq-malformed'],
  ['another method in CSeq', '1 SUBSCRIBE', '1 NOTIFY', 'sip-cseq-method-mismatch'],
  ['a longer method in CSeq', '1 SUBSCRIBE', '1 XSUBSCRIBE', 'sip-cseq-method-mismatch'],
  ['a shorter method in CSeq', '1 SUBSCRIBE', '1 SCRIBE', 'sip-cseq-method-mismatch'],
  ['a method in another case in CSeq', '1 SUBSCRIBE', '1 subscribe', 'sip-cseq-method-mismatch'],
  ['a bad Max-Forwards', '70', '256', 'sip-max-forwards-malformed'],
  ['a bad Max-Breadth', '70', '70\r\nMax-Breadth: -1', 'sip-max-breadth-malformed'],
  ['a Max-Breadth in letters', '70', '70\r\nMax-Breadth: x', 'sip-max-breadth-malformed'],
  ['a great Max-Breadth', '70', '70\r\nMax-Breadth: 4294967296', undefined],
  ['a bad Contact', '<sip:a@b>', 'a@b', 'sip-contact-malformed'],
  ['a list of Contacts', '<sip:a@b>', '<sip:a@b>, "," <sip:c@d>', undefined],
  ['a star for Contact', '<sip:a@b>', '*', 'sip-contact-malformed'],
  ['a Route without brackets', '<sip:c;lr>,', 'sip:c;lr,', 'sip-route-malformed'],
  ['a last Route without brackets', '<sip:d;lr>;x=y', 'sip:d;lr', 'sip-route-malformed'],
  ['a bad Route', '<sip:d;lr>', '<sip:d;>', 'sip-route-malformed'],
  ['a bad Record-Route', '<sip:e;lr>', '<sip:e;lr', 'sip-record-route-malformed'],
  ['a bad Event', 'presence', 'presence/x', 'sip-event-malformed'],
  ['a bad Expires', '3600', '-1', 'sip-expires-malformed'],
  ['a bad Require', 'a, b', 'a b', 'sip-token-list-malformed'],
  ['a bad Proxy-Require', 'Proxy-Require: c', 'Proxy-Require:', 'sip-token-list-malformed'],
  ['a bad Content-Type', 'text/plain', 'text', 'sip-content-type-malformed'],
  ['a bad field that we do not read', 'Expires:', 'Date:', undefined],
  [
    'headers in the Request-URI',
    'beta.example SIP',
    'beta.example?a=b SIP',
    'sip-request-uri-malformed',
  ],
  ['a bad Request-URI', 'beta.example SIP', 'beta..example SIP', 'sip-request-uri-malformed'],
  ['IPv6 without brackets', 'bob@beta.example SIP', '2001:db8::1 SIP', 'sip-request-uri-malformed'],
  ['no scheme', 'sip:bob@beta.example SIP', 'bob@beta.example SIP', 'sip-request-uri-malformed'],
  ['another scheme', 'sip:bob@beta.example SIP', 'tel:1 SIP', 'sip-request-uri-scheme-unsupported'],
  ['SIPS', 'sip:bob@beta.example SIP', 'sips:bob@beta.example SIP', undefined],
];

describe('the syntax of a request (RFC 3261 §16.3)', () => {
  for (const [what, from, to, fault] of table) {
    it(`${what}: ${fault ?? 'sound'}`, () => {
      assert.equal(checkRequest(indexed(SOUND.replace(from, to))), fault);
    });
  }

  it('no Via at all is a missing field', () => {
    assert.equal(checkRequest(indexed(SOUND.replaceAll('Via:', 'X:'))), 'sip-header-missing');
  });

  it('an unsupported scheme is told after every other fault', () => {
    const text = SOUND.replace('sip:bob@beta.example SIP', 'tel:1 SIP').replace('70', '256');
    assert.equal(checkRequest(indexed(text)), 'sip-max-forwards-malformed');
  });

  it('a star for Contact stands alone in a REGISTER (§10.2.2)', () => {
    const register = SOUND.replaceAll('SUBSCRIBE', 'REGISTER').replace('<sip:a@b>', '*');
    assert.equal(checkRequest(indexed(register)), undefined);
    const twice = register.replace('Contact: *', 'Contact: *\r\nContact: <sip:a@b>');
    assert.equal(checkRequest(indexed(twice)), 'sip-contact-malformed');
    const other = register.replace('Contact: *', 'm: <sip:a@b>\r\nContact: *');
    assert.equal(checkRequest(indexed(other)), 'sip-contact-malformed');
  });
});

describe('the syntax of a response', () => {
  const response = SOUND.replace(/^[^\r]*/, 'SIP/2.0 200 OK');

  it('is that of its fields; CSeq may name any method', () => {
    assert.equal(checkResponse(indexed(response)), undefined);
    assert.equal(checkResponse(indexed(response.replace('1 SUBSCRIBE', '1 BYE'))), undefined);
    assert.equal(
      checkResponse(indexed(response.replace('1 SUBSCRIBE', '1'))),
      'sip-cseq-malformed',
    );
    assert.equal(checkResponse(indexed(response.replace('To:', 'X:'))), 'sip-header-missing');
    assert.equal(
      checkResponse(indexed(response.replace('<sip:a@b>', '*'))),
      'sip-contact-malformed',
    );
  });

  it('lets From be who asked, whatever stands in its user part', () => {
    assert.equal(checkResponse(indexed(response.replace('alice@', 'a.example;x@'))), undefined);
  });
});

describe('what the edge reads of a message', () => {
  //  From                                  domain
  for (const [from, domain] of [
    ['"A" <sip:alice@Alpha.Example>;tag=1', 'alpha.example'],
    ['sips:Alpha.Example:5061;tag=1', 'alpha.example'],
    ['<sip:alice@[2001:DB8::1]>', '[2001:db8::1]'],
    ['<sip:alice%40evil.example@alpha.example>', 'alpha.example'],
    ['"<sip:x@evil.example>" <sip:alice@alpha.example>', 'alpha.example'],
    ['<tel:+1>;tag=1', undefined],
    ['<sip:alice@>', undefined],
  ] as const) {
    it(`From ${from}: ${domain}`, () => {
      const text = SOUND.replace('"A" <sip:alice@Alpha.Example>;tag=1', from);
      assert.equal(fromDomain(indexed(text)), domain);
    });
  }

  it('branch and sent-by of the topmost Via', () => {
    const index = indexed(SOUND);
    assert.equal(topViaBranch(index), 'z9hG4bK1');
    assert.equal(topViaSentBy(index), 'edge.alpha.example:5061');
    const bare = indexed(SOUND.replace(':5061;branch=z9hG4bK1', ''));
    assert.equal(topViaBranch(bare), undefined);
    assert.equal(topViaSentBy(bare), 'edge.alpha.example');
    const folded = indexed(SOUND.replace('Via: ', 'Via: SIP/2.0/TLS a\r\n ;x="," , '));
    assert.equal(topViaValue(folded), 'SIP/2.0/TLS a ;x=","');
  });

  it('how the branch of the topmost Via begins', () => {
    const starts = (text: string, branch: string) =>
      topViaBranchStarts(indexed(text), Buffer.from(branch));
    assert.equal(starts(SOUND, 'z9hG4bK1'), true);
    assert.equal(starts(SOUND, 'z9hG4bK'), true);
    assert.equal(starts(SOUND, 'z9hG4bK1,'), false);
    assert.equal(starts(SOUND, 'z9hg4bk'), false);
    assert.equal(starts(SOUND.replace(';branch=z9hG4bK1', ''), ''), false);
  });

  //  topmost Via                                      asks for reuse
  for (const [via, hasAlias] of [
    ['SIP/2.0/TLS a;branch=z9hG4bK1;alias', true],
    ['SIP/2.0/TLS a; ALIAS ;branch=z9hG4bK1', true],
    ['SIP/2.0/TLS a;branch=z9hG4bK1', false],
    ['SIP/2.0/TLS a;branch=z9hG4bKalias', false],
    ['SIP/2.0/TLS a;alias=1', false],
    ['SIP/2.0/TLS alias', false],
    ['SIP/2.0/TLS a, SIP/2.0/TLS b;alias', false],
  ] as const) {
    it(`${via}: alias ${hasAlias}`, () => {
      const text = SOUND.replace(/Via: .*/, `Via: ${via}`);
      assert.equal(topViaHasAlias(indexed(text)), hasAlias);
    });
  }

  //  value                                   tag
  for (const [value, tag] of [
    ['<sip:a@b>;tag=Abc', 'Abc'],
    ['sip:a@b;tag=7', '7'],
    ['"x;tag=1" <sip:a@b;tag=2> ; TAG = 3 ;y', '3'],
    ['<sip:a@b;tag=2>', ''],
    ['<sip:a@b>;tag=', ''],
  ] as const) {
    it(`${value}: tag ${tag || 'none'}`, () => {
      const text = SOUND.replace(/(From|To): .*/g, `$1: ${value}`);
      const index = indexed(text);
      assert.deepEqual([fromTag(index), toTag(index)], [tag, tag]);
      index.text();
      assert.deepEqual([fromTag(index), toTag(index)], [tag, tag]);
    });
  }

  //  CSeq              method       is it
  for (const [cseq, method, is] of [
    ['1 SUBSCRIBE', 'SUBSCRIBE', true],
    ['1 \r\n SUBSCRIBE', 'SUBSCRIBE', true],
    ['1 subscribe', 'SUBSCRIBE', false],
    ['1 XSUBSCRIBE', 'SUBSCRIBE', false],
    ['1 SUBSCRIBEX', 'SUBSCRIBE', false],
    ['1', 'SUBSCRIBE', false],
  ] as const) {
    it(`CSeq ${JSON.stringify(cseq)}: ${method} ${is}`, () => {
      const index = indexed(SOUND.replace('1 SUBSCRIBE', cseq));
      assert.equal(hasCseqMethod(index, method), is);
    });
  }

  it('nothing where there is no such field', () => {
    const index = indexed(
      SOUND.replaceAll('Via', 'X').replace('From', 'X').replace('To:', 'X:').replace('CSeq', 'X'),
    );
    assert.deepEqual(
      [fromDomain(index), topViaBranch(index), topViaSentBy(index)],
      [undefined, undefined, undefined],
    );
    assert.deepEqual([fromTag(index), toTag(index), topViaHasAlias(index)], ['', '', false]);
    assert.equal(hasCseqMethod(index, 'SUBSCRIBE'), false);
  });

  it('a list of Via values', () => {
    const check = (text: string) => isViaList(Buffer.from(text), 0, text.length);
    assert.equal(check('SIP/2.0/TLS a,SIP/2.0/TLS b'), true);
    assert.equal(check('SIP/2.0/TLS a,'), false);
    assert.equal(check(''), false);
  });
});

function indexed(text: string): MessageIndex {
  const bytes = Buffer.from(text, 'latin1');
  const index = new MessageIndex(ROOMY);
  assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
  return index;
}
