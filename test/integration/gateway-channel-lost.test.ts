import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import {
  fromInside,
  fromPartner,
  header,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { GatewayStage } from './support/gateway-stage.ts';

describe('a gateway that loses its channel', { timeout: 30_000 }, () => {
  let stage: GatewayStage;
  before(async () => {
    stage = await GatewayStage.open();
  });
  after(() => stage.close());

  it('tells waiting inner servers at once, and serves again when the channel is back', async () => {
    stage.speaker?.send(fromInside('MESSAGE'));
    await stage.frame(FrameType.sip);
    stage.proxy?.close('gone');
    const lost = (await stage.speaker?.next()) ?? '';
    assert.equal(startLine(lost), 'SIP/2.0 503 Service Unavailable');
    assert.equal(header(lost, 'Retry-After'), '5');
    await stage.frame(FrameType.snapshot);
    stage.openFlow(7);
    stage.fromPartner(1, fromPartner('MESSAGE'), 7);
    const { request, speaker } = await stage.inner.asked();
    speaker.send(responseTo(request, 200));
    const answer = await stage.frame(FrameType.sip);
    assert.equal(answer.flow, 7);
    assert.equal(startLine(answer.text), 'SIP/2.0 200 Reason');
  });
});
