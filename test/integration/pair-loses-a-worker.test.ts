import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startPair, untilHealth } from './support/pair.ts';
import { answerText, requestText } from './support/pair-message.ts';
import { holdsConnection, workersOf } from './support/pair-process.ts';

const CONNECTIONS = 12;
const OUTWARD = 20;

it('a killed proxy worker comes back; what it carried is told at once, and nothing of it stays inside', async (t) => {
  const pair = await startPair(t, { workers: 2 });
  const { inner, outer, gateways, proxy, site } = pair;
  const [gateway] = gateways;
  const healthPort = site.gateways[0]?.healthPort ?? 0;
  const partners = await Promise.all(Array.from({ length: CONNECTIONS }, () => pair.partner()));
  for (const partner of partners) {
    assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
  }
  outer.answer = () => undefined;
  const line = await inner.lineOf('gateway-1');
  for (let number = 0; number < OUTWARD; number++) {
    line.send(
      requestText('MESSAGE', {
        uri: 'sip:alice@globex.example',
        from: '<sip:bob@acme.example>',
        sentBy: 'chat.acme.internal',
      }),
    );
  }
  await outer.until(() => outer.requests.length === OUTWARD, 'requests held by the partner');
  const before = await untilHealth(healthPort, ({ flows }) => (flows ?? 0) > CONNECTIONS);
  const dialledFrom = outer.lines[0]?.socket.remotePort ?? 0;
  const worker = workersOf(proxy).find((pid) => holdsConnection(pid, dialledFrom, outer.port)) ?? 0;
  assert.ok(worker > 0, 'no worker holds the connection to the partner');

  const cut = partners.filter(({ socket }) =>
    holdsConnection(worker, site.publicPort, socket.localPort ?? 0),
  );

  const [proxySince, gatewaySince] = [proxy.lines.length, gateway?.lines.length];
  const finals = () => line.messages.filter(({ isFinal }) => isFinal);
  const killedAtMs = performance.now();
  outer.answer = (request) => answerText(request, '480 Temporarily Unavailable');
  process.kill(worker, 'SIGKILL');
  await line.until(() => finals().length === OUTWARD, 'an answer to each outward request');
  const slowestMs = Math.max(...finals().map(({ receivedAtMs }) => receivedAtMs)) - killedAtMs;
  t.diagnostic(`slowest of ${OUTWARD}: ${slowestMs.toFixed(0)} ms after the kill`);
  assert.ok(slowestMs < 2000);
  // They failed over: the other worker has dialled the partner.
  assert.deepEqual([...new Set(finals().map(({ status }) => status))], [480]);

  await proxy.line('worker-died', undefined, proxySince);
  await Promise.all(cut.map((partner) => partner.closed()));
  const again = await Promise.all(cut.map(() => pair.partner()));
  t.diagnostic(`${cut.length} of ${CONNECTIONS} connections were its own`);
  for (const partner of [...partners.filter(({ isClosed }) => !isClosed), ...again]) {
    assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
  }
  await gateway?.line('channel-ready', undefined, gatewaySince);
  await proxy.line('ready', undefined, proxySince);
  const after = await untilHealth(
    healthPort,
    ({ flows, transactions, channels }) =>
      channels === 2 && transactions === 0 && (flows ?? 0) <= (before.flows ?? 0),
  );
  assert.ok((after.flows ?? 0) >= CONNECTIONS);
  for (const partner of [...partners, ...again]) partner.end();
  await untilHealth(healthPort, ({ flows }) => (flows ?? 0) <= 1);
  await pair.stop();
});
