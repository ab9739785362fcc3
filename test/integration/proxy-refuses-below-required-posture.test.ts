import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FakeGateway } from './support/fake-gateway.ts';
import { ProxyProcess } from './support/proxy-process.ts';
import { type ProxySite, proxySite } from './support/proxy-site.ts';

describe('a proxy whose own settings are below what the site demands', () => {
  let site: ProxySite;
  let proxy: ProxyProcess;
  let gateway: FakeGateway;
  let healthPort: number;
  const isReady = () => proxy.lines.some(({ event }) => event === 'ready');
  before(async () => {
    site = await proxySite();
    const path = join(site.folder, 'proxy.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    // Balancers are a large network: medium.
    const listen = [{ host: '127.0.0.1', port: 0, proxyProtocolFrom: ['10.0.0.0/8'] }];
    writeFileSync(path, JSON.stringify({ ...config, listen }));
    proxy = new ProxyProcess(site.folder);
    const line = await proxy.line('waiting-for-snapshot');
    healthPort = Number(line['healthPort']);
    gateway = await FakeGateway.connect(site, Number(line['channelPort']));
  });
  after(async () => {
    gateway.stop();
    await proxy.stop();
    site.remove();
  });

  const offer = (version: number, requirePosture?: 'high' | 'medium') =>
    gateway.configure(
      site.sign({ ...site.snapshot, version, ...(requirePosture && { requirePosture }) }),
    );

  it('takes no snapshot, tells the gateway why, and opens no port for partners', async () => {
    const result = await offer(20, 'high');
    assert.equal(result.accepted, false);
    assert.match(result.reason ?? '', /posture high is demanded.*proxyProtocolFrom/);
    const said = await proxy.line('posture-too-low');
    assert.match(String(said['reason']), /proxyProtocolFrom/);
    assert.equal(isReady(), false);
    const response = await fetch(`http://127.0.0.1:${healthPort}/health`);
    assert.equal(response.status, 503);
  });

  it('serves under one that demands no more than it has', async () => {
    assert.deepEqual(await offer(21, 'medium'), { version: 21, accepted: true });
    assert.ok(Number((await proxy.line('ready'))['ports']) > 0);
  });

  it('keeps what it has when more is demanded later', async () => {
    assert.equal((await offer(22, 'high')).accepted, false);
    const response = await fetch(`http://127.0.0.1:${healthPort}/health`);
    assert.equal(response.status, 200);
  });
});
