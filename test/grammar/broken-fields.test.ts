import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { checkRequest } from '@sallyport/shared/sip/syntax-check.ts';
import { LIMITS } from '../app-gateway/domain/core/core-stage.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { environment } from '../peers/support/environment.ts';
import { METHODS, validRequest } from './messages.ts';
import { said, valuesOf } from './second-reader.ts';
import { isAlikeToAll, STRICT } from './strict.ts';

/*
 * Fields of valid messages with one character put in, taken out or changed, and what the grammar says of them:
 *   SEED=7 FIELDS=1000000 node --test test/grammar/broken-fields.test.ts
 */

const seed = Number(environment['SEED'] ?? 1);
const fields = Number(environment['FIELDS'] ?? 10_000);
const PIECES = [
  ...' \t,;:"\\<>@=%?*/[]().-_+~#{}|^&$!0a1\u00ff',
  '%41',
  '::',
  '""',
  '<>',
  ';tag=x',
  ', ',
  ' ;',
  '.5',
];
const index = new MessageIndex(LIMITS);

function broken(random: SeededRandom, value: string): string {
  const at = random.below(value.length + 1);
  const cut = random.below(2);
  const piece = random.below(3) === 0 ? '' : random.pick(PIECES);
  return value.slice(0, at) + piece + value.slice(at + cut);
}

/** A sound request but for that field. */
function requestWith(name: string, value: string, method: string): string {
  const others = Object.entries(SOUND).filter(([other]) => other !== name);
  const lines = [
    ...others.map(([other, sound]) => `${other}: ${sound}`),
    `${name}: ${value}`,
    `cseq: 1 ${method}`,
  ];
  const all = name === 'cseq' ? lines.slice(0, -1) : lines;
  return `${method} sip:bob@acme.example SIP/2.0\r\n${all.join('\r\n')}\r\nl: 0\r\n\r\n`;
}

const SOUND = {
  via: 'SIP/2.0/TLS a;branch=z9hG4bK1',
  from: '<sip:alice@globex.example>;tag=1',
  to: '<sip:bob@acme.example>',
  'call-id': 'a',
};

/** Whether the request with that field is let in; undefined where its bytes are no UTF-8. */
function passes(name: string, value: string, method: string): boolean | undefined {
  const bytes = Buffer.from(requestWith(name, value, method), 'latin1');
  const length = index.scan(bytes, 0, bytes.length);
  const fault = index.fault ?? checkRequest(index);
  return fault === 'sip-not-utf8' ? undefined : length === bytes.length && fault === undefined;
}

describe('a field with one thing changed', () => {
  it('is refused where the grammar has no such field, and passes where it has', () => {
    console.log(`seed ${seed}`);
    const random = new SeededRandom(seed);
    const verdicts = { sound: 0, broken: 0 };
    const check = (name: string, value: string, method: string) => {
      const isLetIn = isAlikeToAll(name, value) ? passes(name, value, method) : undefined;
      if (isLetIn === undefined) return;
      const isSound = STRICT[name]?.(value, method) === true;
      verdicts[isSound ? 'sound' : 'broken']++;
      assert.equal(isLetIn, isSound, `seed ${seed}: ${JSON.stringify(`${name}: ${value}`)}`);
    };
    for (let done = 0; done < fields; ) {
      const method = random.pick(METHODS);
      const message = said(validRequest(random, 'partner', method));
      for (const name of Object.keys(STRICT)) {
        const [valid] = valuesOf(message, name);
        if (valid === undefined) continue;
        check(name, broken(random, valid).trim(), method);
        done++;
      }
    }
    const { sound, broken: unsound } = verdicts;
    assert.ok(sound > fields / 20 && unsound > fields / 20, JSON.stringify(verdicts));
  });
});
