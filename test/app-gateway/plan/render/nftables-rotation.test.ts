import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import {
  nftablesRotation,
  nftablesRotationUnit,
} from '@sallyport/app-gateway/plan/render/nftables-rotation.ts';
import { environment } from '../../../peers/support/environment.ts';
import { PLAN } from '../plan-fixture.ts';

const BALANCER = PLAN.balancers[1];
assert.ok(BALANCER);

describe('the program that takes proxies out of rotation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  const servers: Server[] = [];
  let closed = 0;

  before(async () => {
    for (const status of [200, 503]) servers.push(await answering(status));
    const gone = await answering(200);
    closed = portOf(gone);
    gone.close();
    // What would be loaded is kept; nothing is in force.
    writeFileSync(
      join(folder, 'nft'),
      `#!/bin/bash\nif [ "$1" = -f ]; then cat >>"${folder}/loaded"; fi\n`,
    );
    chmodSync(join(folder, 'nft'), 0o755);
  });
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  const proxy = (port: number, healthPort?: number) => ({
    host: `p${port}`,
    address: '127.0.0.1',
    port,
    ...(healthPort === undefined ? {} : { health: { address: '127.0.0.1', port: healthPort } }),
  });

  it('shares among those that say they are fit, or that accept where nobody can be asked', async () => {
    const [fit, unfit] = servers.map(portOf);
    assert.ok(fit !== undefined && unfit !== undefined);
    const targets = [proxy(1, fit), proxy(2, unfit), proxy(3, closed), proxy(unfit), proxy(closed)];
    assert.equal(await said(targets), `in rotation: 127.0.0.1 1,127.0.0.1 ${unfit}`);
    const loaded = readFileSync(join(folder, 'loaded'), 'utf8');
    assert.ok(
      loaded.includes(
        `add rule inet sallyport_balancer share ip daddr 192.0.2.6 tcp dport 5061 dnat ip addr . port to jhash ip saddr mod 2 map { 0 : 127.0.0.1 . 1, 1 : 127.0.0.1 . ${unfit} }`,
      ),
      loaded,
    );
    assert.ok(loaded.includes('flush chain inet sallyport_balancer share'));
  });

  it('leaves all of them when none is fit: each refuses by itself', async () => {
    rmSync(join(folder, 'loaded'), { force: true });
    const targets = [proxy(1, closed), proxy(2, closed)];
    assert.equal(await said(targets), 'in rotation: all, for none is fit');
    assert.match(
      readFileSync(join(folder, 'loaded'), 'utf8'),
      /mod 2 map \{ 0 : 127\.0\.0\.1 \. 1, 1 : 127\.0\.0\.1 \. 2 \}/,
    );
  });

  it('leaves proxies of the other family out', () => {
    const mixed = { ...BALANCER, targets: [proxy(1), { ...proxy(2), address: '2001:db8:1::10' }] };
    assert.ok(!nftablesRotation(PLAN, mixed).includes('2001:db8'));
  });

  it('runs with one right and no other', () => {
    const unit = nftablesRotationUnit(BALANCER);
    assert.match(unit, /^AmbientCapabilities=CAP_NET_ADMIN$/m);
    assert.match(unit, /^CapabilityBoundingSet=CAP_NET_ADMIN$/m);
    assert.match(unit, /^DynamicUser=yes$/m);
    assert.match(unit, /^ExecStart=\/bin\/bash \/usr\/local\/sbin\/sallyport-in-rotation$/m);
  });

  /** The first line that it says for these proxies. */
  async function said(targets: NonNullable<typeof BALANCER>['targets']): Promise<string> {
    assert.ok(BALANCER);
    const file = join(folder, 'in-rotation.sh');
    writeFileSync(file, nftablesRotation(PLAN, { ...BALANCER, targets }));
    const program = spawn('bash', [file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...environment, PATH: `${folder}:${environment['PATH']}` },
      detached: true,
    });
    try {
      for await (const line of createInterface({ input: program.stdout })) return line;
      throw new Error('it ended without a word');
    } finally {
      // The group is ours: its loop and what that has just started.
      if (program.pid !== undefined) process.kill(-program.pid, 'SIGKILL');
    }
  }
});

async function answering(status: number): Promise<Server> {
  const server = createServer((_, response) => response.writeHead(status).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
