import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import fc from 'fast-check';
import { ROOMY, verdicts } from './message-verdict.ts';

const ONE = request('1', 'hello');
const TWO = request('2', '\r\n\r\nSIP/2.0 200 OK\r\n\r\n');
const BAD = ONE.replace('SIP/2.0/TLS', 'SIP/2.0/');
const NO_LENGTH = ONE.replace('Content-Length', 'X');

//  what                          bytes                              words
const table: readonly (readonly [string, string, string])[] = [
  ['nothing', '', ''],
  ['one message', ONE, 'forward'],
  ['two messages', ONE + TWO, 'forward forward'],
  ['a faulty one between others', ONE + BAD + TWO, 'forward 400 forward'],
  ['a line break before the start line', `\r\n${ONE}`, 'forward'],
  ['a ping', '\r\n\r\n', 'ping'],
  ['a ping between messages', `${ONE}\r\n\r\n${TWO}`, 'forward ping forward'],
  ['two pings', '\r\n\r\n\r\n\r\n', 'ping ping'],
  ['a lone line break between messages', `${ONE}\r\n${TWO}`, 'forward forward'],
  ['half a message', ONE.slice(0, -1), 'wait'],
  ['half a head', ONE.slice(0, 30), 'wait'],
  ['a message and a half', ONE + TWO.slice(0, 40), 'forward wait'],
  ['nothing behind a missing length', NO_LENGTH + ONE, '400 close'],
  ['nothing behind a bare line feed', `${ONE}OPTIONS\n${TWO}`, 'forward unanswerable close'],
  ['nothing of a head in bare line feeds', ONE.replaceAll('\r', ''), 'unanswerable close'],
  ['nothing behind another protocol', `GET / HTTP/1.1\r\n\r\n${ONE}`, '400 close'],
  ['a bare LF for a keep-alive', `\n${ONE}`, 'unanswerable close'],
  ['a bare CR for a keep-alive', `\r${ONE}`, 'unanswerable close'],
  ['CR CR for a keep-alive', '\r\r\n\n', 'unanswerable close'],
];

describe('messages out of a stream', () => {
  for (const [what, text, words] of table) {
    it(`${what}: ${words}`, () => {
      assert.equal(verdicts(Buffer.from(text)), words);
    });

    it(`${what}, byte by byte: ${words}`, () => {
      const bytes = Buffer.from(text);
      const everywhere = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, i) => i + 1);
      assert.equal(verdicts(bytes, ROOMY, everywhere), words);
    });
  }

  it('come out the same however the stream is split', () => {
    const pieces = fc.array(fc.constantFrom(ONE, TWO, BAD, '\r\n\r\n', '\r\n'), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(2000), { maxLength: 8 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const splits = cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b);
        assert.equal(verdicts(bytes, ROOMY, splits), verdicts(bytes));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('a head beyond the limit is refused whether it comes at once or in drops', () => {
    const limits = { ...ROOMY, headBytesMax: ONE.indexOf('\r\n\r\n') + 4 };
    assert.equal(verdicts(Buffer.from(ONE), limits), 'forward');
    const smaller = { ...limits, headBytesMax: limits.headBytesMax - 1 };
    assert.equal(verdicts(Buffer.from(ONE), smaller), 'unanswerable close');
    const everywhere = Array.from({ length: ONE.length - 1 }, (_, i) => i + 1);
    assert.equal(verdicts(Buffer.from(ONE), limits, everywhere), 'forward');
    assert.equal(verdicts(Buffer.from(ONE), smaller, everywhere), 'unanswerable close');
  });

  it('a single line break after our ping is its answer', () => {
    const words: string[] = [];
    const reader = new MessageReader(new MessageIndex(ROOMY), {
      message: () => void words.push('message'),
      keepAlivePing: () => void words.push('ping'),
      keepAlivePong: () => void words.push('pong'),
      fatal: () => void words.push('fatal'),
    });
    reader.expectPong();
    const lineBreak = Buffer.from('\r\n');
    reader.push(lineBreak, 0, 2);
    reader.push(lineBreak, 0, 2);
    reader.push(lineBreak, 0, 2);
    assert.deepEqual(words, ['pong', 'ping']);
    assert.equal(reader.isMidMessage, false);
  });

  it('the caller may overwrite its bytes after each push', () => {
    const bodies: string[] = [];
    const index = new MessageIndex(ROOMY);
    const reader = new MessageReader(index, {
      message: () => void bodies.push(index.bytes.toString('latin1', index.bodyStart, index.end)),
      keepAlivePing: assert.fail,
      keepAlivePong: assert.fail,
      fatal: () => assert.fail(),
    });
    const stream = Buffer.from(ONE + ONE);
    const chunk = Buffer.alloc(37);
    for (let at = 0; at < stream.length; at += chunk.length) {
      const length = stream.copy(chunk, 0, at);
      reader.push(chunk, 0, length);
      chunk.fill(0);
    }
    assert.deepEqual(bodies, ['hello', 'hello']);
  });

  it('says nothing more after a fatal fault', () => {
    let calls = 0;
    const reader = new MessageReader(new MessageIndex(ROOMY), {
      message: () => assert.fail(),
      keepAlivePing: assert.fail,
      keepAlivePong: assert.fail,
      fatal: () => void calls++,
    });
    const bytes = Buffer.from(`${NO_LENGTH}${ONE}`);
    reader.push(bytes, 0, bytes.length);
    reader.push(bytes, 0, bytes.length);
    assert.equal(calls, 1);
  });

  it('come out no more once it was stopped, be it by the message before', () => {
    let messages = 0;
    const reader: MessageReader = new MessageReader(new MessageIndex(ROOMY), {
      message: () => {
        messages++;
        reader.stop();
      },
      keepAlivePing: assert.fail,
      keepAlivePong: assert.fail,
      fatal: () => assert.fail(),
    });
    const bytes = Buffer.from(`${ONE}${TWO}\r\n\r\n${ONE}`);
    reader.push(bytes, 0, bytes.length - 40);
    assert.equal(reader.isMidMessage, false);
    reader.push(bytes, 0, bytes.length);
    assert.equal(messages, 1);
  });
});

function request(callId: string, body: string): string {
  const head = [
    'MESSAGE sip:bob@beta.example SIP/2.0',
    'Via: SIP/2.0/TLS edge.alpha.example;branch=z9hG4bK1',
    'From: <sip:alice@alpha.example>;tag=1',
    'To: <sip:bob@beta.example>',
    `Call-ID: ${callId}`,
    'CSeq: 1 MESSAGE',
    `Content-Length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
