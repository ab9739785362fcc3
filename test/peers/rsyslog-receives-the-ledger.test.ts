import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SiemFeed } from '@sallyport/app-gateway/adapters/syslog/siem-feed.ts';
import { openSyslog } from '@sallyport/app-gateway/adapters/syslog/syslog-sender.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { ok } from '@sallyport/shared/result.ts';
import { HOSTILE, refusedMessage } from '../app-gateway/adapters/syslog/siem-records.ts';
import { needs } from './support/available.ts';
import { RSYSLOG_NAME, Rsyslog } from './support/rsyslog.ts';
import { until } from './support/wait.ts';

const { skip } = needs('rsyslogd');
const RECORDS = 1000;
const ALL_MS = 60_000;
/** As rsyslog's own parser of RFC 5424 took a message apart. */
const LINE =
  /^108\|2026-11-21T08:26:54\.123Z\|edge-1\|sallyport\|2\|message-refused\|\[sallyport@32473 index="(\d+)" node="edge-1" worker="2" epoch="1122334455667788" seq="(\d+)"\]\|\ufeff?(.*)$/u;

function hostileEntry(index: number): LedgerEntry {
  return refusedMessage(index, HOSTILE[index % HOSTILE.length]?.[1] ?? '');
}

describe('rsyslog receives the ledger', { skip, timeout: 180_000 }, () => {
  let rsyslog: Rsyslog;
  before(async () => {
    rsyslog = await Rsyslog.open();
  });
  after(async () => {
    await rsyslog.close();
  });

  const server = (over: object = {}) => ({
    host: rsyslog.host,
    port: rsyslog.port,
    serverName: RSYSLOG_NAME,
    caPem: rsyslog.caPem,
    identity: rsyslog.identity,
    ...over,
  });

  for (const format of ['cef', 'ocsf'] as const) {
    it(`1,000 records with hostile values in ${format}, over a restart in their midst: one line each, none lost`, async () => {
      const before = rsyslog.lines.length;
      const records: LedgerEntry[] = [];
      const news: string[] = [];
      const feed = new SiemFeed({
        name: format,
        format,
        programVersion: '0.4.0',
        ledger: {
          head: async () => ok({ size: records.length, root: Buffer.alloc(32) }),
          entries: async (from, to) => ok(records.slice(from, to)),
          days: async () => ok([]),
        },
        cursors: {
          claim: async () => ok({ next: 0 }),
          save: async () => ok(true),
          release: async () => ok(undefined),
        },
        open: () => openSyslog(server(), systemClock),
        node: 'gateway-1',
        windowMs: 800,
        clock: systemClock,
        random: Math.random,
        heard: ({ event }) => news.push(event),
      });
      const indexes = (): ReadonlySet<number> =>
        new Set(rsyslog.lines.slice(before).map((line) => Number(LINE.exec(line)?.[1])));
      feed.start();
      const growing = setInterval(() => {
        for (let added = 0; added < 20 && records.length < RECORDS; added++) {
          records.push(hostileEntry(records.length));
        }
      }, 40);
      try {
        await until('a third to arrive', ALL_MS, () => indexes().size > RECORDS / 3 || undefined);
        await rsyslog.stop();
        await until('records that have to wait', ALL_MS, () => records.length > 700 || undefined);
        await rsyslog.start();
        await until('all to arrive', ALL_MS, () => indexes().size >= RECORDS || undefined);
        await until(
          'all to be confirmed',
          ALL_MS,
          () => feed.status.confirmed === RECORDS || undefined,
        );
      } finally {
        clearInterval(growing);
        await feed.stop();
      }
      assert.ok(news.length >= 2, 'the restart was not noticed');
      assert.equal(news.at(-1), 'siem-delivers');
      const texts = new Map<number, string>();
      for (const line of rsyslog.lines.slice(before)) {
        const [, index, seq, text = ''] = LINE.exec(line) ?? [];
        assert.ok(index !== undefined, `no message of ours: ${JSON.stringify(line)}`);
        assert.equal(index, seq);
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        assert.equal(texts.get(Number(index)) ?? text, text, 'a repeated message is the same');
        texts.set(Number(index), text);
        if (format === 'cef')
          assert.match(text, /^CEF:0\|Sallyport\|.* act=denied .*src=192\.0\.2\.7 /);
        else assert.equal(JSON.parse(text).metadata.sequence, Number(index));
      }
      assert.deepEqual(
        [...texts.keys()].sort((a, b) => a - b),
        records.map(({ index }) => index),
      );
    });
  }

  it('is not spoken to when its certificate is for another name', async () => {
    const refused = await openSyslog(server({ serverName: 'other.home.internal' }), systemClock);
    assert.equal(!refused.ok && refused.error.reason, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('does not count what a server did not let in', async () => {
    const stranger = await openSyslog(server({ identity: undefined }), systemClock);
    assert.ok(!stranger.ok || (await isLost(stranger.value)));
  });

  async function isLost(sender: { write(octets: Buffer): Promise<{ ok: boolean }> }) {
    return await until('the connection to be closed', 5000, async () =>
      (await sender.write(Buffer.from('5 <14>1'))).ok ? undefined : true,
    );
  }
});
