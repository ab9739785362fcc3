import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Bundle, readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { Edge } from '@sallyport/dmz-proxy/edge/edge.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { DnsServer } from '../../dns-server.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';
import { RecordedChannel } from '../edge-fixture.ts';

const KEY = `${'A'.repeat(43)}=`;
const AUDIT = {
  spoolKey: KEY,
  whenFull: 'refuse',
  memoryBytesMax: 1_048_576,
  spoolBytesMax: 1_048_576,
  origin: 'sallyport/acme',
  ledgerKey: KEY,
} as const;

describe('the edge of a worker', () => {
  let site: ProxySite;
  let bundle: Bundle;
  before(async () => {
    site = await proxySite();
    const read = readBundle(site.folder);
    assert.ok(read.ok);
    bundle = read.value;
  });
  after(() => site.remove());

  it('is down without snapshot, without gateway, and while it drains; up in between', async (t) => {
    const opened = Promise.withResolvers<readonly number[]>();
    const edge = new Edge({
      bundle,
      worker: 0,
      clock: systemClock,
      log: jsonLog(
        () => undefined,
        {},
        () => 0,
      ),
      counters: new Counters(),
      programVersion: '1.2.3',
      tagPrefix: 't',
      hashSeed: [1, 2],
      certificateIssued: () => undefined,
      listening: opened.resolve,
      failed: opened.reject,
    });
    assert.deepEqual(edge.downReason, 'no-snapshot');
    assert.equal(edge.partners.byId.size, 0);
    const channel = new RecordedChannel();
    const sink = edge.openChannel(channel as unknown as ChannelConnection);
    sink.ready({
      protocolVersions: [1],
      role: 'gateway',
      site: 'acme',
      node: 'gateway-1',
      worker: 0,
      workers: 1,
      creditBytes: 1,
      flowCreditBytes: 1,
    });
    const names = async (address: string) => {
      const server = await DnsServer.open({ 'who.example': [{ type: 'A', address }] });
      t.after(() => server.close());
      return server.address;
    };
    const [nameserver, another] = [await names('192.0.2.1'), await names('192.0.2.2')];
    const payload = site.sign({ ...site.snapshot, nameservers: [nameserver] });
    sink.frame(FrameType.snapshot, 0, 0, 0, payload, 0, payload.length);
    assert.equal((await opened.promise).length, 1);
    assert.deepEqual(edge.downReason, undefined);
    assert.equal(edge.metrics()['snapshotVersion'], 10);
    assert.equal(edge.channels.length, 1);
    assert.deepEqual([...edge.partners.byId.keys()], ['globex']);
    assert.equal(channel.closedFor, undefined);
    const withBurst = (messagesBurst: number) => ({
      ...site.snapshot,
      partners: site.snapshot.partners.map((partner) => ({ ...partner, messagesBurst })),
    });
    const load = edge.partners.byId.get('globex')?.load;
    const mayBurst = () => {
      let messages = 0;
      while (load?.takeMessage(0) === true) messages++;
      return messages;
    };
    const audited = site.sign({
      ...withBurst(1),
      version: 11,
      nameservers: [another],
      audit: AUDIT,
    });
    sink.frame(FrameType.snapshot, 0, 0, 0, audited, 0, audited.length);
    const [, result] = channel.ofType(FrameType.snapshotResult);
    assert.match(result?.text ?? '', /"accepted":false.*witness\.key/);
    assert.equal(edge.metrics()['snapshotVersion'], 10, 'no record, no change');
    assert.equal(edge.isAudited, true);
    assert.deepEqual(
      await edge.ask({ type: 'A', name: 'who.example' }, 'globex'),
      { kind: 'addresses', addresses: ['192.0.2.1'] },
      'nor in whom it asks',
    );
    const before = site.snapshot.partners[0]?.messagesBurst ?? 0;
    assert.equal(mayBurst(), before, 'nor in what partners may');
    // Long after it is full again, and one message of it is used up.
    load?.takeMessage(Number.MAX_SAFE_INTEGER);
    const lost = site.sign({
      ...withBurst(5),
      version: 12,
      revokedNodes: ['gateway-1'],
    });
    sink.frame(FrameType.snapshot, 0, 0, 0, lost, 0, lost.length);
    assert.equal(channel.closedFor, 'node-revoked');
    assert.equal(mayBurst(), 4, 'what was used up stays used');
    assert.equal(edge.isRevoked(channel.certified), true);
    sink.closed('test');
    assert.deepEqual(edge.downReason, 'no-gateway');
    edge.sweep();
    edge.drain();
    assert.deepEqual(edge.downReason, 'draining');
    edge.close();
    edge.keepRecords();
    assert.deepEqual(await edge.ask({ type: 'A', name: 'a.example' }, 'globex'), {
      kind: 'failed',
    });
  });
});
