import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PartnerClient } from './support/partner-client.ts';
import { runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

describe('a change of configuration', () => {
  it('keeps the connections of partners that are still right, and ends those of severed ones', async () => {
    const running = await runningProxy();
    const { gateway, port, site, proxy } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request());
    await partner.expect('SIP/2.0 200 OK');

    const newer = { ...site.snapshot, version: 11 };
    assert.equal((await gateway.configure(site.sign(newer))).accepted, true);
    proxy.signal('SIGHUP');
    await proxy.line('reloaded');
    partner.received = '';
    partner.send(request({ branch: 'z9hG4bK2' }));
    await partner.expect('SIP/2.0 200 OK');

    const severed = { ...site.snapshot, version: 12, partners: [] };
    assert.equal((await gateway.configure(site.sign(severed))).accepted, true);
    await partner.expectClose();
    await running.stop();
  });

  it('that cannot be read on SIGHUP leaves everything as it is', async () => {
    const running = await runningProxy();
    const { site, proxy, port, gateway } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    writeFileSync(join(site.folder, 'channel.key'), 'not a key');
    proxy.signal('SIGHUP');
    await proxy.line('reload-refused');
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request());
    await partner.expect('SIP/2.0 200 OK');
    partner.end();
    await running.stop();
  });
});
