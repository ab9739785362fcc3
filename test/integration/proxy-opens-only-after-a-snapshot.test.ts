import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';
import { signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import { FakeGateway } from './support/fake-gateway.ts';
import { ProxyProcess } from './support/proxy-process.ts';
import { type ProxySite, proxySite } from './support/proxy-site.ts';

describe('a proxy without a valid snapshot', () => {
  let site: ProxySite;
  let proxy: ProxyProcess;
  let gateway: FakeGateway;
  let healthPort: number;
  const health = async () => {
    const response = await fetch(`http://127.0.0.1:${healthPort}/health`);
    return [response.status, await response.json()];
  };
  before(async () => {
    site = await proxySite();
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

  it('has no partner port, and its health is down', async () => {
    assert.equal(
      proxy.lines.some(({ event }) => event === 'ready'),
      false,
    );
    assert.deepEqual(await health(), [503, { status: 'down', reason: 'no-snapshot' }]);
  });

  it('refuses one that is not signed by the site', async () => {
    const other = createPrivateKey(createSnapshotSigningKey().privateKeyPem);
    const result = await gateway.configure(signSnapshot(site.snapshot, other));
    assert.deepEqual(result, { version: 0, accepted: false, reason: 'snapshot-unsigned' });
  });

  it('refuses one of another site', async () => {
    const result = await gateway.configure(site.sign({ ...site.snapshot, site: 'other' }));
    assert.equal(result.reason, 'snapshot-of-other-site');
    assert.deepEqual(await health(), [503, { status: 'down', reason: 'no-snapshot' }]);
  });

  it('opens its port with the first good one, and its health is up', async () => {
    const result = await gateway.configure(site.sign(site.snapshot));
    assert.deepEqual(result, { version: 10, accepted: true });
    assert.ok(Number((await proxy.line('ready'))['ports']) > 0);
    assert.deepEqual(await health(), [200, { status: 'up' }]);
  });

  it('takes the same again and refuses an older one and a conflicting one', async () => {
    const offer = (version: number, publicHost = site.snapshot.publicHost) =>
      gateway.configure(site.sign({ ...site.snapshot, version, publicHost }));
    assert.equal((await offer(10)).accepted, true);
    assert.equal((await offer(9)).reason, 'snapshot-older');
    assert.equal((await offer(10, 'else.acme.example')).reason, 'snapshot-conflict');
  });

  it('refuses a rollback even after a restart', async () => {
    assert.equal(
      (await gateway.configure(site.sign({ ...site.snapshot, version: 12 }))).accepted,
      true,
    );
    gateway.stop();
    await proxy.stop();
    proxy = new ProxyProcess(site.folder);
    const { channelPort } = await proxy.line('waiting-for-snapshot');
    gateway = await FakeGateway.connect(site, Number(channelPort));
    const older = await gateway.configure(site.sign({ ...site.snapshot, version: 11 }));
    assert.equal(older.reason, 'snapshot-older');
    assert.equal(
      proxy.lines.some(({ event }) => event === 'ready'),
      false,
    );
    assert.equal(
      (await gateway.configure(site.sign({ ...site.snapshot, version: 12 }))).accepted,
      true,
    );
    await proxy.line('ready');
  });
});
