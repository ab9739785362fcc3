import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startPair } from './support/pair.ts';
import { answerText, requestText, SipText } from './support/pair-message.ts';

/** One is asked so often; an answer takes some milliseconds. */
const PACE_MS = 200;
/** With two gateways, so many answered one after another are no chance. */
const IN_A_ROW = 24;

it('a gateway that stands still is passed over after some seconds; it goes on as if nothing had been', async (t) => {
  let stopped: ChildProcess | undefined;
  // Before the pair's own: what stands still ends for nobody.
  t.after(() => stopped?.kill('SIGCONT'));
  const pair = await startPair(t, { gateways: 2 });
  const { inner, gateways, proxy } = pair;
  inner.answer = (request) => answerText(request, '200 OK');
  const partner = await pair.partner();
  stopped = gateways[0]?.child;
  assert.ok(stopped);
  const asked: SipText[] = [];
  const answerTo = ({ callId }: SipText) =>
    partner.messages.find((one) => one.isFinal && one.callId === callId);
  const ask = () => {
    const request = new SipText(requestText('MESSAGE', { body: 'there?' }));
    asked.push(request);
    partner.send(request.text);
    return request;
  };
  const waiting = () => asked.filter((request) => answerTo(request) === undefined);
  const isServedBy = (node: string) => inner.requests.at(-1)?.header('Via').includes(node) === true;

  const stoppedAtMs = performance.now();
  stopped.kill('SIGSTOP');
  for (let inARow = 0; inARow < IN_A_ROW; ) {
    const request = ask();
    for (let look = 0; look < 4 && answerTo(request) === undefined; look++)
      await pause(PACE_MS / 4);
    inARow = answerTo(request) === undefined ? 0 : inARow + 1;
  }
  const tookMs = performance.now() - stoppedAtMs;
  t.diagnostic(`${waiting().length} wait, after ${tookMs.toFixed(0)} ms`);
  assert.ok(waiting().length > 0 && tookMs < 20_000);

  stopped.kill('SIGCONT');
  const isAllAnswered = () => waiting().length === 0;
  await partner.until(isAllAnswered, 'what waited', 10_000);
  while (!isServedBy('gateway-1')) {
    ask();
    await partner.until(isAllAnswered, 'an answer');
  }
  for (const request of asked) assert.equal(answerTo(request)?.status, 200);
  assert.ok(!proxy.lines.some(({ event }) => event === 'gateway-disconnected'));
  partner.end();
  await pair.stop();
});
