import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROOMY, verdicts } from './message-verdict.ts';

/*
 * Whole messages that the tests of sofia-sip (LGPL), re (BSD), sipgo (BSD), JAIN-SIP (public domain), reSIProcate (VSL),
 * belle-sip, OpenSIPS and Kamailio (GPL) feed their parsers, or that made one of them crash, made anew here. The verdict is that of RFC 3261 on a stream transport, where a
 * message without Content-Length has no end (§18.3).
 */

const FIELDS = [
  'Via: SIP/2.0/TLS a.test;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'From: <sip:a@a.test>;tag=1',
  'To: <sip:b@b.test>',
  'Call-ID: c1@a.test',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
];

const COMPACT: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  l: 'content-length',
};

const REQUEST = 'OPTIONS sip:b.test SIP/2.0';

//  start line                              verdict
const START_LINES: readonly (readonly [string, string])[] = [
  [REQUEST, 'forward'],
  ['OPTIONS sip:b.test sip/2.0', 'forward'],
  ['OPTIONS sips:b.test:5061;x=y SIP/2.0', 'forward'],
  ['OPTIONS tel:+1 SIP/2.0', '416'],
  ['OPTIONS * SIP/2.0', '400'],
  ['OPTIONS b.test SIP/2.0', '400'],
  ['OPTIONS <sip:b.test> SIP/2.0', '400'],
  ['OPTIONS sip:b.test?a=b SIP/2.0', '400'],
  ['OPTIONS sip:b.test;a=%zz SIP/2.0', '400'],
  ['options sip:b.test SIP/2.0', '400'],
  ['INVITE sip:b.test SIP/2.0', '400'],
  ['OPTIONSX sip:b.test SIP/2.0', '400'],
  ['OPTION sip:b.test SIP/2.0', '400'],
  ['OPTIONS  sip:b.test SIP/2.0', '400'],
  ['OPTIONS sip:b.test  SIP/2.0', '400'],
  ['OPTIONS\tsip:b.test SIP/2.0', '400'],
  ['OPTIONS sip:b.test\tSIP/2.0', '400'],
  ['OPTIONS sip:b.test SIP/2.0 ', '400'],
  [' OPTIONS sip:b.test SIP/2.0', '400'],
  ['OP(IONS sip:b.test SIP/2.0', '400'],
  ['OPTIONS sip:b c.test SIP/2.0', '400'],
  ['OPTIONS sip:b.test SIP/2.1', '505'],
  ['OPTIONS sip:b.test SIP/1.0', '505'],
  ['OPTIONS sip:b.test SIP/22.0', '505'],
  ['OPTIONS sip:b.test SIP/2', '400 close'],
  ['OPTIONS sip:b.test SIP/2.', '400 close'],
  ['OPTIONS sip:b.test SIP/2.0.1', '400 close'],
  ['OPTIONS sip:b.test SIP/two', '400 close'],
  ['OPTIONS sip:b.test SIP2.0', '400 close'],
  ['OPTIONS sip:b.test HTTP/1.1', '400 close'],
  ['OPTIONS sip:b.test', '400 close'],
  ['OPTIONS', '400 close'],
  ['SIP/2.0 200 OK', 'accept'],
  ['sip/2.0 200 OK', 'accept'],
  ['SIP/2.0 200 ', 'accept'],
  ['SIP/2.0 200 \xc3\x9cn = okay; "yes" (%)', 'accept'],
  ['SIP/2.0 180 a\tb', 'accept'],
  ['SIP/2.0 699 x', 'accept'],
  ['SIP/2.0 200', 'drop'],
  ['SIP/2.0 200OK', 'drop'],
  ['SIP/2.0  200 OK', 'drop'],
  ['SIP/2.0\t200 OK', 'drop'],
  ['SIP/2.0 99 x', 'drop'],
  ['SIP/2.0 099 x', 'drop'],
  ['SIP/2.0 700 x', 'drop'],
  ['SIP/2.0 2000 x', 'drop'],
  ['SIP/2.0 -20 x', 'drop'],
  ['SIP/2.0 20x OK', 'drop'],
  ['SIP/2.1 200 OK', 'drop'],
  ['SIP/22.0 200 OK', 'drop'],
  ['SIP/2.0 200 \xff', 'drop'],
  ['SIP2.0 200 OK', '400 close'],
  ['HTTP/1.1 200 OK', 'drop close'],
];

//  case                                    fields, each in place of those of its name            verdict
const HEADS: readonly (readonly [string, readonly string[], string])[] = [
  [
    'compact names',
    ['v: SIP/2.0/TLS a.test', 'f: <sip:a@b>;tag=1', 't: <sip:b>', 'i: 1', 'l: 0'],
    'forward',
  ],
  ['names in any case', ['VIA: SIP/2.0/TLS a.test', 'call-id: 1', 'cONTENT-lENGTH: 0'], 'forward'],
  [
    'space before the colon',
    ['Via : SIP/2.0/TLS a.test', 'Call-ID\t: 1', 'Content-Length \t : 0'],
    'forward',
  ],
  ['no space behind the colon', ['Via:SIP/2.0/TLS a.test', 'CSeq:1 OPTIONS'], 'forward'],
  [
    'a fold before the value',
    ['Via:\r\n SIP/2.0/TLS a.test', 'CSeq:\r\n\t1\r\n\tOPTIONS'],
    'forward',
  ],
  [
    'folds between From and its parts',
    ['From:\r\n "x"\r\n <sip:a@a.test>\r\n ;\r\n tag\r\n =\r\n 1'],
    'forward',
  ],
  ['a fold within a quoted string', ['From: "x\r\n y" <sip:a@a.test>;tag=1'], 'forward'],
  ['a fold within a token', ['CSeq: 1 OPT\r\n IONS'], '400'],
  ['a fold within a URI', ['From: <sip:a@\r\n a.test>;tag=1'], '400'],
  ['a fold of nothing but space', ['X-A: b\r\n '], 'forward'],
  ['a fold before the colon', ['X-A\r\n : b'], '400'],
  ['a fold as the first line', [' folded: x'], '400'],
  ['an unknown field', ['X-What: \\ "( \t;;,,'], 'forward'],
  ['an unknown field, empty', ['X-What:'], 'forward'],
  ['an unknown field of UTF-8', ['X-What: \xc3\xa4'], 'forward'],
  ['a field of other bytes', ['X-What: \xe4'], '400'],
  ['a name of other bytes', ['X-\xc3\xa4: a'], '400'],
  ['a name with a space in it', ['X What: a'], '400'],
  ['no name', [': a'], '400'],
  ['no colon', ['X-What'], '400'],
  ['a NUL', ['X-What: a\0b'], '400'],
  ['a backspace', ['X-What: a\bb'], '400'],
  ['a DEL', ['X-What: a\x7fb'], '400'],
  ['a bare CR', ['X-What: a\rX-B: b'], 'unanswerable close'],
  ['a bare LF', ['X-What: a\nX-B: b'], 'unanswerable close'],
  [
    'several Via, one in a list',
    ['Via: SIP/2.0/TLS a.test, SIP/2.0/UDP b', 'v: SIP/2.0/TCP c'],
    'forward',
  ],
  ['the second Via malformed', ['Via: SIP/2.0/TLS a.test', 'v: SIP/2.0/TCP'], '400'],
  ['a Via behind a comma malformed', ['Via: SIP/2.0/TLS a.test, x'], '400'],
  ['an empty Via', ['Via:'], '400'],
  // Not one of them can be chosen: who chose another would see another message, so nothing behind it is read.
  ['two From', ['From: <sip:a@b>;tag=1', 'f: <sip:a@b>;tag=1'], '400 close'],
  ['two To', ['To: <sip:a@b>', 'To: <sip:a@b>'], '400 close'],
  ['two Call-ID', ['Call-ID: 1', 'i: 1'], '400 close'],
  ['two CSeq', ['CSeq: 1 OPTIONS', 'CSeq: 1 OPTIONS'], '400 close'],
  ['two Max-Forwards', ['Max-Forwards: 1', 'Max-Forwards: 1'], '400 close'],
  ['two Content-Type', ['Content-Type: a/b', 'c: a/b'], '400'],
  ['two Expires', ['Expires: 1', 'Expires: 1'], '400'],
  ['two Event', ['Event: a', 'o: a'], '400'],
  ['two Max-Breadth', ['Max-Breadth: 1', 'Max-Breadth: 1'], '400'],
  ['two Refer-To', ['Refer-To: <sip:a@b>', 'r: <sip:a@b>'], '400'],
  ['two Replaces', ['Replaces: 1', 'Replaces: 1'], '400'],
  ['two Subscription-State', ['Subscription-State: a', 'Subscription-State: a'], '400'],
  ['two of what a proxy does not act on', ['Subject: a', 's: b', 'Date: a', 'Date: b'], 'forward'],
  ['two Content-Length alike', ['Content-Length: 0', 'l: 0'], '400 close'],
  ['two Content-Length', ['Content-Length: 0', 'Content-Length: 5'], '400 close'],
  ['two Content-Length in a list', ['Content-Length: 0, 0'], '400 close'],
  ['an empty Content-Length', ['Content-Length:'], '400 close'],
  ['Content-Length -1', ['Content-Length: -1'], '400 close'],
  ['Content-Length +0', ['Content-Length: +0'], '400 close'],
  ['Content-Length 0x0', ['Content-Length: 0x0'], '400 close'],
  ['Content-Length 000', ['Content-Length: 000'], 'forward'],
  ['Content-Length 0;a', ['Content-Length: 0;a'], '400 close'],
  ['Content-Length 2**32', ['Content-Length: 4294967296'], '513 close'],
  ['Content-Length 2**64', ['Content-Length: 18446744073709551616'], '513 close'],
  ['Contact *', ['Contact: *'], '400'],
  ['Contact of nothing', ['Contact:'], '400'],
  ['Contacts on two lines', ['Contact: <sip:a@b>', 'm: sip:c@d'], 'forward'],
  ['a Route without brackets', ['Route: sip:a.test;lr'], '400'],
  ['Routes, the last without brackets', ['Route: <sip:a.test;lr>, sip:b.test'], '400'],
  ['Routes with names', ['Route: "x" <sip:a.test;lr>;y=z , <sip:b.test>'], 'forward'],
  ['an empty Route', ['Route:'], '400'],
  ['Supported of nothing', ['Supported:'], 'forward'],
  ['Allow and Accept of nothing', ['Allow:', 'Accept:'], 'forward'],
  ['Require of nothing', ['Require:'], '400'],
  ['Retry-After with a comment', ['Retry-After: 10(Already (pending))'], 'forward'],
  ['a Subject of an overlong byte pair', ['Subject: \xc0\x81'], '400'],
  ['a display name of an overlong byte pair', ['From: "\xc0\x81" <sip:a@b>;tag=1'], '400'],
  ['an unknown compact name for Call-ID', ['_i: 1', 'Call-ID:'], '400'],
  [
    'Contact with folds and both forms',
    ['m: <sip:a@b> ; q=0.5;expires=3600,sip:a@c;q=0.500\r\n\t ,sip:a@d'],
    'forward',
  ],
  ['Require of two', ['Require: 100rel , timer'], 'forward'],
  ['Require with an empty one', ['Require: 100rel,,timer'], '400'],
  ['Max-Forwards behind zeros', ['Max-Forwards: 0070'], 'forward'],
  ['another CSeq method', ['CSeq: 1 INVITE'], '400'],
  ['a CSeq of nothing', ['CSeq:'], '400'],
  ['Allow-Events of nothing, thrice', ['Allow-Events:', 'Allow-Events: \t ', 'u:'], 'forward'],
  ['Unsupported of nothing', ['Unsupported: '], 'forward'],
  ['an Expires that is a date', ['Expires: Sat, 01 Dec 2040 16:00:00 GMT'], '400'],
  ['a Date with spaces', ['Date:   Sun  , 14    Jan 2222 07:04:05   GMT    '], 'forward'],
  ['credentials without a scheme', ['Authorization: realm="a", username="b"'], 'forward'],
  ['credentials that end early', ['Authorization: Digest username="a", realm="b'], 'forward'],
  ['credentials of commas', ['Proxy-Authorization: Digest ,,, n'], 'forward'],
  ['a Via without a transport', ['Via: SIP/2.0/192.0.2.1:9091;branch=z9hG4bK1'], '400'],
  ['a Via without a host', ['Via: SIP/2.0/UDP ;branch=z9hG4bK1;ttl=70'], '400'],
  ['a Via that came from a name', ['Via: SIP/2.0/UDP a.test;received=b.test'], '400'],
  ['a Via of half an address', ['Via: SIP/2.0/UDP 127.0.0.;branch=z9hG4bK1'], '400'],
  ['a To that goes on as From', ['To: <sip:a@b>From: <sip:c@d>;tag=1'], '400'],
  ['two To, one with an empty tag', ['To: <sip:a@b>', 'To: <sip:a@b>;tag='], '400 close'],
  ['a From that ends with a semicolon', ['From: <sip:a@b>;'], '400'],
  ['a Contact behind which stands a word', ['m: sip:a.test, word'], '400'],
  [
    'a Route with a parameter of its own',
    ['Route: <sip:a.test;lr>;charset=b, <sip:c.test>'],
    'forward',
  ],
  [
    'a length behind a bare LF',
    ['X-Pad: a\nContent-Length: 4\r\nContent-Length: 0'],
    'unanswerable close',
  ],
];

const BODY = 'v=0\r\n\r\n';

//  case                                    bytes behind a head                     words
const STREAMS: readonly (readonly [string, string, string])[] = [
  ['a body', message({ length: BODY.length, body: BODY }), 'forward'],
  [
    'a body and a message',
    message({ length: BODY.length, body: BODY }) + message(),
    'forward forward',
  ],
  ['a body one byte short', message({ length: BODY.length + 1, body: BODY }), 'wait'],
  ['one more byte than the body', message({ length: BODY.length - 2, body: BODY }), 'forward'],
  ['a body that goes on as a message', message({ length: 0, body: BODY }), 'forward 400 close'],
  ['a message in a body', message({ length: message().length, body: message() }), 'forward'],
  ['two messages', message() + message(), 'forward forward'],
  ['a message, a ping, a message', `${message()}\r\n\r\n${message()}`, 'forward ping forward'],
  [
    'a message, three line ends, a message',
    `${message()}\r\n\r\n\r\n${message()}`,
    'forward ping forward',
  ],
  ['a NUL between messages', `${message()}\0${message()}`, 'forward 400'],
  ['two NUL as a keep-alive', '\0\0', 'wait'],
  ['a STUN request', '\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl', 'wait'],
  ['a head that ends at its start line', `${REQUEST}\r\n\r\n`, '400 close'],
  ['no fields but a length', `${REQUEST}\r\nContent-Length: 0\r\n\r\n`, '400'],
];

describe('messages after the tests of other SIP projects', () => {
  for (const [line, verdict] of START_LINES) {
    it(`${JSON.stringify(line)}: ${verdict}`, () => sees(message({ line }), verdict));
  }
  for (const [name, fields, verdict] of HEADS) {
    it(`${name}: ${verdict}`, () => sees(message({ fields }), verdict));
  }
  for (const [name, text, words] of STREAMS) {
    it(`${name}: ${words}`, () => sees(text, words));
  }
  for (const field of FIELDS) {
    const name = nameOf(field);
    const verdict =
      name === 'content-length' ? '400 close' : name === 'max-forwards' ? 'forward' : '400';
    it(`no ${name}: ${verdict}`, () => sees(message().replace(`${field}\r\n`, ''), verdict));
  }
});

/** The same whole, in any two pieces, and byte by byte. */
function sees(text: string, words: string): void {
  const bytes = Buffer.from(text, 'latin1');
  assert.equal(verdicts(bytes), words);
  const everywhere = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
  for (const at of everywhere) assert.equal(verdicts(bytes, ROOMY, [at]), words, `cut at ${at}`);
  assert.equal(verdicts(bytes, ROOMY, everywhere), words, 'byte by byte');
}

interface Parts {
  readonly line?: string;
  readonly fields?: readonly string[];
  readonly length?: number;
  readonly body?: string;
}

function message({ line = REQUEST, fields = [], length = 0, body = '' }: Parts = {}): string {
  const names = new Set(fields.map(nameOf));
  const others = FIELDS.filter((field) => !names.has(nameOf(field)));
  const head = [line, ...fields, ...others, '', ''].join('\r\n');
  return head.replace('Content-Length: 0', `Content-Length: ${length}`) + body;
}

function nameOf(field: string): string {
  const name = field.slice(0, field.indexOf(':')).trim().toLowerCase();
  return COMPACT[name] ?? name;
}
