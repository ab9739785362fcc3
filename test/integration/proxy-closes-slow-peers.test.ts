import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { PartnerClient } from './support/partner-client.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request } from './support/sip-text.ts';

describe('a peer that takes its time', () => {
  let running: RunningProxy;
  before(async () => {
    running = await runningProxy((content) => ({
      ...content,
      limits: { ...content.limits, firstMessageTimeoutMs: 1000, handshakeTimeoutMs: 500 },
    }));
  });
  after(() => running.stop());

  it('without a handshake is closed', async () => {
    const raw = connect(running.port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.resume();
    await once(raw, 'close');
  });

  it('without a first message is closed', async () => {
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    await partner.expectClose();
  });

  it('in the middle of a message is closed', async () => {
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    partner.send(request({ method: 'REFER' }));
    await partner.expect('405');
    partner.send(request().slice(0, 100));
    await partner.expectClose();
  });
});
