import assert from 'node:assert/strict';
import { it } from 'node:test';
import { health, startPair, untilHealth } from './support/pair.ts';
import { Line } from './support/pair-line.ts';
import { answerText, requestText } from './support/pair-message.ts';

const REQUESTS = 900;
const BODY = 'x'.repeat(60_000);
const OTHERS = 40;
/** Blocked behind the deaf one it would wait for much longer; what a busy machine takes is less. */
const OTHER_MS_MAX = 5000;

it('a partner that reads nothing loses its connection, for a reason; another one is answered all the while', async (t) => {
  const pair = await startPair(t, { limits: { flowQueueBytesMax: 262_144 } });
  const { site, inner } = pair;
  const [deaf, other] = await Promise.all([
    pair.partner(),
    Line.connect(site.publicPort, site.initech.identity),
  ]);
  inner.answer = (request) =>
    answerText(request, '200 OK', [], request.header('From').includes('globex') ? BODY : '');
  await deaf.ask(requestText('MESSAGE'));
  deaf.socket.pause();
  for (let number = 0; number < REQUESTS; number++) deaf.send(requestText('MESSAGE'));
  const waits: number[] = [];
  for (let number = 0; number < OTHERS; number++) {
    const askedAtMs = performance.now();
    const text = requestText('MESSAGE', { from: '<sip:alice@initech.example>' });
    assert.equal((await other.ask(text)).status, 200);
    waits.push(performance.now() - askedAtMs);
  }
  const healthPort = site.gateways[0]?.healthPort ?? 0;
  await untilHealth(healthPort, ({ flows, transactions }) => flows === 1 && transactions === 0);
  const counters: object = await health(site.proxyHealthPort, '/metrics');
  const reasons = Object.keys(counters).filter((name) => name.startsWith('flow-closed:'));
  t.diagnostic(`${reasons.join()}; slowest of the others ${Math.max(...waits).toFixed(0)} ms`);
  assert.equal(reasons.length, 1);
  assert.match(reasons[0] ?? '', /slow|overflow|queue/);
  assert.ok(Math.max(...waits) < OTHER_MS_MAX);
  for (const line of [deaf, other]) line.end();
  await pair.stop();
});
