import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import {
  fromInside,
  fromPartner,
  header,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { GatewayStage } from './support/gateway-stage.ts';

describe('a gateway that is asked to stop', { timeout: 30_000 }, () => {
  let stage: GatewayStage;
  before(async () => {
    stage = await GatewayStage.open();
  });
  after(() => stage.close());

  it('ends what runs, begins nothing new, and leaves with 0', async () => {
    stage.fromPartner(1, fromPartner('MESSAGE'));
    const { request, speaker } = await stage.inner.asked();
    stage.signal('SIGTERM');
    await stage.until(() => stage.isDraining);
    // As from a terminal, and from the parent that hands it on.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGINT'] as const) stage.signal(signal);
    // Answered by the gateway itself in any case, so that nothing of it runs on: 403 first, then 503.
    let answered = '';
    for (let number = 0; !answered.startsWith('SIP/2.0 503 '); number++) {
      const via = `SIP/2.0/TLS one.inner.example;branch=z9hG4bKnew${number}`;
      stage.speaker?.send(fromInside('MESSAGE', { uri: 'sip:x@elsewhere.example', via }));
      answered = (await stage.speaker?.next()) ?? '';
    }
    assert.equal(header(answered, 'Retry-After'), '5');
    speaker.send(responseTo(request, 200));
    const answer = await stage.frame(FrameType.sip);
    assert.deepEqual([answer.exchange, answer.flags], [1, FLAG_FINAL]);
    assert.equal(startLine(answer.text), 'SIP/2.0 200 Reason');
    assert.ok(header(answer.text, 'Call-ID'));
    assert.equal(await stage.exitCode(), 0);
    assert.equal((await stage.logged('drained'))['left'], 0);
  });
});
