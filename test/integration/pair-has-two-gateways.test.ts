import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Pair, startPair } from './support/pair.ts';
import type { Line } from './support/pair-line.ts';
import {
  answerText,
  calleeText,
  inDialogText,
  requestText,
  SipText,
} from './support/pair-message.ts';

const DIALOGS = 12;
const INNER_CONTACT = 'Contact: <sip:bob@chat.acme.internal:5070;transport=tls>';
const CONTACT = 'Contact: <sip:alice@edge.globex.example>';

interface Dialog {
  readonly request: SipText;
  readonly success: SipText;
}

async function begin(partner: Line, method: string): Promise<Dialog> {
  const event = method === 'SUBSCRIBE' ? ['Event: presence', 'Expires: 600'] : [];
  const request = new SipText(requestText(method, { headers: [CONTACT, ...event] }));
  const success = await partner.ask(request.text);
  assert.equal(success.status, 200);
  if (method === 'INVITE') {
    partner.send(inDialogText('ACK', request, success, 1));
  }
  return { request, success };
}

/** A call from inside through one gateway; the partner's server answers it. */
async function callFromInside(pair: Pair, gateway: string): Promise<SipText> {
  const line = await pair.inner.lineOf(gateway);
  const text = requestText('INVITE', {
    uri: 'sip:alice@globex.example',
    from: '<sip:bob@acme.example>',
    to: '<sip:alice@globex.example>',
    sentBy: 'chat.acme.internal',
    headers: [INNER_CONTACT],
  });
  const success = await line.ask(text);
  assert.equal(success.status, 200);
  return await pair.outer.request('INVITE');
}

it('when one of two gateways is killed the other goes on with everything, dialogs included', async (t) => {
  const pair = await startPair(t, { gateways: 2 });
  const { inner, outer, gateways, proxy } = pair;
  inner.answer = (request) =>
    request.method === 'ACK' ? undefined : answerText(request, '200 OK', [INNER_CONTACT]);
  outer.answer = (request) =>
    request.method === 'ACK' ? undefined : answerText(request, '200 OK', [CONTACT]);
  const partner = await pair.partner();
  const dialogs: Dialog[] = [];
  for (let number = 0; number < DIALOGS; number++) {
    dialogs.push(await begin(partner, number % 2 === 0 ? 'INVITE' : 'SUBSCRIBE'));
  }
  const viaFirst = inner.requests
    .filter((one) => one.header('Via').includes('gateway-1'))
    .map(({ callId }) => callId);
  const ofFirst = dialogs.filter(({ request }) => viaFirst.includes(request.callId));
  assert.ok(ofFirst.length > 0 && ofFirst.length < DIALOGS, `${ofFirst.length} by the first`);
  const inwardCall = await callFromInside(pair, 'gateway-1');

  const since = proxy.lines.length;
  const killedAtMs = performance.now();
  await gateways[0]?.kill();
  await proxy.line('gateway-disconnected', undefined, since);
  t.diagnostic(`found after ${(performance.now() - killedAtMs).toFixed(0)} ms`);
  for (let number = 0; number < DIALOGS; number++) {
    const answer = await partner.ask(requestText('MESSAGE', { body: 'still there?' }));
    assert.equal(answer.status, 200);
  }
  t.diagnostic(`${DIALOGS} new ones after ${(performance.now() - killedAtMs).toFixed(0)} ms`);
  assert.ok(performance.now() - killedAtMs < 1000);

  for (const { request, success } of dialogs) {
    const isCall = success.header('CSeq').endsWith('INVITE');
    const again = isCall
      ? inDialogText('INVITE', request, success, 2, [CONTACT])
      : inDialogText('SUBSCRIBE', request, success, 2, [CONTACT, 'Event: presence']);
    assert.equal((await partner.ask(again)).status, 200);
    const seen = inner.requests.findLast(({ callId }) => callId === request.callId);
    assert.equal(seen?.requestUri, 'sip:bob@chat.acme.internal:5070;transport=tls');
    if (!isCall) continue;
    partner.send(inDialogText('ACK', request, success, 2));
    assert.equal((await partner.ask(inDialogText('BYE', request, success, 3))).status, 200);
    await inner.request('BYE', request.callId);
  }
  const bye = await partner.ask(calleeText('BYE', inwardCall, 1));
  assert.equal(bye.status, 200);
  const ended = inner.requests.findLast(({ method }) => method === 'BYE');
  assert.equal(ended?.requestUri, 'sip:bob@chat.acme.internal:5070;transport=tls');
  partner.end();
  await pair.stop();
});
