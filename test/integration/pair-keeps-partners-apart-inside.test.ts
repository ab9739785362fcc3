import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startPair } from './support/pair.ts';
import { Line } from './support/pair-line.ts';
import { answerText, requestText } from './support/pair-message.ts';

const POISONS = 60;
const OTHERS = 60;
const POISON = 'X-Poison: yes';

it('an inner server hangs up over what one partner sends, again and again; nothing of another partner is lost', async (t) => {
  const pair = await startPair(t);
  const { site, inner } = pair;
  const [poisoner, other] = await Promise.all([
    pair.partner(),
    Line.connect(site.publicPort, site.initech.identity),
  ]);
  let hangUps = 0;
  inner.answer = (request, line) => {
    if (!request.text.includes(POISON)) return answerText(request, '200 OK');
    hangUps++;
    line.socket.destroy();
    return undefined;
  };
  const sinceMs = performance.now();
  const poisoning = (async () => {
    for (let number = 0; number < POISONS; number++) {
      const answer = await poisoner.ask(requestText('MESSAGE', { headers: [POISON] }));
      assert.equal(answer.status, 503);
    }
  })();
  for (let number = 0; number < OTHERS; number++) {
    const text = requestText('MESSAGE', { from: '<sip:alice@initech.example>' });
    assert.equal((await other.ask(text)).status, 200, `message ${number}, ${hangUps} hang-ups`);
  }
  await poisoning;
  // Four dials at once and one a second, for this partner alone.
  const seconds = (performance.now() - sinceMs) / 1000;
  assert.ok(hangUps >= 4 && hangUps <= 5 + seconds, `${hangUps} in ${seconds} s`);
  const lost = await pair.gateways[0]?.line('community-connection-lost');
  assert.equal(lost?.['partners'], 'globex');
  for (const line of [poisoner, other]) line.end();
  await pair.stop();
});
