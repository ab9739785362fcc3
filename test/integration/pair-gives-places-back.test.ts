import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { until } from '../peers/support/wait.ts';
import { health, startPair } from './support/pair.ts';
import { answerText, requestText } from './support/pair-message.ts';

interface Counts {
  readonly requests?: number;
  readonly pendingRequests?: number;
}

const PLACES_MS = 10_000;

async function pairOfTwoPlaces(t: TestContext) {
  const pair = await startPair(t, { partner: { requestsInFlightMax: 2 } });
  /** So many requests have come, and so many of the partner's places are taken. */
  const places = (requests: number, taken: number) =>
    until(`${taken} places taken after ${requests} requests`, PLACES_MS, async () => {
      const counts = (await health(pair.site.proxyHealthPort, '/metrics')) as Counts;
      return counts.requests === requests && counts.pendingRequests === taken ? counts : undefined;
    });
  return { pair, places };
}

for (const method of ['MESSAGE', 'INVITE']) {
  it(`a partner that repeats ${method} while it is under way holds one place, and has one answer`, async (t) => {
    const { pair, places } = await pairOfTwoPlaces(t);
    pair.inner.answer = () => undefined;
    const partner = await pair.partner();
    const text = requestText(method);
    partner.send(text);
    const request = await pair.inner.request(method);
    await places(1, 1);
    for (let times = 1; times <= 4; times++) {
      partner.send(text);
      await places(1 + times, 1);
    }
    pair.inner.reply(request, answerText(request, '486 Busy Here'));
    await places(5, 0);
    pair.inner.answer = (other) => answerText(other, '200 OK');
    assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
    const finals = partner.messages.filter(({ isFinal }) => isFinal);
    assert.deepEqual(
      finals.map(({ status }) => status),
      [486, 200],
    );
    const asked = pair.inner.requests.filter(({ callId }) => callId === request.callId);
    assert.deepEqual(
      asked.map((one) => one.method),
      method === 'INVITE' ? ['INVITE', 'ACK'] : ['MESSAGE'],
    );
    partner.end();
    await pair.stop();
  });
}

it('a request that nobody inside answers gives its place back when it is given up', async (t) => {
  const { pair, places } = await pairOfTwoPlaces(t);
  // It goes no further (RFC 4320 §4.2): as after timer F.
  pair.inner.answer = (request) => answerText(request, '408 Request Timeout');
  const partner = await pair.partner();
  for (let times = 1; times <= 4; times++) {
    partner.send(requestText('MESSAGE'));
    await places(times, 0);
  }
  assert.deepEqual(partner.messages, []);
  partner.end();
  await pair.stop();
});
