import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { freePort } from '../peers/support/free-port.ts';
import { helloOf, RecordingSink } from '../shared/io/channel-fixture.ts';
import { PairProcess } from './support/pair-process.ts';

const HOST = '127.0.0.1';

it('a proxy that site.yaml no longer names loses its channel and gets no other, whatever its certificate says', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'gateway-dialled-'));
  const site = join(scratch, 'site');
  const options = { layout: 'dual-dmz', site: 'acme', domain: ['acme.example'] } as const;
  await initCommand(site, options, Date.now);
  const channelPort = await freePort(HOST);
  const one = readFileSync(join(site, 'site.yaml'), 'utf8')
    .replace('dial: inside-out', 'dial: outside-in')
    .replace('port: 5071', 'port: 0')
    .replace('port: 8082 }', `port: 0 }\n    channel: { host: ${HOST}, port: ${channelPort} }`);
  const edge = `proxies:\n  - { node: edge-2, listen: [{ host: ${HOST}, port: 5062 }] }\n`;
  const bundleWith = async (yaml: string) => {
    writeFileSync(join(site, 'site.yaml'), yaml);
    const bundled = await bundleCommand(site, Date.now);
    assert.equal(bundled.exitCode, 0, bundled.text);
  };
  await bundleWith(one.replace('proxies:\n', edge));
  const gateway = new PairProcess('app-gateway', join(site, 'hosts/gateway-1'));
  t.after(async () => {
    await gateway.stop();
    rmSync(scratch, { recursive: true });
  });
  await gateway.line('ready');
  const sinks: Record<string, RecordingSink[]> = { 'edge-1': [], 'edge-2': [] };
  for (const node of ['edge-1', 'edge-2']) {
    const read = (name: string) => readFileSync(join(site, 'hosts', node, name), 'utf8');
    const credentials = {
      certificatePem: read('channel.crt'),
      keyPem: read('channel.key'),
      caPem: read('channel-ca.crt'),
    };
    const dialer = new ChannelDialer(
      {
        own: helloOf('proxy', { node }),
        clock: systemClock,
        limits: DEFAULT_CHANNEL_LIMITS,
        flush: 'every-turn',
        host: HOST,
        port: channelPort,
        credentials: () => credentials,
        expected: { site: 'acme', role: 'gateway' },
        random: () => 0,
        failed: () => undefined,
      },
      (connection) => {
        const sink = new RecordingSink(connection);
        sinks[node]?.push(sink);
        return sink;
      },
    );
    t.after(() => dialer.stop('over'));
    dialer.start();
    await gateway.line('channel-ready', (line) => line['proxy'] === `${node}/0`);
  }
  await bundleWith(one);
  gateway.child.kill('SIGHUP');
  await gateway.line('reloaded');
  const closed = await gateway.line('channel-closed');
  assert.deepEqual([closed['proxy'], closed['reason']], ['edge-2/0', 'proxy-removed']);
  const refused = await gateway.line('channel-refused');
  assert.deepEqual([refused['proxy'], refused['reason']], ['edge-2/0', 'proxy-unknown']);
  assert.deepEqual(
    sinks['edge-1']?.map(({ events }) => events),
    [['ready gateway-1']],
  );
});
