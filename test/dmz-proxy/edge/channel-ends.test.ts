import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Bundle, readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { ChannelEnds } from '@sallyport/dmz-proxy/edge/channel-ends.ts';
import { currentCredentials } from '@sallyport/dmz-proxy/keys/channel-credentials.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { FakeGateway } from '../../integration/support/fake-gateway.ts';
import { proxySite } from '../../integration/support/proxy-site.ts';

/** What the bundle alone gives to show. */
function credentialsIn(bundle: Bundle): ChannelCredentials {
  const credentials = currentCredentials(bundle, Date.now());
  assert.ok(credentials);
  return credentials;
}

const revoked = new Set<string>();

async function ends(changes: Readonly<Record<string, unknown>> = {}) {
  const site = await proxySite(changes);
  const bundle = readBundle(site.folder);
  assert.ok(bundle.ok);
  const lines: { event: string; reason?: string }[] = [];
  const logged = Promise.withResolvers<void>();
  const channelEnds = new ChannelEnds({
    bundle: bundle.value,
    credentials: credentialsIn(bundle.value),
    isRevoked: ({ node }) => revoked.has(node),
    worker: 0,
    clock: systemClock,
    log: jsonLog(
      (line) => {
        lines.push(JSON.parse(line) as { event: string });
        logged.resolve();
      },
      {},
      () => 0,
    ),
    random: () => 0.5,
    open: () => ({
      ready: () => undefined,
      frame: () => undefined,
      flowWritable: () => undefined,
      draining: () => undefined,
      clockTurned: () => undefined,
      closed: () => undefined,
    }),
  });
  return { site, bundle: bundle.value, channelEnds, lines, logged: logged.promise };
}

describe('the ends of the channels', () => {
  it('wait for gateways to dial, and go on with a renewed certificate', async () => {
    const { site, bundle, channelEnds } = await ends();
    const port = await channelEnds.start();
    const gateway = await FakeGateway.connect(site, port);
    channelEnds.renew(credentialsIn(bundle));
    const second = await FakeGateway.connect(site, port, 'gateway-2');
    gateway.stop();
    second.stop();
    await channelEnds.stop('test');
    site.remove();
  });

  it('turn a gateway away that was lost', async () => {
    const { site, channelEnds, lines, logged } = await ends();
    const port = await channelEnds.start();
    revoked.add('gateway-9');
    const gateway = FakeGateway.connect(site, port, 'gateway-9');
    gateway.catch(() => undefined);
    await logged;
    assert.deepEqual(
      [lines[0]?.event, lines[0]?.reason],
      ['channel-refused', 'channel-node-revoked'],
    );
    revoked.clear();
    await channelEnds.stop('test');
    site.remove();
  });

  it('dial where the site wants it so', async () => {
    const gateways = [{ node: 'gateway-1', host: '127.0.0.1', port: 1 }];
    const { site, channelEnds, lines, logged } = await ends({
      channel: { dial: 'outside-in', gateways },
    });
    assert.equal(await channelEnds.start(), 0);
    await logged;
    assert.equal(lines[0]?.event, 'channel-failed');
    assert.equal(lines[0]?.reason, 'ECONNREFUSED');
    await channelEnds.stop('test');
    site.remove();
  });
});
