import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { localSystem } from '@sallyport/app-gateway/adapters/host/local-system.ts';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import {
  type DoctorHostOptions,
  doctorHost,
} from '@sallyport/app-gateway/cli/doctor/doctor-host.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import type { Finding } from '@sallyport/app-gateway/doctor/finding.ts';
import { glance } from '../../doctor/fake-system.ts';
import { planned } from '../../plan/site-on-a-network.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-host-'));
const surroundings = surroundingsOf(folder, { nowMs: Date.now });
const asked: string[] = [];
/** The bundle’s files are real; the kernel, the disk and the network are not asked. */
const machine = {
  system: {
    ...localSystem,
    text: () => undefined,
    names: (path: string) => (path === '/proc' ? [] : localSystem.names(path)),
    room: () => ({ bytesFree: 1e12, bytesTotal: 2e12, inodesFree: 1, inodesTotal: 1 }),
  },
  addresses: () => ['192.0.2.11'],
  askHealth: async () => ({ status: 0, text: '', metrics: '' }),
  askNames: async (
    questions: readonly { name: string; type: 'address' | 'SRV' | 'reach' }[],
    servers: readonly string[],
  ) => {
    asked.push(...servers);
    return questions.map((question) => ({ ...question, found: [] }));
  },
  askTime: async (address: string) => {
    asked.push(address);
    return 90_000;
  },
  shownCertificate: async () => undefined,
};

before(async () => {
  const site = join(folder, 'site');
  await initCommand(site, { layout: 'dual-dmz', site: 'acme', domain: [] }, Date.now);
  const bundled = await bundleCommand(site, Date.now, { keys: true });
  assert.equal(bundled.exitCode, 0, bundled.text);
  writeFileSync(join(folder, 'matrix.json'), JSON.stringify(planned()));
});
after(() => rmSync(folder, { recursive: true }));

async function look(node: string, options: Partial<DoctorHostOptions> = {}) {
  const outcome = await doctorHost(
    { bundle: `site/hosts/${node}`, ...options },
    surroundings,
    machine,
  );
  const answer = outcome.json['answer'] as { readonly findings: readonly Finding[] };
  return { ...outcome, findings: answer.findings, glance: glance(answer.findings) };
}

describe('sallyport doctor --bundle', () => {
  it('a proxy as it was bundled: no fault, and what nobody could see is not known', async () => {
    const { exitCode, text, glance: seen } = await look('edge-1');
    assert.equal(exitCode, 0, text);
    assert.ok(seen.includes('ok keys-closed'));
    assert.ok(seen.includes('ok channel-certificate'));
    assert.ok(seen.includes('ok disk-room'));
    assert.ok(seen.includes('unknown program'));
    assert.ok(seen.includes('unknown tracing'));
    assert.match(text, /^edge-1: 0 faults, /m);
  });

  it('a gateway: its site as well, and the names that partners ask for', async () => {
    const { exitCode, glance: seen } = await look('gateway-1');
    assert.equal(exitCode, 0);
    assert.ok(seen.some((line) => line.endsWith(' site')));
    assert.ok(seen.includes('ok channel-issuing'));
    assert.ok(seen.includes('warning service-record'));
    const strict = await look('gateway-1', { strict: true });
    assert.equal(strict.exitCode, 1);
  });

  it('a gateway whose issuing authority no key of its bundle opens', async () => {
    const path = join(folder, 'site/hosts/gateway-1/cluster.key');
    const right = readFileSync(path);
    writeFileSync(path, `${Buffer.alloc(32).toString('base64')}\n`);
    const { exitCode, glance: seen } = await look('gateway-1');
    writeFileSync(path, right);
    assert.equal(exitCode, 1);
    assert.ok(seen.includes('fault channel-issuing'));
  });

  it('a bundle without a key: one fault, with the way to one, and the same once it was asked for', async () => {
    const edge = join(folder, 'site/hosts/edge-1');
    const names = ['channel.key', 'channel.crt'];
    for (const name of names) renameSync(join(edge, name), join(folder, name));
    const { exitCode, text } = await look('edge-1');
    writeFileSync(join(edge, 'channel-request.key'), '', { mode: 0o600 });
    const waiting = await look('edge-1');
    for (const name of names) renameSync(join(folder, name), join(edge, name));
    rmSync(join(edge, 'channel-request.key'));
    assert.equal(exitCode, 1);
    assert.match(text, /^edge-1: 1 fault, /m);
    assert.match(text, /^next: channel-certificate: sallyport-dmz-proxy request --bundle /m);
    assert.match(waiting.text, /its key waits for a certificate/);
  });

  it('a health port of another machine is not asked', async () => {
    const settings = join(folder, 'site/hosts/edge-1/proxy.json');
    const before = readFileSync(settings, 'utf8');
    const given = JSON.parse(before) as object;
    const elsewhere = { ...given, health: { host: '198.51.100.9', port: 8081 } };
    writeFileSync(settings, JSON.stringify(elsewhere));
    const places: string[] = [];
    const outcome = await doctorHost({ bundle: 'site/hosts/edge-1' }, surroundings, {
      ...machine,
      askHealth: async ({ host }) => {
        places.push(host);
        return { status: 404, text: '', metrics: '' };
      },
    });
    writeFileSync(settings, before);
    assert.deepEqual(places, []);
    assert.match(outcome.text, /is no address of this machine +198\.51\.100\.9:8081 \(health\)/);
  });

  it('a key that others may read: 1, at the top, with its file', async () => {
    const key = join(folder, 'site/hosts/edge-1/channel.key');
    chmodSync(key, 0o644);
    const { exitCode, findings, text } = await look('edge-1');
    chmodSync(key, 0o600);
    assert.equal(exitCode, 1);
    assert.equal(findings[0]?.id, 'keys-closed');
    assert.equal(findings[0].where, key);
    assert.match(text, /^fault {4}keys-closed/m);
  });

  it('with a plan its servers are asked', async () => {
    asked.length = 0;
    const { glance: seen, exitCode } = await look('edge-1', { against: 'matrix.json' });
    assert.deepEqual(asked, ['192.0.2.60', '192.0.2.53:53']);
    assert.ok(seen.includes('fault clock-offset'));
    assert.equal(exitCode, 1);
  });

  it('refuses what is no bundle, and a plan that is none', async () => {
    const none = await doctorHost({ bundle: 'site' }, surroundings, machine);
    assert.match(none.text, /is no bundle/);
    const options = { bundle: 'site/hosts/edge-1', against: 'site/site.yaml' };
    const planless = await doctorHost(options, surroundings, machine);
    assert.match(planless.text, /is no JSON/);
  });
});
