import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { describe, it } from 'node:test';
import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { checkRequest, checkResponse } from '@sallyport/shared/sip/syntax-check.ts';
import {
  CoreStage,
  fromInside,
  fromPartner,
  LIMITS,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { environment } from '../peers/support/environment.ts';
import { host, hostport, nonAscii, otherUri, sipUriAt, text, token } from './core-rules.ts';
import { METHODS } from './messages.ts';
import { alt, anyCase, many, type Rule, seq } from './rule.ts';
import { ABSOLUTE_URI, SIP_URI } from './strict.ts';

/*
 * Start lines of the grammar with one thing changed, and what RFC 3261 §7.1, §7.2 and §25.1 say of them:
 *   SEED=7 LINES=1000000 node --test test/grammar/broken-start-lines.test.ts
 */

const seed = Number(environment['SEED'] ?? 1);
const lines = Number(environment['LINES'] ?? 10_000);
const index = new MessageIndex(LIMITS);

const PIECES = [...' \t\r\n\0\x7f/.?@:;<>%"\\0127Ss\u00ff', '\u00c3\u00bc', '  ', '%41', '2.0'];

function broken(random: SeededRandom, line: string): string {
  const at = random.below(line.length + 1);
  const piece = random.below(3) === 0 ? '' : random.pick(PIECES);
  return line.slice(0, at) + piece + line.slice(at + random.below(2));
}

/** What becomes of a message with that start line: 200 where it passes, else what is answered to a request. */
function verdictOn(line: string, method: string): number {
  const fields = [
    'Via: SIP/2.0/TLS a;branch=z9hG4bK1',
    'From: <sip:alice@globex.example>;tag=1',
    'To: <sip:bob@acme.example>',
    'Call-ID: a',
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
  ];
  const bytes = Buffer.from(`${line}\r\n${fields.join('\r\n')}\r\n\r\n`, 'latin1');
  index.scan(bytes, 0, bytes.length);
  const check = index.isRequest ? checkRequest : checkResponse;
  const fault = index.fault ?? check(index);
  return fault === undefined ? 200 : statusOf(fault).status;
}

const REQUEST_LINE = /^([\w.!%*+`'~-]+) ([^\s<>"]+) SIP\/([0-9]+\.[0-9]+)$/i;

function verdictOnRequestLine(line: string, method: string): number {
  const [, first, uri = '', version] = REQUEST_LINE.exec(line) ?? [];
  if (version === undefined) return 400;
  if (version !== '2.0') return 505;
  const isSip = SIP_URI.test(uri);
  if (!isSip && !ABSOLUTE_URI.test(uri)) return 400;
  // §19.1.1: no headers; and the CSeq still has the method (§8.1.1.5).
  if (first !== method || (isSip && uri.includes('?', uri.lastIndexOf('@')))) return 400;
  return isSip ? 200 : 416;
}

/** Any printable character may stand in a reason phrase: more than §25.1 has, but for people to read. */
const STATUS_LINE = /^SIP\/2\.0 [1-6][0-9]{2} [\t -~\x80-\xff]*$/i;

function each(line: Rule, check: (random: SeededRandom, whole: string) => void): void {
  const random = new SeededRandom(seed);
  for (let done = 0; done < lines; done++) check(random, line(random));
}

describe('a Request-Line with one thing changed', () => {
  console.log(`seed ${seed}`);

  it('is answered as the grammar has it, and passes where it is one all the same', () => {
    const uri = alt(sipUriAt(host), sipUriAt(hostport), otherUri);
    const counts = new Map<number, number>();
    each(seq(alt(...METHODS, token), ' ', uri, ' ', anyCase('SIP'), '/2.0'), (random, whole) => {
      const method = whole.slice(0, whole.indexOf(' '));
      assert.equal(verdictOn(whole, method), verdictOnRequestLine(whole, method), whole);
      const changed = broken(random, whole);
      // RFC 5118 §4.10: three colons of the first grammar are read.
      if (changed.includes(':::')) return;
      const expected = verdictOnRequestLine(changed, method);
      counts.set(expected, (counts.get(expected) ?? 0) + 1);
      assert.equal(verdictOn(changed, method), expected, JSON.stringify(changed));
    });
    for (const status of [200, 400, 416, 505]) {
      assert.ok((counts.get(status) ?? 0) > lines / 200, JSON.stringify([...counts]));
    }
  });
});

const reason = alt('', 'OK', text, many(alt(nonAscii, ' ', '\t', '%41', "('[!]')"), 0, 5));
const statusLine = seq(
  anyCase('SIP'),
  '/2.0 ',
  alt('100', '180', '199', '200', '299', '302', '404', '499', '503', '603', '699'),
  ' ',
  (random) => reason(random).replace(/\r\n/g, ''),
);

describe('a Status-Line with one thing changed', () => {
  it('is refused where the grammar has no such line, and passes where it has', () => {
    const counts = { sound: 0, unsound: 0 };
    each(statusLine, (random, whole) => {
      assert.equal(verdictOn(whole, 'INVITE'), 200, JSON.stringify(whole));
      const changed = broken(random, whole);
      const isSound = STATUS_LINE.test(changed) && isUtf8(Buffer.from(changed, 'latin1'));
      counts[isSound ? 'sound' : 'unsound']++;
      assert.equal(verdictOn(changed, 'INVITE') === 200, isSound, JSON.stringify(changed));
    });
    assert.ok(counts.sound > lines / 20 && counts.unsound > lines / 20, JSON.stringify(counts));
  });

  for (const side of ['partner', 'inside'] as const) {
    it(`goes nowhere where it is unsound, ends nothing and is on record: to ${side}`, () => {
      each(statusLine, (random, whole) => {
        const changed = broken(random, whole);
        const stage = new CoreStage();
        const [origin, request] =
          side === 'partner'
            ? [stage.globex, fromPartner('INVITE')]
            : [stage.staff, fromInside('INVITE')];
        const answers = side === 'partner' ? 'staff' : 'globex';
        stage.request(origin, request);
        const asked = stage.take().find(({ to }) => to !== 'origin')?.text ?? '';
        const response = responseTo(asked, 180);
        const unsound = response.replace('SIP/2.0 180 Reason', () => changed);
        if (verdictOn(changed, 'INVITE') === 200 || !isDelimited(unsound)) return;
        stage.response(answers, unsound);
        assert.deepEqual(stage.take(), [], JSON.stringify(changed));
        assert.deepEqual(stage.strays, ['response']);
        stage.response(answers, response);
        assert.equal(startLine(stage.one().text), 'SIP/2.0 180 Reason');
      });
    });
  }
});

/** Whether a reader hands it up as a response, rather than ending its connection. */
function isDelimited(message: string): boolean {
  const bytes = Buffer.from(message, 'latin1');
  return index.scan(bytes, 0, bytes.length) === bytes.length && !index.fatal && !index.isRequest;
}
