import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FakeGateway } from './support/fake-gateway.ts';
import { PartnerClient } from './support/partner-client.ts';
import { ProxyProcess } from './support/proxy-process.ts';
import { proxySite } from './support/proxy-site.ts';

it('a partner’s connections with all workers of a host count together, until they end', async () => {
  const site = await proxySite({ workers: 2 });
  const proxy = new ProxyProcess(site.folder);
  const snapshot = site.sign({
    ...site.snapshot,
    partners: site.snapshot.partners.map((partner) => ({ ...partner, connectionsMax: 1 })),
  });
  await proxy.line('waiting-for-snapshot', 0, 2);
  const gateways: FakeGateway[] = [];
  for (const { event, channelPort } of proxy.lines) {
    if (event !== 'waiting-for-snapshot') continue;
    const gateway = await FakeGateway.connect(site, Number(channelPort));
    assert.equal((await gateway.configure(snapshot)).accepted, true);
    gateways.push(gateway);
  }
  await proxy.line('ready', 0, 2);
  // The system chose a port for each worker.
  const [a = 0, b = 0] = proxy.lines
    .filter(({ event }) => event === 'ready')
    .map(({ ports }) => Number(ports));
  const isLetIn = async (port: number): Promise<boolean> => {
    const client = await PartnerClient.connect(port, site.partner);
    client.send('\r\n\r\n');
    await client.until(({ received, closed }) => received !== '' || closed, 'pong or end');
    const isIn = client.received !== '';
    client.end();
    await client.expectClose();
    return isIn;
  };
  const first = await PartnerClient.connect(a, site.partner);
  first.send('\r\n\r\n');
  await first.expect('\r\n');
  while (await isLetIn(b)) assert.equal(first.closed, false);
  assert.equal((await proxy.line('connection-refused'))['code'], 'partner-connections-max');
  first.end();
  await first.expectClose();
  while (!(await isLetIn(b))) assert.equal(proxy.child.exitCode, null);
  for (const gateway of gateways) gateway.stop();
  assert.equal(await proxy.stop(), 0);
  site.remove();
});
