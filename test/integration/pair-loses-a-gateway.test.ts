import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startPair } from './support/pair.ts';
import { requestText } from './support/pair-message.ts';

const IN_FLIGHT = 200;

it('a gateway that is killed leaves nobody waiting: each request under way gets 503 within a second', async (t) => {
  const pair = await startPair(t);
  pair.inner.answer = () => undefined;
  const partner = await pair.partner();
  for (let number = 0; number < IN_FLIGHT; number++) {
    partner.send(
      requestText(number % 4 === 0 ? 'INVITE' : 'MESSAGE', {
        headers: ['Contact: <sip:alice@edge.globex.example>'],
      }),
    );
  }
  await pair.inner.until(() => pair.inner.requests.length === IN_FLIGHT, 'all requests inside');
  const killedAtMs = performance.now();
  await pair.gateways[0]?.kill();
  const finals = () => partner.messages.filter(({ isFinal }) => isFinal);
  await partner.until(() => finals().length === IN_FLIGHT, 'an answer to each request');
  const slowestMs = Math.max(...finals().map(({ receivedAtMs }) => receivedAtMs)) - killedAtMs;
  t.diagnostic(`slowest of ${IN_FLIGHT}: ${slowestMs.toFixed(0)} ms after the kill`);
  assert.ok(slowestMs < 1000);
  assert.deepEqual([...new Set(finals().map(({ status }) => status))], [503]);
  assert.ok(finals().every((answer) => /^\d+$/.test(answer.header('Retry-After'))));
  assert.equal(new Set(finals().map(({ callId }) => callId)).size, IN_FLIGHT);
  partner.end();
  await pair.stop();
});
