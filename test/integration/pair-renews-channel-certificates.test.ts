import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { startPair } from './support/pair.ts';
import { requestText } from './support/pair-message.ts';
import { Traffic } from './support/pair-traffic.ts';

it('channel certificates are renewed twice under traffic: no flow ends, no message fails', async (t) => {
  const pair = await startPair(t, { certificateLifeMs: 6000 });
  const { proxy, gateways, site } = pair;
  const partner = await pair.partner();
  const traffic = new Traffic(partner, 4, { restMs: 5 });
  const renewals = new Set<unknown>();
  while (renewals.size < 2) {
    const line = await proxy.line(
      'channel-certificate-renewed',
      (one) => !renewals.has(one['ends']),
    );
    renewals.add(line['ends']);
  }
  assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
  const statuses = await traffic.stop();
  assert.deepEqual([...statuses.keys()], [200]);
  assert.equal(partner.isClosed, false);
  const channels = gateways[0]?.lines.filter(({ event }) => event === 'channel-closed');
  assert.deepEqual(channels, []);
  const kept = join(site.folder, 'hosts/edge-1/spool/channel.pem');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  assert.match(readFileSync(kept, 'latin1'), /^-----BEGIN PRIVATE KEY-----/);

  // A gateway that starts again shakes hands anew: with what was renewed on either side.
  await gateways[0]?.stop();
  await pair.restart(0);
  assert.equal((await partner.ask(requestText('MESSAGE'))).status, 200);
  partner.end();
  await pair.stop();
});

it('a lost proxy loses its channel and cannot come back, and gets no certificate', async (t) => {
  const pair = await startPair(t, { certificateLifeMs: 600_000 });
  const { gateways, site } = pair;
  const [gateway] = gateways;
  site.rewriteGateway('gateway-1', (file) => ({ ...file, revokedNodes: ['edge-1'] }));
  gateway?.child.kill('SIGHUP');
  const closed = await gateway?.line('channel-closed');
  assert.deepEqual([closed?.['proxy'], closed?.['reason']], ['edge-1/0', 'node-revoked']);
  const failed = await gateway?.line('channel-dial-failed');
  assert.equal(failed?.['reason'], 'channel-node-revoked');
  await pair.stop();
});
