import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { checkResponse, topViaSentBy } from '@sallyport/shared/sip/syntax-check.ts';
import {
  CoreStage,
  fromInside,
  fromPartner,
  LIMITS,
  SIP_ACME,
} from '../app-gateway/domain/core/core-stage.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { oddResponse } from './reading/odd-responses.ts';
import { isClearToNetSip, readByNetSip, startKamailioReader } from './reading/readers.ts';
import { isOfSipAlone, ourReading, readingOf, withShortUsers } from './reading/reading.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import { type Stage, staged } from './support/stage.ts';

const seed = Number(environment['SEED'] ?? 1);
const requests = Number(environment['REQUESTS'] ?? 3000);
const index = new MessageIndex(LIMITS);

/**
 * What goes on of an odd answer to a request that crosses us, from a partner or from the inside, and of all else that its bytes are
 * messages of: nothing where edge or gateway drop it.
 */
function goneOn(random: SeededRandom, side: 'partner' | 'inside'): readonly string[] {
  const stage = new CoreStage();
  const method = random.pick(['MESSAGE', 'INVITE', 'OPTIONS', 'SUBSCRIBE']);
  const isInside = side === 'inside';
  if (isInside) stage.request(stage.globex, fromPartner(method, { extra: EVENT }));
  else stage.request(stage.staff, fromInside(method, { extra: EVENT }));
  const asked = stage.take().find(({ to }) => to === (isInside ? 'community' : 'partner'));
  assert.ok(asked, method);
  const reader = new MessageReader(index, {
    message: (answer) => {
      if (answer.isRequest) return;
      // Drops of the edge; the gateway asks the first of them again.
      const isOurs =
        checkResponse(answer) === undefined && topViaSentBy(answer) === SIP_ACME.hostPort;
      if (isInside || isOurs) stage.core.response(answer, isInside ? 'staff' : 'globex');
    },
    keepAlivePing: () => undefined,
    keepAlivePong: () => undefined,
    fatal: () => undefined,
  });
  const bytes = Buffer.from(oddResponse(random, asked.text), 'latin1');
  const cut = random.below(bytes.length);
  reader.push(bytes, 0, cut);
  reader.push(bytes, cut, bytes.length);
  return stage.take().flatMap(({ to, text }) => (to === 'origin' ? [text] : []));
}

/** What Net::SIP says of a whole message for one field that does not concern us. */
const NO_NUMBER = /^not read: invalid [a-z-]+, should be number/;
const EVENT = ['Event: presence'];

for (const side of ['partner', 'inside'] as const) {
  test(
    `Kamailio and Net::SIP read answers from ${side === 'inside' ? 'the inside' : 'a partner'} as we do, and find their end where we do`,
    needs('kamailio', 'perl'),
    staged(async (stage: Stage) => {
      console.log(`seed ${seed}`);
      const random = new SeededRandom(seed);
      const kamailio = await startKamailioReader(stage);
      const passed: string[] = [];
      for (let number = 0; number < requests; number++) passed.push(...goneOn(random, side));
      for (const wentOn of passed) {
        if (side === 'inside') assert.doesNotMatch(seenOf(wentOn), INNER, wentOn);
        const read = await kamailio.read(wentOn);
        assert.equal(read.length, 1, `${read.join()} of\n${wentOn}`);
        if (!isOfSipAlone(wentOn)) continue;
        const readings = read.map((line) => withShortUsers(readingOf(line)));
        assert.deepEqual(
          readings,
          [withShortUsers(ourReading(wentOn))],
          `${read.join()} of\n${wentOn}`,
        );
      }
      kamailio.end();
      assert.ok(passed.length > requests / 6, `${passed.length} went on`);
      const clear = passed.filter(isClearToNetSip);
      for (const [at, line] of readByNetSip(clear).entries()) {
        const text = clear[at] ?? '';
        if (NO_NUMBER.test(line)) continue;
        const [theirs, ours] = [readingOf(line), ourReading(text)].map(withShortUsers);
        assert.deepEqual(theirs, ours, `${line} of\n${text}`);
      }
      assert.ok(clear.length > passed.length / 8, `${clear.length} for Net::SIP`);
    }),
  );
}

const INNER = /(?<![a-z0-9-])(?:one|two|gateway-[12])\.inner\.example/i;

/** The head as a partner sees it, less what passes unread on purpose. */
function seenOf(text: string): string {
  const [head = ''] = text.split('\r\n\r\n', 1);
  const lines = head.split('\r\n').filter((line) => !/^(?:From|To|f|t|Subject|s):/i.test(line));
  return lines
    .join('\n')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}
