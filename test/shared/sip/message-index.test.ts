import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { SipFault } from '@sallyport/shared/sip/sip-fault.ts';
import { ROOMY } from './message-verdict.ts';

const START = 'MESSAGE sip:b@c SIP/2.0\r\n';
const NO_BODY = 'Content-Length: 0\r\n\r\n';

type Outcome = SipFault | 'sound' | `fatal ${SipFault}` | `lost ${SipFault}` | 'more';

//  what                                 bytes                                          outcome
const table: readonly (readonly [string, string, Outcome])[] = [
  ['a request', `${START}${NO_BODY}`, 'sound'],
  ['a response', `SIP/2.0 200 OK\r\n${NO_BODY}`, 'sound'],
  ['a response without phrase', `SIP/2.0 699 \r\n${NO_BODY}`, 'sound'],
  ['a version in small letters', `OPTIONS sip:b sip/2.0\r\n${NO_BODY}`, 'sound'],
  ['a body', `${START}l: 3\r\n\r\nabc`, 'sound'],
  ['a length with zeros in front', `${START}l: 00000000000000000003\r\n\r\nabc`, 'sound'],
  ['a folded length', `${START}l:\r\n 3\r\n\r\nabc`, 'sound'],
  ['space before the colon', `${START}l \t: 0\r\n\r\n`, 'sound'],
  ['UTF-8', `${START}X: \u00e9\u20ac\r\n${NO_BODY}`, 'sound'],
  ['a quoted control character', `${START}t: "\\\0" <sip:a>\r\n${NO_BODY}`, 'sound'],
  ['no end of the head', `${START}Content-Length: 0\r\n`, 'more'],
  ['nothing but a start', 'M', 'more'],
  ['half a line break', `${START}Content-Length: 0\r\n\r`, 'more'],
  ['half a body', `${START}l: 3\r\n\r\nab`, 'more'],
  ['two spaces', `MESSAGE  sip:b@c SIP/2.0\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['space at the end', `MESSAGE sip:b@c SIP/2.0 \r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['a tab', `MESSAGE\tsip:b@c SIP/2.0\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['no method', ` sip:b@c SIP/2.0\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  [
    'a method that is no token',
    `ME(SAGE sip:b@c SIP/2.0\r\n${NO_BODY}`,
    'sip-start-line-malformed',
  ],
  [
    'brackets around the Request-URI',
    `MESSAGE <sip:b> SIP/2.0\r\n${NO_BODY}`,
    'sip-start-line-malformed',
  ],
  [
    'a high byte in the Request-URI',
    `MESSAGE sip:\u00e9 SIP/2.0\r\n${NO_BODY}`,
    'sip-start-line-malformed',
  ],
  ['SIP/2.0.0', `MESSAGE sip:b@c SIP/2.0.0\r\n${NO_BODY}`, 'fatal sip-start-line-malformed'],
  ['SIP/7.0', `MESSAGE sip:b@c SIP/7.0\r\n${NO_BODY}`, 'sip-version-unsupported'],
  ['SIP/7.0 without length', `MESSAGE sip:b@c SIP/7.0\r\n\r\n`, 'fatal sip-version-unsupported'],
  ['SIP/02.0', `MESSAGE sip:b@c SIP/02.0\r\n${NO_BODY}`, 'sip-version-unsupported'],
  ['a response of SIP/3.0', `SIP/3.0 200 OK\r\n${NO_BODY}`, 'sip-version-unsupported'],
  ['another protocol', `GET / HTTP/1.1\r\n${NO_BODY}`, 'fatal sip-start-line-malformed'],
  ['another protocol answering', `HTTP/1.1 200 OK\r\n${NO_BODY}`, 'fatal sip-start-line-malformed'],
  ['the end of a body', `AP 31\r\n${START}${NO_BODY}`, 'fatal sip-start-line-malformed'],
  ['a status below 100', `SIP/2.0 099 No\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['a status above 699', `SIP/2.0 700 No\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['a status of four digits', `SIP/2.0 2000 OK\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['a status of two digits', `SIP/2.0 20\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['no space behind the status', `SIP/2.0 200\r\n${NO_BODY}`, 'sip-start-line-malformed'],
  ['a control in the phrase', `SIP/2.0 200 \x07\r\n${NO_BODY}`, 'sip-control-character'],
  ['a line without colon', `${START}Foobar roobar\r\n${NO_BODY}`, 'sip-header-malformed'],
  ['no name', `${START}: x\r\n${NO_BODY}`, 'sip-header-malformed'],
  ['a fold before the colon', `${START}X\r\n : x\r\n${NO_BODY}`, 'sip-header-malformed'],
  ['a fold as first line', `${START} X: x\r\n${NO_BODY}`, 'sip-header-malformed'],
  ['bad UTF-8', `${START}X: \xff\r\n${NO_BODY}`, 'sip-not-utf8'],
  ['overlong UTF-8', `${START}X: \xc0\x80\r\n${NO_BODY}`, 'sip-not-utf8'],
  ['NUL', `${START}X: a\0\r\n${NO_BODY}`, 'sip-control-character'],
  ['DEL', `${START}X: \x7f\r\n${NO_BODY}`, 'sip-control-character'],
  ['NUL in a name', `${START}X\0: a\r\n${NO_BODY}`, 'sip-header-malformed'],
  [
    'NUL unquoted in a field we know',
    `${START}t: \0<sip:a>\r\n${NO_BODY}`,
    'sip-control-character',
  ],
  [
    'NUL quoted without backslash',
    `${START}t: "\0" <sip:a>\r\n${NO_BODY}`,
    'sip-control-character',
  ],
  [
    'NUL quoted in a field we do not know',
    `${START}X: "\\\0"\r\n${NO_BODY}`,
    'sip-control-character',
  ],
  ['no length', `${START}\r\n`, 'fatal sip-content-length-missing'],
  ['two lengths', `${START}l: 0\r\n${NO_BODY}`, 'fatal sip-content-length-repeated'],
  ['a list of lengths', `${START}l: 0, 0\r\n\r\n`, 'fatal sip-content-length-malformed'],
  ['a negative length', `${START}l: -1\r\n\r\n`, 'fatal sip-content-length-malformed'],
  ['a signed length', `${START}l: +1\r\n\r\n`, 'fatal sip-content-length-malformed'],
  ['a hexadecimal length', `${START}l: 0x1\r\n\r\n`, 'fatal sip-content-length-malformed'],
  ['an empty length', `${START}l:\r\n\r\n`, 'fatal sip-content-length-malformed'],
  ['a length in two words', `${START}l: 1 1\r\n\r\n`, 'fatal sip-content-length-malformed'],
  ['a huge length', `${START}l: ${'9'.repeat(400)}\r\n\r\n`, 'fatal sip-body-too-large'],
  ['a length above 2^32', `${START}l: 4294967296\r\n\r\n`, 'fatal sip-body-too-large'],
  [
    'a repeated From',
    `${START}f: <sip:a>\r\nFrom: <sip:a>\r\n${NO_BODY}`,
    'fatal sip-header-repeated',
  ],
  [
    'a repeated Max-Forwards',
    `${START}Max-Forwards: 1\r\nMax-Forwards: 1\r\n${NO_BODY}`,
    'fatal sip-header-repeated',
  ],
  ['a repeated Event', `${START}o: a\r\nEvent: a\r\n${NO_BODY}`, 'sip-header-repeated'],
  ['a bare LF', `${START}X: a\nY: b\r\n${NO_BODY}`, 'lost sip-bare-line-break'],
  ['a bare CR', `${START}X: a\rY: b\r\n${NO_BODY}`, 'lost sip-bare-line-break'],
  ['lines ended by LF', `${START}${NO_BODY}`.replaceAll('\r', ''), 'lost sip-bare-line-break'],
];

describe('the index of a message', () => {
  for (const [what, text, outcome] of table) {
    it(`${what}: ${outcome}`, () => {
      assert.equal(outcomeOf(encoded(text)), outcome);
    });
  }

  it('does not depend on where the message stands in its buffer', () => {
    for (const [what, text, outcome] of table) {
      const bytes = encoded(text);
      const shifted = Buffer.concat([encoded('xx: y\r\n'), bytes]);
      assert.equal(outcomeOf(shifted, ROOMY, 7), outcome, what);
    }
  });

  it('says where everything lies', () => {
    const text = `${START}v:  SIP/2.0/TLS a  \r\nX-A:\r\n b\r\n \t c\r\nVia: d\r\nContent-Length: 2\r\n\r\nhi`;
    const bytes = encoded(text);
    const index = new MessageIndex(ROOMY);
    assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
    assert.equal(index.isRequest, true);
    assert.equal(index.method(), 'MESSAGE');
    assert.equal(index.requestUri(), 'sip:b@c');
    assert.equal(index.headerCount, 4);
    assert.deepEqual(
      [0, 1, 2, 3].map((line) => index.value(line)),
      ['SIP/2.0/TLS a', 'b c', 'd', '2'],
    );
    assert.equal(index.count(Header.via), 2);
    assert.equal(index.first(Header.via), 0);
    assert.equal(index.first(Header.from), -1);
    assert.equal(index.valueOf(Header.contentLength), '2');
    assert.equal(index.valueOf(Header.from), undefined);
    assert.equal(text.slice(index.bodyStart, index.end), 'hi');
    assert.equal(text.slice(0, index.startLineEnd), START);
    const lines = [0, 1, 2, 3].map((line) =>
      text.slice(index.lineStart[line], index.lineEnd[line]),
    );
    assert.equal(lines.join(''), text.slice(START.length, index.bodyStart - 2));
  });

  it('of a message leaves nothing behind for the next', () => {
    const index = new MessageIndex(ROOMY);
    const faulty = encoded(`SIP/2.0 299 \x07\r\nX: \xff\r\nf: a\r\nf: b\r\n\r\n`);
    index.scan(faulty, 0, faulty.length);
    const sound = encoded(`${START}X: y\r\n${NO_BODY}`);
    assert.equal(index.scan(sound, 0, sound.length), sound.length);
    assert.deepEqual([index.fault, index.fatal, index.status], [undefined, false, 0]);
    assert.equal(index.count(Header.from), 0);
  });

  it('knows how many bytes a message needs once its head is there', () => {
    const bytes = encoded(`${START}l: 10\r\n\r\nab`);
    const index = new MessageIndex(ROOMY);
    assert.equal(index.scan(bytes, 0, 20), 0);
    assert.equal(index.needed, 0);
    assert.equal(index.scan(bytes, 0, bytes.length), 0);
    assert.equal(index.needed, bytes.length + 8);
  });
});

const SMALL: MessageLimits = {
  headBytesMax: 140,
  bodyBytesMax: 10,
  requestUriBytesMax: 20,
  lineBytesMax: 60,
  headersMax: 3,
};

//  what            bytes at the limit                                        one above it
const limits: readonly (readonly [string, string, string, Outcome])[] = [
  ['the head', padded(140), padded(141), 'lost sip-head-too-large'],
  [
    'the body',
    `${START}l: 10\r\n\r\n0123456789`,
    `${START}l: 11\r\n\r\n`,
    'fatal sip-body-too-large',
  ],
  [
    'the Request-URI',
    `OPTIONS sip:${'b'.repeat(16)} SIP/2.0\r\n${NO_BODY}`,
    `OPTIONS sip:${'b'.repeat(17)} SIP/2.0\r\n${NO_BODY}`,
    'sip-request-uri-too-long',
  ],
  [
    'a line',
    `${START}X: ${'y'.repeat(55)}\r\n${NO_BODY}`,
    `${START}X: ${'y'.repeat(56)}\r\n${NO_BODY}`,
    'sip-line-too-long',
  ],
  [
    'a line in folds',
    `${START}X: ${'y'.repeat(25)}\r\n ${'y'.repeat(27)}\r\n${NO_BODY}`,
    `${START}X: ${'y'.repeat(25)}\r\n ${'y'.repeat(28)}\r\n${NO_BODY}`,
    'sip-line-too-long',
  ],
  [
    'the number of headers',
    `${START}X: y\r\nX: y\r\n${NO_BODY}`,
    `${START}X: y\r\nX: y\r\nX: y\r\n${NO_BODY}`,
    'fatal sip-too-many-headers',
  ],
];

describe('limits on a message', () => {
  for (const [what, within, beyond, outcome] of limits) {
    it(`${what}: at the limit is sound, beyond it ${outcome}`, () => {
      assert.equal(outcomeOf(encoded(within), SMALL), 'sound');
      assert.equal(outcomeOf(encoded(beyond), SMALL), outcome);
    });
  }

  it('may be changed: the next message is judged by the new ones', () => {
    for (const [what, _within, beyond, outcome] of limits) {
      const index = new MessageIndex(SMALL);
      index.relimit(ROOMY);
      assert.notEqual(outcomeIn(index, encoded(beyond)), outcome, what);
      index.relimit(SMALL);
      assert.equal(outcomeIn(index, encoded(beyond)), outcome, what);
    }
    const many = `${START}${'X: y\r\n'.repeat(100)}${NO_BODY}`;
    const index = new MessageIndex(SMALL);
    index.relimit({ ...ROOMY, headersMax: 101 });
    assert.equal(outcomeIn(index, encoded(many)), 'sound');
    assert.deepEqual([index.headerCount, index.value(99), index.value(100)], [101, 'y', '0']);
  });

  it('a head that never ends is refused at the limit, not before', () => {
    const bytes = encoded(`${START}${'X: y\r\n'.repeat(100)}`);
    assert.equal(outcomeOf(bytes.subarray(0, 139), { ...SMALL, headersMax: 100 }), 'more');
    assert.equal(
      outcomeOf(bytes.subarray(0, 140), { ...SMALL, headersMax: 100 }),
      'lost sip-head-too-large',
    );
  });
});

function padded(headBytes: number): string {
  const lines = `${START}${'X: '}`;
  const filler = headBytes - START.length - NO_BODY.length - 2 * 'X: \r\n'.length;
  const half = 'y'.repeat(Math.floor(filler / 2));
  return `${lines}${half}\r\nX: ${half}${'y'.repeat(filler % 2)}\r\n${NO_BODY}`;
}

/** Latin1 for what is written as bytes, UTF-8 where a character has no latin1 byte or a case wants it. */
function encoded(text: string): Buffer {
  return Buffer.from(text, /[\u0100-\uffff\u00e9]/.test(text) ? 'utf8' : 'latin1');
}

function outcomeOf(bytes: Buffer, limits: MessageLimits = ROOMY, start = 0): Outcome {
  return outcomeIn(new MessageIndex(limits), bytes, start);
}

function outcomeIn(index: MessageIndex, bytes: Buffer, start = 0): Outcome {
  const length = index.scan(bytes, start, bytes.length);
  if (length === 0) return 'more';
  const fault = index.fault;
  if (fault === undefined) {
    assert.equal(length, bytes.length - start);
    return 'sound';
  }
  if (length < 0) return `lost ${fault}`;
  return index.fatal ? `fatal ${fault}` : fault;
}

describe('the text of a message', () => {
  const TEXT = `MESSAGE sip:b@c SIP/2.0\r\nX: \u00e9\r\nTo:\r\n <sip:b>\r\nl: 2\r\n\r\n\u00ff!`;
  const bytes = Buffer.from(`junk${TEXT}junk`, 'latin1');

  it('is the whole of it, body included, and nothing of its neighbours', () => {
    const index = new MessageIndex(ROOMY);
    index.scan(bytes, 4, bytes.length);
    assert.equal(index.text(), TEXT);
  });

  it('has the same parts as the bytes', () => {
    const index = new MessageIndex(ROOMY);
    const read = () => [
      ...[index.method(), index.requestUri(), index.value(0), index.valueOf(Header.to)],
      index.textAt(index.bodyStart, index.end),
    ];
    index.scan(bytes, 4, bytes.length);
    const parts = read();
    assert.deepEqual(parts, ['MESSAGE', 'sip:b@c', '\u00e9', '<sip:b>', '\u00ff!']);
    index.text();
    assert.deepEqual(read(), parts);
  });

  it('is forgotten by the next scan', () => {
    const index = new MessageIndex(ROOMY);
    index.scan(bytes, 4, bytes.length);
    index.text();
    const next = Buffer.from(`NOTIFY sip:x SIP/2.0\r\n${NO_BODY}`);
    index.scan(next, 0, next.length);
    assert.equal(index.method(), 'NOTIFY');
    assert.equal(index.text(), next.toString());
  });
});
