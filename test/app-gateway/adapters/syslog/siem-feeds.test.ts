import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FeedNews } from '@sallyport/app-gateway/adapters/syslog/siem-feed.ts';
import { SiemFeeds } from '@sallyport/app-gateway/adapters/syslog/siem-feeds.ts';
import type { SiteSiem } from '@sallyport/app-gateway/config/site.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { ok } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../../shared/io/manual-clock.ts';
import { refusedMessage } from './siem-records.ts';
import { SyslogServer } from './syslog-server.ts';

const TEN_MINUTES_MS = 600_000;
const validity = validForDays(Date.now(), 1);

describe('the feeds of a gateway', { timeout: 20_000 }, () => {
  let authority: Issued;
  let certificate: Issued;
  const servers: SyslogServer[] = [];
  before(async () => {
    authority = await createAuthority({ commonName: 'siem CA', ...validity });
    certificate = await issueLeaf(authority, {
      commonName: 'siem',
      ipAddresses: ['127.0.0.1'],
      usages: ['serverAuth'],
      ...validity,
    });
  });
  after(() => {
    for (const server of servers) server.close();
  });

  async function destination(name: string): Promise<{ server: SyslogServer; settings: SiteSiem }> {
    const server = new SyslogServer({
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem,
    });
    servers.push(server);
    const port = await server.listen();
    const caPem = authority.certificatePem;
    return { server, settings: { name, host: '127.0.0.1', port, format: 'cef', caPem } };
  }

  it('begin, stay, change and end with the destinations of the site', async () => {
    const records: LedgerEntry[] = [refusedMessage(0, 'x'), refusedMessage(1, 'y')];
    const places = new Map<string, number>();
    const released: string[] = [];
    const feeds = new SiemFeeds({
      programVersion: '0.4.0',
      ledger: {
        head: async () => ok({ size: records.length, root: Buffer.alloc(32) }),
        entries: async (from, to) => ok(records.slice(from, to)),
        days: async () => ok([]),
      },
      cursors: {
        claim: async (name) => ok({ next: places.get(name) ?? 0 }),
        save: async (name, _, next) => {
          places.set(name, next);
          return ok(true);
        },
        release: async (name) => {
          released.push(name);
          return ok(undefined);
        },
      },
      node: 'gateway-1',
      retentionDays: () => 400,
      clock: systemClock,
      random: Math.random,
      heard: () => undefined,
    });
    await feeds.replace([]);
    assert.equal(feeds.statuses.size, 0);
    const one = await destination('one');
    const two = await destination('two');
    await feeds.replace([one.settings, two.settings]);
    await waitFor(() => one.server.messages.length === 2 && two.server.messages.length === 2);
    const moved = { ...two.settings, format: 'ocsf' } as const;
    await feeds.replace([{ ...one.settings }, moved]);
    await waitFor(() => two.server.messages.length === 4);
    assert.match(two.server.messages[2] ?? '', / \{"category_uid":4,/);
    assert.equal(one.server.messages.length, 2, 'who is the same goes on');
    assert.deepEqual(released, ['two']);
    places.set('one', 1).set('two', 2);
    await feeds.beginAnew();
    assert.deepEqual(released.toSorted(), ['one', 'two', 'two']);
    await waitFor(() => one.server.messages.length === 3 && feeds.statuses.get('two')?.next === 2);
    assert.equal(two.server.messages.length, 4, 'each goes on from its place that is kept');
    await feeds.replace([one.settings]);
    assert.deepEqual([...feeds.statuses.keys()], ['one']);
    assert.equal(feeds.statuses.get('one')?.next, 2);
    const { siem_destinations, siem_failing } = feeds.gauges();
    assert.deepEqual([siem_destinations, siem_failing], [1, 0]);
    await feeds.stop();
    assert.equal(feeds.statuses.size, 0);
  });

  it('say once a day what retention is about to take, and how much waits', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 21, 12));
    const records = [refusedMessage(0, 'x'), refusedMessage(1, 'y')];
    const news: FeedNews[] = [];
    let retentionDays = 400;
    const day = { day: '2026-11-15', firstIndex: 0, endIndex: 2, firstMs: 0, lastMs: 0 };
    const feeds = new SiemFeeds({
      programVersion: '0.4.0',
      ledger: {
        head: async () => ok({ size: records.length, root: Buffer.alloc(32) }),
        entries: async (from, to) => ok(records.slice(from, to)),
        days: async () => ok([{ ...day, recordBytes: 0 }]),
      },
      cursors: {
        claim: async () => ok({ next: 1 }),
        save: async () => ok(true),
        release: async () => ok(undefined),
      },
      node: 'gateway-1',
      retentionDays: () => retentionDays,
      clock,
      random: Math.random,
      heard: (one) => news.push(one),
    });
    const { server, settings } = await destination('splunk');
    server.close();
    await feeds.replace([settings]);
    await waitFor(() => news.length > 0);
    const look = async (ms: number) => {
      clock.advance(ms);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      return news.filter(({ event }) => event === 'siem-records-ending');
    };
    assert.deepEqual(await look(TEN_MINUTES_MS), []);
    const gauges = { siem_destinations: 1, siem_failing: 1, siem_waiting_records: 1 };
    assert.deepEqual(feeds.gauges(), { ...gauges, siem_days_left: 394, siem_ending: 0 });
    retentionDays = 14;
    assert.deepEqual(await look(TEN_MINUTES_MS), []);
    clock.advance(86_400_000);
    const reason = 'retention takes records of 2026-11-15, which it has not got, in 7 days';
    const said = { event: 'siem-records-ending', destination: 'splunk', reason };
    assert.deepEqual(await look(TEN_MINUTES_MS), [said]);
    assert.deepEqual(await look(TEN_MINUTES_MS), [said]);
    assert.deepEqual(feeds.gauges(), { ...gauges, siem_days_left: 7, siem_ending: 1 });
    await feeds.stop();
  });
});

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
