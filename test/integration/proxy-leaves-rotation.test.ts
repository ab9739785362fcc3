import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { AuditSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { FakeGateway } from './support/fake-gateway.ts';
import { PartnerClient } from './support/partner-client.ts';
import { ProxyProcess } from './support/proxy-process.ts';
import { proxySite } from './support/proxy-site.ts';
import { runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

/** What a balancer's bare check sees. */
async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isConnected = await new Promise<boolean>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  socket.destroy();
  return isConnected;
}

interface HealthWord {
  readonly status: number;
  readonly body: { readonly status: string; readonly reason?: string; readonly worker?: string };
}

async function health(port: number): Promise<HealthWord> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`, {
    headers: { connection: 'close' },
  });
  return { status: answer.status, body: (await answer.json()) as HealthWord['body'] };
}

async function metric(port: number, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { connection: 'close' },
  });
  return ((await answer.json()) as Record<string, number>)[name] ?? 0;
}

describe('a proxy that has lost its gateway', () => {
  it('is out of rotation at once for both kinds of check, keeps its connections, and returns', async (t) => {
    const running = await runningProxy();
    t.after(() => running.stop());
    const { gateway, site, port, proxy, healthPort, channelPort } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request());
    await partner.expect('SIP/2.0 200 OK');
    assert.equal(await isOpen(port), true);
    assert.deepEqual(await health(healthPort), { status: 200, body: { status: 'up' } });

    gateway.stop();
    const { reason } = await proxy.line('out-of-rotation');
    assert.equal(reason, 'no-gateway');
    assert.equal(await isOpen(port), false);
    const body = { status: 'down', reason: 'no-gateway' };
    assert.deepEqual(await health(healthPort), { status: 503, body });
    assert.equal(partner.closed, false);
    partner.send(request({ callId: 'meanwhile' }));
    await partner.expect('SIP/2.0 503');

    const second = await FakeGateway.connect(site, channelPort, 'gateway-2');
    second.respond = ({ text }) => responseTo(text, '202 Accepted');
    await proxy.line('in-rotation');
    assert.equal(await isOpen(port), true);
    assert.equal((await health(healthPort)).status, 200);
    await second.frame(FrameType.flowOpened);
    partner.send(request({ callId: 'afterwards' }));
    await partner.expect('SIP/2.0 202 Accepted');
    partner.end();
    second.stop();
  });

  it('costs nobody who only looks a record or a limit', async (t) => {
    const running = await runningProxy((content) => ({
      ...content,
      limits: { ...content.limits, connectionsPerSourceMax: 1, connectionsPerSourcePerSecond: 1 },
    }));
    t.after(() => running.stop());
    const { port, proxy, healthPort, site, gateway } = running;
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const looks = 30;
    for (let look = 0; look < looks; look++) assert.equal(await isOpen(port), true);
    const partner = await PartnerClient.connect(port, site.partner);
    partner.send(request());
    await partner.expect('SIP/2.0 200 OK');
    assert.equal(await metric(healthPort, 'port-checks'), looks);
    assert.deepEqual(
      proxy.lines.filter(({ event }) => event === 'connection-refused'),
      [],
    );
    partner.end();
  });
});

describe('a proxy that can put nothing on record any more', () => {
  const witness = generateKeyPairSync('ed25519');
  const raw = (key: KeyObject) => rawPublicKey(key).toString('base64');
  const audit: AuditSnapshot = {
    spoolKey: raw(generateKeyPairSync('x25519').publicKey),
    whenFull: 'refuse',
    memoryBytesMax: 1_048_576,
    spoolBytesMax: 1_048_576,
    origin: 'sallyport/acme',
    ledgerKey: raw(witness.publicKey),
  };
  const BATCH = 500;

  it('is out of rotation at once, keeps its connections, and returns when there is room', async (t) => {
    const site = await proxySite();
    const key = witness.privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(site.folder, 'witness.key'), key, { mode: 0o600 });
    const proxy = new ProxyProcess(site.folder);
    t.after(async () => {
      await proxy.stop();
      site.remove();
    });
    const { channelPort, healthPort } = await proxy.line('waiting-for-snapshot');
    const gateway = await FakeGateway.connect(site, Number(channelPort));
    t.after(() => gateway.stop());
    gateway.respond = ({ text }) => responseTo(text, '200 OK');
    const limits = { ...site.snapshot.limits, pendingRequestsMax: 100_000 };
    const partners = site.snapshot.partners.map((partner) => ({
      ...partner,
      messagesPerSecond: 100_000,
      messagesBurst: 100_000,
      requestsInFlightMax: 100_000,
    }));
    const content = { ...site.snapshot, limits, partners };
    await gateway.configure(site.sign({ ...content, audit }));
    const port = Number((await proxy.line('ready'))['ports']);
    const partner = await PartnerClient.connect(port, site.partner);
    const isFull = () => proxy.lines.some(({ event }) => event === 'out-of-rotation');
    // No record is ever acknowledged here: memory fills, then the disk.
    for (let sent = 0; !isFull() && sent < 60 * BATCH; sent += BATCH) {
      partner.received = '';
      const ids = Array.from({ length: BATCH }, (_, at) => `full-${sent + at}`);
      const uri = `sip:bob-${'x'.repeat(400)}@acme.example`;
      partner.send(
        ids
          .map((callId) => request({ callId, requestUri: uri, branch: `z9hG4bK${callId}` }))
          .join(''),
      );
      await partner.until(({ received }) => received.split('SIP/2.0 ').length > BATCH, 'answers');
    }
    const { reason } = await proxy.line('out-of-rotation');
    assert.equal(reason, 'audit-full');
    assert.equal(await isOpen(port), false);
    const { status, body } = await health(Number(healthPort));
    assert.deepEqual([status, body.reason], [503, 'audit-full']);
    partner.received = '';
    partner.send(request({ callId: 'kept' }));
    await partner.expect('SIP/2.0 503');

    const roomy = { ...audit, memoryBytesMax: 16_777_216, spoolBytesMax: 16_777_216 };
    await gateway.configure(site.sign({ ...content, version: 11, audit: roomy }));
    await proxy.line('in-rotation');
    assert.equal(await isOpen(port), true);
    partner.send(request({ callId: 'again' }));
    await partner.expect('SIP/2.0 200 OK');
    partner.end();
  });
});

describe('a proxy of two workers', () => {
  it('is up as long as one of them has a gateway, whichever is asked', async (t) => {
    const site = await proxySite({ workers: 2 });
    const proxy = new ProxyProcess(site.folder);
    t.after(async () => {
      await proxy.stop();
      site.remove();
    });
    const of = (worker: number) => (line: { readonly [field: string]: unknown }) =>
      line['event'] === 'waiting-for-snapshot' && line['worker'] === worker;
    await proxy.line('waiting-for-snapshot');
    await proxy.line('waiting-for-snapshot', 0, 2);
    const lines = [0, 1].map((worker) => proxy.lines.find(of(worker)));
    const healthPorts = lines.map((line) => Number(line?.['healthPort']));
    const channelPorts = lines.map((line) => Number(line?.['channelPort']));
    const words = () => Promise.all(healthPorts.map((port) => health(port)));
    const statuses = async () => (await words()).map(({ status }) => status);
    /** The word goes by way of the launcher. */
    const until = async (expected: readonly number[]): Promise<void> => {
      const byMs = performance.now() + 5000;
      while ((await statuses()).join() !== expected.join() && performance.now() < byMs);
      assert.deepEqual(await statuses(), expected);
    };
    assert.deepEqual(await statuses(), [503, 503]);

    const connected = async (worker: number, node: string) => {
      const gateway = await FakeGateway.connect(site, channelPorts[worker] ?? 0, node);
      await gateway.configure(site.sign(site.snapshot));
      return gateway;
    };
    const first = await connected(0, 'gateway-1');
    await until([200, 200]);
    assert.deepEqual((await words())[1]?.body, { status: 'up', worker: 'no-snapshot' });
    const second = await connected(1, 'gateway-2');
    const ready = await Promise.all([1, 2].map((nth) => proxy.line('ready', 0, nth)));
    const portOf = (worker: number) =>
      Number(ready.find((line) => line['worker'] === worker)?.['ports']);
    assert.deepEqual([await isOpen(portOf(0)), await isOpen(portOf(1))], [true, true]);

    first.stop();
    await proxy.line('out-of-rotation');
    assert.deepEqual([await isOpen(portOf(0)), await isOpen(portOf(1))], [false, true]);
    assert.deepEqual(await statuses(), [200, 200]);
    second.stop();
    await proxy.line('out-of-rotation', 0, 2);
    await until([503, 503]);
    const third = await connected(0, 'gateway-1');
    await proxy.line('in-rotation');
    await until([200, 200]);
    third.stop();
  });
});
