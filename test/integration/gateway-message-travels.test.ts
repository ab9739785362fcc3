import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import { dialled } from '../app-gateway/adapters/community/inner-server.ts';
import {
  fromInside,
  fromPartner,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { GatewayStage } from './support/gateway-stage.ts';

describe('a message through a real gateway', { timeout: 30_000 }, () => {
  let stage: GatewayStage;
  before(async () => {
    stage = await GatewayStage.open();
  });
  after(() => stage.close());

  it('comes in from a partner and its answer goes back on its flow, final', async () => {
    stage.fromPartner(9, fromPartner('MESSAGE', { body: 'hello' }));
    const { request, speaker } = await stage.inner.asked();
    assert.equal(startLine(request), 'MESSAGE sip:bob@acme.example SIP/2.0');
    assert.ok(request.endsWith('hello'));
    speaker.send(responseTo(request, 200));
    const { flow, exchange, flags, text } = await stage.frame(FrameType.sip);
    assert.deepEqual([flow, exchange, flags], [1, 9, FLAG_FINAL]);
    assert.equal(startLine(text), 'SIP/2.0 200 Reason');
  });

  it('does not end the gateway where its answer became more than a channel carries', async () => {
    stage.fromPartner(8, fromPartner('INVITE'));
    const { request, speaker } = await stage.inner.asked();
    assert.equal(startLine((await stage.frame(FrameType.sip)).text), 'SIP/2.0 100 Trying');
    const many = Array.from({ length: 550 }, (_, at) => `<sip:${at.toString(36)}@b>`).join(',');
    const route = `<sip:one.inner.example;lr;x=${'y'.repeat(1400)}>`;
    const callIds = Array.from({ length: 256 }, (_, at) => `${at.toString(36)}@b`).join(',');
    const answer = responseTo(request, 300, [`Contact: ${many}`, `In-Reply-To: ${callIds}`]);
    speaker.send(answer.replace('Record-Route:', `Record-Route: ${route}\r\nRecord-Route:`));
    const { exchange, flags, text } = await stage.frame(FrameType.sip);
    assert.deepEqual([exchange, flags], [8, FLAG_FINAL]);
    assert.equal(startLine(text), 'SIP/2.0 500 Server Internal Error');
    assert.match((await speaker.next()) ?? '', /^ACK /);
    stage.fromPartner(0, fromPartner('ACK'));
  });

  it('goes out on the flow that carries requests, over either direction of dialling inside', async () => {
    const caller = await dialled(stage.ready.innerPort, stage.shown);
    for (const [number, speaker] of [stage.speaker, caller].entries()) {
      speaker?.send(fromInside('MESSAGE', { via: `SIP/2.0/TLS x;branch=z9hG4bKout${number}` }));
      const { flow, text } = await stage.frame(FrameType.sip);
      assert.equal(flow, 1);
      stage.fromPartner(0, responseTo(text, 202));
      assert.equal(startLine((await speaker?.next()) ?? ''), 'SIP/2.0 202 Reason');
    }
    caller.socket.destroy();
  });

  it('goes to a proxy for a partner without a flow, and 500 comes back when nobody is reached', async () => {
    stage.proxy?.sendJson(FrameType.flowClosed, 1, 0, { reason: 'idle' });
    stage.openFlow(2, 'inbound');
    stage.fromPartner(10, fromPartner('OPTIONS', { uri: 'sip:sip.acme.example' }), 2);
    assert.equal(startLine((await stage.frame(FrameType.sip)).text), 'SIP/2.0 200 OK');
    stage.speaker?.send(fromInside('MESSAGE', { via: 'SIP/2.0/TLS x;branch=z9hG4bKnoflow' }));
    const { exchange, text } = await stage.frame(FrameType.sipTo);
    const length = Buffer.from(text, 'latin1').readUInt16BE(0);
    assert.deepEqual(JSON.parse(text.slice(2, 2 + length)), {
      partner: 'globex',
      uri: 'sip:alice@globex.example',
      avoid: [],
    });
    stage.proxy?.sendJson(FrameType.sendFailed, 0, exchange, { reason: 'connect' });
    assert.match((await stage.speaker?.next()) ?? '', /^SIP\/2\.0 500 /);
  });

  it('is counted at the health port, with nobody named', async () => {
    const { healthPort } = stage.ready;
    const response = await fetch(`http://127.0.0.1:${healthPort}/health`);
    assert.equal(response.status, 200);
    const text = await response.text();
    const facts = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(
      [facts['status'], facts['channels'], facts['flows'], facts['transactions']],
      ['up', 1, 1, 0],
    );
    assert.equal(facts['requests.inward'], 2);
    assert.equal(facts['requests.outward'], 3);
    assert.doesNotMatch(text, /alice|bob|globex/);
    assert.equal((await fetch(`http://127.0.0.1:${healthPort}/`)).status, 404);
  });

  it('counts at the proxy, too, as its workers say: the last word of each stands', async () => {
    const { healthPort } = stage.ready;
    const scrape = async () => await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    stage.proxy?.sendJson(FrameType.metrics, 0, 0, { requests: 1 });
    stage.proxy?.sendJson(FrameType.metrics, 0, 0, { requests: 2, flows: 1 });
    stage.proxy?.sendJson(FrameType.metrics, 0, 0, { 'no name"}': 3 });
    let text = await scrape();
    while (!text.includes('event="requests"} 2\n')) text = await scrape();
    const labels = 'proxy="edge-1",worker="0"';
    assert.match(text, /^sallyport_gateway_channels 1$/m);
    assert.match(text, /^sallyport_gateway_events_total\{event="requests\.inward"\} 2$/m);
    assert.ok(text.includes(`\nsallyport_proxy_flows{${labels}} 1\n`), text);
    assert.ok(
      text.includes(`\nsallyport_proxy_events_total{${labels},event="requests"} 2\n`),
      text,
    );
    assert.doesNotMatch(text, /no name|alice|bob|globex/);
  });
});
