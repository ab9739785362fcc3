import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { checkRequest, checkResponse } from '@sallyport/shared/sip/syntax-check.ts';
import { CoreStage, LIMITS } from '../app-gateway/domain/core/core-stage.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { environment } from '../peers/support/environment.ts';
import { contact, type Field } from './fields.ts';
import { anyContact, METHODS, validRequest, validResponse } from './messages.ts';
import { addressesIn, type Said, said } from './second-reader.ts';

/*
 * Messages of the inside with a name or an address of it put in anywhere, and where it may stand in what leaves:
 *   SEED=7 MESSAGES=200000 node --test test/grammar/inside-is-not-named.test.ts
 */

const seed = Number(environment['SEED'] ?? 1);
const messages = Number(environment['MESSAGES'] ?? 3000);
const index = new MessageIndex(LIMITS);

const SECRETS = ['one.inner.example', '10.1.9.1', '172.16.4.9', '[fd00::9]', 'tWO.iNNER.example'];
/** What keeps them apart from other words. */
const BEFORE = [' ', ';x=', ';', ',', '@', '"', ' (', '<sip:', ';y="', '%40', '?x=', '=', '/', '_'];
const BEHIND = [' ', ';x', '>', '"', ':5061', ')', ',', '%20', '=', '/'];
const NAMED = /(?:one|two)\.inner\.example|(?<!\d)10\.1\.9\.1(?!\d)/i;
const PRIVATE = /172\.16\.4\.9|fd00::9/i;

/** What docs/protocol-coverage.md says goes out as it is, or is not looked at; a Call-ID that comes back is the partner's own. */
const TOLD_ALL_THE_SAME = new Set(
  [
    'allow allow-events authentication-info authorization call-id content-type cseq date event expires from identity max-breadth',
    'max-forwards min-expires proxy-authenticate proxy-authorization require subject subscription-state supported timestamp',
    'to unsupported www-authenticate',
  ].flatMap((names) => names.split(' ')),
);

/** Of users of ours and of partners, who may be reached in such a network. */
const KNOWN_URI = /<sips?:[^>]*(?:acme|globex)\.example[^>]*>/gi;
const TAG_OF_DIALOG = /;[ \t]*(?:to|from|local|remote)-tag[ \t]*=[ \t]*[^; \t]*/gi;

/** With one of them at any place of the head behind the start line. */
function naming(random: SeededRandom, text: string): string {
  const [first, last] = [text.indexOf('\r\n') + 2, text.indexOf('\r\n\r\n')];
  const at = first + random.below(last - first + 1);
  const put = random.pick(BEFORE) + random.pick(SECRETS) + random.pick(BEHIND);
  return text.slice(0, at) + put + text.slice(at + random.below(2));
}

/** Whether it can be sent at all. */
function isSound(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  if (index.scan(bytes, 0, bytes.length) !== bytes.length) return false;
  return (index.isRequest ? checkRequest : checkResponse)(index) === undefined;
}

function assertNothingNamed(text: string): void {
  const message = said(text);
  for (const [name, value] of message.fields) {
    if (TOLD_ALL_THE_SAME.has(name)) continue;
    const told = value.replace(TAG_OF_DIALOG, '');
    assert.doesNotMatch(told, NAMED, name);
    // The next hop of a partner's may be in such a network.
    if (name !== 'route') assert.doesNotMatch(told.replace(KNOWN_URI, ''), PRIVATE, name);
  }
}

describe('what leaves of a message that names the inside anywhere', () => {
  console.log(`seed ${seed}`);
  const methods = METHODS.filter((method) => method !== 'CANCEL');

  function each(run: (random: SeededRandom) => string | undefined): void {
    const random = new SeededRandom(seed);
    let left = 0;
    for (let number = 0; number < messages; number++) {
      const before = number;
      const text = run(random);
      if (text === undefined) continue;
      left++;
      try {
        assertNothingNamed(text);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`message ${before} of seed ${seed}: ${message}\n${text}`, { cause });
      }
    }
    assert.ok(left > messages / 10, `${left} of ${messages} left`);
  }

  it('does not name it, in a request', () => {
    each((random) => {
      const text = naming(random, validRequest(random, 'inside', random.pick(methods)));
      if (!isSound(text)) return undefined;
      const stage = new CoreStage();
      stage.request(stage.staff, text);
      return stage.take().find(({ to }) => to === 'partner')?.text;
    });
  });

  it('does not name it, in a response', () => {
    each((random) => {
      const stage = new CoreStage();
      const method = random.pick(methods.filter((other) => other !== 'ACK'));
      stage.request(stage.globex, validRequest(random, 'partner', method));
      const asked = stage.take().find(({ to }) => to === 'community')?.text ?? '';
      const status = random.pick([200, 299, 302, 404, 486, 603]);
      const server = status === 302 ? anyContact : contact('10.3.2.1:5070');
      const text = naming(random, validResponse(random, echoOf(said(asked)), status, server));
      if (!isSound(text)) return undefined;
      stage.response('staff', text);
      return stage.take().find(({ to }) => to === 'origin')?.text;
    });
  });
});

const ECHOED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'record-route']);

function echoOf(asked: Said): Field[] {
  return asked.fields
    .filter(([name]) => ECHOED.has(name))
    .map(([name, value]) => {
      const isTagged =
        name !== 'to' || addressesIn(value)[0]?.parameters.some(([other]) => other === 'tag');
      return [name, '', isTagged ? value : `${value};tag=far`] as const;
    });
}
