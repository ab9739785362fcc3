import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { freePort } from '../peers/support/free-port.ts';
import { type Pair, startPair, untilHealth } from './support/pair.ts';
import { Line } from './support/pair-line.ts';
import { requestText } from './support/pair-message.ts';
import { PairProcess } from './support/pair-process.ts';
import { EMBEDDED } from './support/pair-site.ts';
import { Traffic } from './support/pair-traffic.ts';

const HOST = '127.0.0.1';

interface SiteYaml {
  proxies: { node: string; listen: object[]; health: object; channel: object; workers: number }[];
}

/** Changes the site as an operator does: edit, bundle, SIGHUP; waits for the gateway's word. */
async function change(pair: Pair, edit: (site: SiteYaml) => void): Promise<void> {
  const file = join(pair.site.folder, 'site.yaml');
  const site = JSON.parse(readFileSync(file, 'utf8')) as SiteYaml;
  edit(site);
  writeFileSync(file, JSON.stringify(site));
  const bundled = await bundleCommand(pair.site.folder, Date.now);
  assert.equal(bundled.exitCode, 0, bundled.text);
  const [gateway] = pair.gateways;
  const since = gateway?.lines.length;
  gateway?.child.kill('SIGHUP');
  await gateway?.line('reloaded', undefined, since);
}

it('a second edge comes and goes by a reload, new channel certificates with it; the first one drops nothing', async (t) => {
  const pair = await startPair(t, { database: EMBEDDED });
  const { site, proxy } = pair;
  const [gateway] = pair.gateways;
  const line = await pair.partner();
  const running = new Traffic(line, 2, { restMs: 5 });
  const [publicPort, healthPort, channelPort] = [
    await freePort(HOST),
    await freePort(HOST),
    await freePort(HOST),
  ];
  const at = (port: number) => ({ host: HOST, port });
  await change(pair, ({ proxies }) =>
    proxies.push({
      node: 'edge-2',
      listen: [at(publicPort)],
      health: at(healthPort),
      channel: at(channelPort),
      workers: 1,
    }),
  );
  const second = new PairProcess('dmz-proxy', join(site.folder, 'hosts/edge-2'));
  t.after(() => second.stop());
  await second.line('ready');
  const other = await Line.connect(publicPort, site.globex.identity);
  assert.equal((await other.ask(requestText('MESSAGE'))).status, 200);
  const { channels } = await untilHealth(
    site.gateways[0]?.healthPort ?? 0,
    (facts) => facts.channels === 2,
  );
  assert.equal(channels, 2);

  await change(pair, ({ proxies }) => proxies.pop());
  const ended = await gateway?.line('channel-closed', (one) => one['proxy'] === 'edge-2/0');
  assert.equal(ended?.['reason'], 'proxy-removed');
  assert.equal((await other.ask(requestText('MESSAGE'))).status, 503);
  other.end();

  // Both bundles hold new channel certificates by now; what is running has not noticed, what comes shows them.
  const reloaded = proxy.lines.length;
  proxy.child.kill('SIGHUP');
  await proxy.line('reloaded', undefined, reloaded);
  const statuses = await running.stop();
  t.diagnostic(`${statuses.get(200)} messages meanwhile`);
  assert.deepEqual([...statuses.keys()], [200]);
  assert.equal(line.isClosed, false);
  const closed = gateway?.lines.filter(
    (one) => one.event === 'channel-closed' && one['proxy'] === 'edge-1/0',
  );
  assert.deepEqual(closed, []);
  // Its seals and its word on the ledger were checked with a key that came with the reload.
  const strange = ['audit-witness-unknown', 'audit-cosignature-wrong', 'audit-chain-broken'];
  const doubts = gateway?.lines.filter(({ event }) => strange.includes(event));
  assert.deepEqual(doubts, []);
  line.end();
  await second.stop();
  await pair.stop();
});
