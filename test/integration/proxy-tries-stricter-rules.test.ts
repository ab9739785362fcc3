import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TrialSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

describe('a stricter rule that is only tried', () => {
  let running: RunningProxy;
  let caller: PartnerClient;
  let version = 20;
  before(async () => {
    running = await runningProxy();
    running.gateway.respond = ({ text }) => responseTo(text, '200 OK');
    caller = await PartnerClient.connect(running.port, running.site.partner);
  });
  after(() => running.stop());

  async function tries(trial: TrialSnapshot): Promise<void> {
    const { gateway, site } = running;
    const partners = site.snapshot.partners.map((entry) => ({ ...entry, trial }));
    const snapshot = { ...site.snapshot, version: version++, partners };
    assert.equal((await gateway.configure(site.sign(snapshot))).accepted, true);
  }

  async function passes(): Promise<void> {
    caller.send(request());
    await caller.expect('SIP/2.0 200 OK');
  }

  it('is reported of a connection that was there before it, which goes on', async () => {
    const { proxy } = running;
    await passes();
    await tries({ sourceNetworks: ['192.0.2.0/24'] });
    assert.equal((await proxy.line('would-refuse'))['rule'], 'source-networks');
    await passes();
    const since = proxy.lines.length;
    await tries({ revocation: 'hard-fail' });
    assert.equal((await proxy.line('would-refuse', since))['rule'], 'revocation');
    await passes();
  });

  it('is reported of a request on it', async () => {
    const since = running.proxy.lines.length;
    await tries({ methods: ['INVITE'] });
    await passes();
    assert.equal((await running.proxy.line('would-refuse', since))['rule'], 'methods');
  });
});
