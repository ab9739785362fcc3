import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PartnerSnapshot, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { PartnerClient } from './support/partner-client.ts';
import { runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

function withPartner(changes: Partial<PartnerSnapshot>) {
  return (content: SnapshotContent): SnapshotContent => ({
    ...content,
    partners: content.partners.map((partner) => ({ ...partner, ...changes })),
  });
}

const count = (text: string, what: string) => text.split(what).length - 1;

describe('a partner that sends more than was agreed', () => {
  it('is told 503 with Retry-After for what is over the rate', async () => {
    const running = await runningProxy(withPartner({ messagesPerSecond: 1, messagesBurst: 5 }));
    running.gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    partner.send(Array.from({ length: 20 }, (_, i) => request({ branch: `z9hG4bK${i}` })).join(''));
    await partner.until(({ received }) => count(received, 'SIP/2.0 ') === 20, '20 answers');
    assert.equal(count(partner.received, 'SIP/2.0 200'), 5);
    assert.equal(count(partner.received, 'SIP/2.0 503'), 15);
    assert.equal(count(partner.received, 'Retry-After: '), 15);
    partner.end();
    await running.stop();
  });

  it('is told 503 when too many of its requests are unanswered', async () => {
    const running = await runningProxy(withPartner({ requestsInFlightMax: 2 }));
    const partner = await PartnerClient.connect(running.port, running.site.partner);
    for (let i = 0; i < 3; i++) partner.send(request({ branch: `z9hG4bK${i}` }));
    await partner.expect('SIP/2.0 503');
    assert.equal(count(partner.received, 'SIP/2.0 '), 1);
    partner.end();
    await running.stop();
  });

  it('gets no more connections than agreed', async () => {
    const running = await runningProxy(withPartner({ connectionsMax: 1 }));
    const first = await PartnerClient.connect(running.port, running.site.partner);
    await running.proxy.line('ready');
    const second = await PartnerClient.connect(running.port, running.site.partner);
    await second.expectClose();
    assert.equal(first.closed, false);
    first.end();
    await running.stop();
  });
});
