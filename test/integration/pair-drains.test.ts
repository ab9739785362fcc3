import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepts, until } from '../peers/support/wait.ts';
import { startPair } from './support/pair.ts';
import { answerText, inDialogText, requestText, SipText } from './support/pair-message.ts';

const CONTACT = { headers: ['Contact: <sip:alice@edge.globex.example>'] };

/** The word of a drain is out a moment before its port is closed. */
async function refused(port: number): Promise<void> {
  await until('a closed port', 1000, async () =>
    (await accepts('127.0.0.1', port)) ? undefined : true,
  );
}

describe('a drain', () => {
  it('of the proxy lets requests under way end, and refuses new connections', async (t) => {
    const pair = await startPair(t);
    pair.inner.answer = () => undefined;
    const partner = await pair.partner();
    partner.send(requestText('MESSAGE', { callId: 'under-way' }));
    const held = await pair.inner.request('MESSAGE');
    pair.proxy.child.kill('SIGTERM');
    await pair.proxy.line('draining');
    await refused(pair.site.publicPort);
    assert.equal((await partner.ask(requestText('MESSAGE'))).status, 503);
    pair.inner.reply(held, answerText(held, '200 OK'));
    const answer = await partner.message('answer', ({ callId }) => callId === 'under-way');
    assert.equal(answer.status, 200);
    await partner.closed();
    assert.equal(await pair.proxy.exit(), 0);
    await pair.stop();
  });

  it('of the gateway lets requests under way end, both ways', async (t) => {
    const pair = await startPair(t);
    const { inner, outer, gateways, site } = pair;
    inner.answer = () => undefined;
    outer.answer = () => undefined;
    const partner = await pair.partner();
    partner.send(requestText('INVITE', { ...CONTACT, callId: 'inward' }));
    const line = await inner.lineOf('gateway-1');
    line.send(
      requestText('MESSAGE', {
        uri: 'sip:alice@globex.example',
        from: '<sip:bob@acme.example>',
        callId: 'outward',
      }),
    );
    const [inward, outward] = [await inner.request('INVITE'), await outer.request('MESSAGE')];
    gateways[0]?.child.kill('SIGTERM');
    assert.equal((await pair.proxy.line('gateway-draining'))['gateway'], 'gateway-1');
    assert.equal((await partner.ask(requestText('MESSAGE'))).status, 503);
    await refused(site.gateways[0]?.innerPort ?? 0);
    inner.reply(inward, answerText(inward, '486 Busy Here'));
    outer.reply(outward, answerText(outward, '200 OK'));
    const busy = await partner.message(
      'rejection',
      (one) => one.isFinal && one.callId === 'inward',
    );
    assert.equal(busy.status, 486);
    const taken = await line.message('answer', (one) => one.isFinal && one.callId === 'outward');
    assert.equal(taken.status, 200);
    assert.equal(await gateways[0]?.exit(), 0);
    partner.end();
    await pair.stop();
  });

  it('of the gateway leaves nobody ringing: 503 with Retry-After, and a CANCEL, both ways', async (t) => {
    const pair = await startPair(t);
    const { inner, outer, gateways } = pair;
    const ring = (request: SipText) =>
      answerText(request, request.method === 'CANCEL' ? '200 OK' : '180 Ringing');
    inner.answer = ring;
    outer.answer = ring;
    const [partner, line] = [await pair.partner(), await inner.lineOf('gateway-1')];
    partner.send(requestText('INVITE', CONTACT));
    const outward = { uri: 'sip:alice@globex.example', from: '<sip:bob@acme.example>' };
    line.send(requestText('INVITE', outward));
    const rings = ({ status }: SipText) => status === 180;
    await Promise.all([partner.message('ringing', rings), line.message('ringing', rings)]);
    gateways[0]?.child.kill('SIGTERM');
    for (const caller of [partner, line]) {
      const answer = await caller.message('an answer', ({ isFinal }) => isFinal);
      assert.deepEqual([answer.status, answer.header('Retry-After')], [503, '5']);
    }
    await Promise.all([inner.request('CANCEL'), outer.request('CANCEL')]);
    assert.equal(await gateways[0]?.exit(), 0);
    partner.end();
    await pair.stop();
  });

  it('of the gateway does not wait for what an answered call leaves behind', async (t) => {
    const pair = await startPair(t);
    const contact = 'Contact: <sip:bob@chat.acme.internal;transport=tls>';
    pair.inner.answer = (request) =>
      request.method === 'ACK' ? undefined : answerText(request, '200 OK', [contact]);
    const partner = await pair.partner();
    const invite = new SipText(requestText('INVITE', CONTACT));
    const success = await partner.ask(invite.text);
    partner.send(inDialogText('ACK', invite, success, 1));
    await pair.inner.request('ACK');
    const beganAtMs = performance.now();
    assert.equal(await pair.gateways[0]?.stop(), 0);
    const tookMs = performance.now() - beganAtMs;
    t.diagnostic(`took ${tookMs.toFixed(0)} ms`);
    // What is under way is waited for ten seconds.
    assert.ok(tookMs < 5000);
    partner.end();
    await pair.stop();
  });
});
