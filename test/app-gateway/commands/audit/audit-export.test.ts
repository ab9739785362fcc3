import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { Verification } from '@sallyport/app-gateway/ledger/verify/verification.ts';
import { ok } from '@sallyport/shared/result.ts';
import { busySite } from '../../ledger/audited-site.ts';
import { AuditBench } from './audit-bench.ts';

let audit: AuditBench;

before(async () => {
  audit = await AuditBench.open();
});

after(() => audit.close());

describe('audit export', () => {
  it('as a pack that the verifier passes', async () => {
    const verification = new Verification({ keys: audit.site.publicKeys });
    verification.push(await audit.exported({ format: 'pack' }));
    const report = verification.end();
    assert.deepEqual([report.findings, report.records, report.provenSize], [[], 430, 430]);
  });

  it('as a pack of a time', async () => {
    const from = new Date(audit.site.nowMs - 50).toISOString();
    const verification = new Verification({ keys: audit.site.publicKeys });
    verification.push(await audit.exported({ format: 'pack', from }));
    const report = verification.end();
    assert.equal(report.isGood, true, JSON.stringify(report.findings));
    assert.ok(report.records > 0 && report.records < 60 && report.from > 0);
    const none = new Verification({ keys: audit.site.publicKeys });
    none.push(await audit.exported({ format: 'pack', from: '2027-01-01' }));
    assert.deepEqual([none.end().records, none.end().to], [0, 0]);
  });

  it('as a pack of a time has whole days, whatever a search finds of them', async () => {
    const { ledger, publicKeys } = busySite(100).site;
    const noted = { firstMs: 0, lastMs: 0, recordBytes: 0 };
    const day = { day: '2026-11-21', firstIndex: 0, endIndex: ledger.list.length, ...noted };
    Object.assign(ledger, { days: async () => ok([day]), search: async () => ok([]) });
    audit.useLedger({ reader: ledger, keys: publicKeys });
    const span = { from: '2026-11-21T23:00:00Z', to: '2026-11-21T23:30:00Z' };
    const verification = new Verification({ keys: publicKeys });
    verification.push(await audit.exported({ format: 'pack', ...span }));
    assert.equal(verification.end().records, ledger.list.length);
    assert.equal((await audit.exported({ format: 'jsonl', ...span })).length, 0);
    audit.useOwnLedger();
  });

  it('as JSON lines, one a record', async () => {
    const lines = (await audit.exported({ format: 'jsonl' })).toString().trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as EntryView).index),
      audit.site.ledger.list.map(({ index }) => index),
    );
  });

  it('as CSV with one heading', async () => {
    const lines = (await audit.exported({ format: 'csv' })).toString().trimEnd().split('\r\n');
    assert.equal(lines.length, 431);
    assert.equal(lines.filter((line) => line.startsWith('index,')).length, 1);
  });

  it('in RFC 6873, each request before its answer', async () => {
    const text = (await audit.exported({ format: 'rfc6873' })).toString();
    const lines = text
      .trimEnd()
      .split('\n')
      .filter((_, at) => at % 2 === 1);
    assert.equal(lines.length, 401);
    assert.match(lines[0] ?? '', /\tRORTE\t0 MESSAGE\t-\tsip:bob/);
    assert.match(
      lines[1] ?? '',
      /\trOSTE\t0 MESSAGE\t200\t-\t192.0.2.7:40000\t198.51.100.1:5061\t/,
    );
  });

  it('refuses an unknown format, and a pack while nothing is signed', async () => {
    assert.equal(
      await audit.bench.refused(['audit', 'export'], { format: 'xml', out: true }),
      'parameters-wrong',
    );
    const fresh = busySite(0).site;
    fresh.ledger.stored.splice(0);
    audit.useLedger({ reader: fresh.ledger, keys: fresh.publicKeys });
    assert.equal(
      await audit.bench.refused(['audit', 'export'], { format: 'pack', out: true }),
      'record-not-signed',
    );
    audit.useOwnLedger();
  });
});
