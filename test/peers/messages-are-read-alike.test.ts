import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import { screenRequest } from '@sallyport/dmz-proxy/identity/screening.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { CoreStage, fromPartner, LIMITS } from '../app-gateway/domain/core/core-stage.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { partnerSnapshot } from '../integration/support/proxy-site.ts';
import { oddRequest } from './reading/odd-requests.ts';
import { isClearToNetSip, readByNetSip, startKamailioReader } from './reading/readers.ts';
import { ourReading, readingOf, withShortUsers } from './reading/reading.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';
import { type Stage, staged } from './support/stage.ts';

const seed = Number(environment['SEED'] ?? 1);
const requests = Number(environment['REQUESTS'] ?? 3000);

const methods = 'INVITE MESSAGE SUBSCRIBE OPTIONS'.split(' ');
const snapshot = { ...partnerSnapshot(''), trustSets: [], methods, eventPackages: ['presence'] };
const table = partnerTable([snapshot], NO_PARTNERS, 0);
const partner = table.ok ? table.value.byId.get('globex') : undefined;
assert.ok(partner);
const sender = { partner, domains: new Set(['globex.example']), hosts: new Set<string>() };
const index = new MessageIndex(LIMITS);

/** What of a partner's bytes goes to the server inside; nothing where edge or gateway refuse them. */
function goneInside(text: string): string | undefined {
  const bytes = Buffer.from(text, 'latin1');
  if (index.scan(bytes, 0, bytes.length) !== bytes.length) return undefined;
  if (screenRequest(index, index.method(), sender) !== undefined) return undefined;
  const stage = new CoreStage();
  stage.core.request(index, stage.globex, 1);
  return stage.take().find(({ to }) => to === 'community')?.text;
}

test(
  'Kamailio and Net::SIP read what goes inside as we do, and find its end where we do',
  needs('kamailio', 'perl'),
  staged(async (stage: Stage) => {
    console.log(`seed ${seed}`);
    const random = new SeededRandom(seed);
    const kamailio = await startKamailioReader(stage);
    const inside: string[] = [];
    for (let number = 0; number < requests; number++) {
      const text = goneInside(oddRequest(random, number));
      if (text === undefined) continue;
      inside.push(text);
      const read = await kamailio.read(text);
      const readings = read.map((line) => withShortUsers(readingOf(line)));
      assert.deepEqual(readings, [withShortUsers(ourReading(text))], `${read.join()} of\n${text}`);
    }
    kamailio.end();
    assert.ok(inside.length > requests / 6, `${inside.length} went inside`);
    const clear = inside.filter(isClearToNetSip);
    for (const [at, line] of readByNetSip(clear).entries()) {
      const text = clear[at] ?? '';
      const [theirs, ours] = [readingOf(line), ourReading(text)].map(withShortUsers);
      assert.deepEqual(theirs, ours, `${line} of\n${text}`);
    }
    assert.ok(clear.length > inside.length / 8, `${clear.length} for Net::SIP`);
  }),
);

test(
  'as a partner wrote it, a folded length makes a message of a body for Kamailio',
  needs('kamailio'),
  staged(async (stage: Stage) => {
    const kamailio = await startKamailioReader(stage);
    const body = fromPartner('MESSAGE', { from: '<sip:ceo@acme.example>;tag=1', callId: 'inner' });
    const text = fromPartner('MESSAGE', { extra: ['X: a\r\n Content-Length: 0'], body });
    const senders = async (message: string) =>
      (await kamailio.read(message)).map((line) => readingOf(line).from.join());
    assert.deepEqual(await senders(text), ['alice,globex.example,alice1', 'ceo,acme.example,1']);
    assert.deepEqual(await senders(goneInside(text) ?? ''), ['alice,globex.example,alice1']);
    kamailio.end();
  }),
);
