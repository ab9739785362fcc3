import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { environment } from '../peers/support/environment.ts';
import { freePort } from '../peers/support/free-port.ts';
import { health, type Pair, startPair, untilHealth } from './support/pair.ts';
import { answerText, requestText } from './support/pair-message.ts';
import { Relay } from './support/pair-relay.ts';

const IS_LONG = environment['SALLYPORT_LONG'] === '1';
const CUT_MS = IS_LONG ? 60_000 : 6000;
/** Longest wait between dials, and what a handshake costs on a busy machine. */
const BACK_MS_MAX = 2500;

async function pairBehindRelay(t: TestContext): Promise<{ relay: Relay; pair: Pair }> {
  const channelPort = await freePort('127.0.0.1', 1);
  const relay = await Relay.open(channelPort);
  return { relay, pair: await startPair(t, { channelPort, channelBehind: relay.port }) };
}

it(`a channel that is cut for ${CUT_MS / 1000} s: 503 at once all the while, and back within two seconds`, async (t) => {
  const { relay, pair } = await pairBehindRelay(t);
  const { site } = pair;
  const partner = await pair.partner();
  assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);

  relay.cut();
  const cutAtMs = performance.now();
  await untilHealth(site.proxyHealthPort, ({ status }) => status === 'down', 1000);
  await untilHealth(site.gateways[0]?.healthPort ?? 0, ({ status }) => status === 'down', 1000);
  assert.deepEqual(await health(site.proxyHealthPort), { status: 'down', reason: 'no-gateway' });
  while (performance.now() - cutAtMs < CUT_MS) {
    const askedAtMs = performance.now();
    const answer = await partner.ask(requestText('MESSAGE'));
    assert.equal(answer.status, 503);
    assert.match(answer.header('Retry-After'), /^\d+$/);
    assert.ok(performance.now() - askedAtMs < 500);
    await delay(100);
  }

  await relay.restore();
  const restoredAtMs = performance.now();
  while ((await partner.ask(requestText('MESSAGE'))).status !== 200) {
    assert.ok(performance.now() - restoredAtMs < BACK_MS_MAX, 'not back in time');
    await delay(20);
  }
  const backMs = performance.now() - restoredAtMs;
  t.diagnostic(`back ${backMs.toFixed(0)} ms after the path`);
  partner.end();
  await pair.stop();
  relay.cut();
});

it('a call that rings when the channel is cut: its caller hears 503 at once, and the phone falls silent', async (t) => {
  const { relay, pair } = await pairBehindRelay(t);
  pair.inner.answer = (request) =>
    answerText(request, request.method === 'CANCEL' ? '200 OK' : '180 Ringing');
  const partner = await pair.partner();
  partner.send(requestText('INVITE', { headers: ['Contact: <sip:alice@edge.globex.example>'] }));
  await partner.message('ringing', ({ status }) => status === 180);
  relay.cut();
  const answer = await partner.message('an answer', ({ isFinal }) => isFinal);
  assert.deepEqual([answer.status, answer.header('Retry-After')], [503, '5']);
  const cancel = await pair.inner.request('CANCEL');
  assert.equal(cancel.callId, answer.callId);
  const invite = await pair.inner.request('INVITE');
  pair.inner.reply(invite, answerText(invite, '487 Request Terminated'));
  partner.end();
  await pair.stop();
  relay.cut();
});

it('a partner that declines a call while the channel is cut is heard when it is back', async (t) => {
  const { relay, pair } = await pairBehindRelay(t);
  const { inner, outer, site } = pair;
  outer.answer = (request) => answerText(request, '180 Ringing');
  const line = await inner.lineOf('gateway-1');
  const outward = { uri: 'sip:alice@globex.example', from: '<sip:bob@acme.example>' };
  line.send(requestText('INVITE', outward));
  await line.message('ringing', ({ status }) => status === 180);
  relay.cut();
  await untilHealth(site.proxyHealthPort, ({ status }) => status === 'down', 1000);
  const invite = await outer.request('INVITE');
  outer.reply(invite, answerText(invite, '486 Busy Here'));
  // Behind it on the same connection, so that the proxy has read both.
  assert.equal((await outer.lines[0]?.ask(requestText('MESSAGE')))?.status, 503);
  await relay.restore();
  assert.equal((await line.message('an answer', ({ isFinal }) => isFinal)).status, 486);
  await outer.request('ACK');
  await pair.stop();
  relay.cut();
});

it('a channel that swallows everything is found out within 30 s', { skip: !IS_LONG }, async (t) => {
  const { relay, pair } = await pairBehindRelay(t);
  const swallowedAtMs = performance.now();
  relay.swallow();
  const { proxyHealthPort, gateways } = pair.site;
  await untilHealth(proxyHealthPort, ({ status }) => status === 'down', 30_000);
  await untilHealth(gateways[0]?.healthPort ?? 0, ({ status }) => status === 'down', 30_000);
  const foundMs = performance.now() - swallowedAtMs;
  t.diagnostic(`found after ${(foundMs / 1000).toFixed(1)} s`);
  assert.ok(foundMs < 30_000);
  await pair.stop();
  relay.cut();
});
