import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counters } from '@sallyport/dmz-proxy/counters.ts';
import { edgeConfig } from '@sallyport/dmz-proxy/edge-config.ts';
import type { FlowFacts } from '@sallyport/dmz-proxy/flow.ts';
import { Reception } from '@sallyport/dmz-proxy/reception.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { PartnerClient } from '../integration/support/partner-client.ts';
import { behindIntermediate, proxySite } from '../integration/support/proxy-site.ts';

const site = await proxySite();
site.remove();
const built = edgeConfig(site.snapshot, undefined, 0);
assert.ok(built.ok);
const config = built.value;

async function received(cache = new PathCache(10)) {
  const admitted: Omit<FlowFacts, 'id'>[] = [];
  const counters = new Counters();
  const room = { isThere: true };
  const reception = new Reception({
    listen: [{ host: '127.0.0.1', port: 0, proxyProtocolFrom: [] }],
    site: 'acme',
    cache,
    clock: systemClock,
    log: jsonLog(
      () => undefined,
      {},
      () => 0,
    ),
    counters,
    admit: (socket, _identity, facts) => {
      socket.on('error', () => undefined);
      admitted.push(facts);
      if (room.isThere) socket.end('welcome');
      return room.isThere;
    },
  });
  const ports = await reception.use(config);
  return { reception, counters, admitted, room, port: ports?.[0] ?? 0 };
}

describe('the reception', () => {
  it('opens its ports once, and later configurations only replace the first', async () => {
    const { reception, port } = await received();
    assert.ok(port > 0);
    assert.equal(await reception.use(config), undefined);
    reception.close();
  });

  it('hands on a partner with the identity that it was shown', async () => {
    const { reception, port, admitted } = await received();
    const partner = await PartnerClient.connect(port, site.partner);
    await partner.expect('welcome');
    assert.equal(admitted[0]?.ownIdentity, 'acme');
    assert.equal(admitted[0]?.remotePort, partner.socket.localPort);
    reception.close();
  });

  it('turns a partner away that has as many connections as it may', async () => {
    const { reception, port, room, counters } = await received();
    room.isThere = false;
    const partner = await PartnerClient.connect(port, site.partner);
    await partner.expectClose();
    assert.equal(counters.read()['connection-refused:partner-connections-max'], 1);
    reception.close();
  });

  it('forgets all sessions when one is resumed whose path it no longer knows', async () => {
    const cache = new PathCache(10);
    const { reception, port, counters } = await received(cache);
    const { chain } = await behindIntermediate(site.partnerAuthority, 'globex.example');
    const first = await PartnerClient.connect(port, chain);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    cache.clear();
    const resumed = await PartnerClient.connect(port, chain, { session });
    await resumed.expectClose();
    assert.equal(resumed.received, '');
    assert.equal(counters.read()['connection-refused:identity-resumed-path-unknown'], 1);
    const full = await PartnerClient.connect(port, chain, { session });
    await full.expect('welcome');
    assert.equal(full.socket.isSessionReused(), false);
    reception.close();
  });
});
