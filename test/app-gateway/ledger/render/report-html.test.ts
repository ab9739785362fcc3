import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  emptyReport,
  joinedReports,
  type PartnerReport,
  withRecords,
} from '@sallyport/app-gateway/ledger/partner-report.ts';
import { reportHtml } from '@sallyport/app-gateway/ledger/render/report-html.ts';
import { reportText } from '@sallyport/app-gateway/ledger/render/report-text.ts';

const SEEN_MS = Date.UTC(2026, 10, 21, 8, 5);
const REPORT = {
  ...emptyReport('globex', '2026-11'),
  records: 3,
  received: { MESSAGE: 2 },
  certificates: [
    {
      fingerprint: '0123456789abcdef'.repeat(2),
      names: 'a.example',
      firstMs: SEEN_MS,
      lastMs: SEEN_MS,
      connections: 7,
    },
  ],
};

describe('the report of a month as a page', () => {
  const during = reportHtml(REPORT, 'sallyport/acme', Date.UTC(2026, 10, 22));

  it('says of which ledger and which days it is, and when it was made', () => {
    assert.ok(
      during.includes('Audit ledger sallyport/acme, 2026-11-01 to 2026-11-30 (UTC), a month that'),
    );
    assert.ok(during.includes('Made 2026-11-22T00:00:00.000Z from the records of the ledger'));
  });

  it('says nothing of a month that is not over once it is', () => {
    const after = reportHtml(REPORT, 'sallyport/acme', Date.UTC(2026, 11, 1));
    assert.ok(after.includes('2026-11-01 to 2026-11-30 (UTC).<br>'));
    const before = reportHtml(REPORT, 'sallyport/acme', Date.UTC(2026, 11, 1) - 1);
    assert.ok(before.includes('a month that is not over'));
  });

  it('puts the heading of numbers above them, and breaks no time', () => {
    assert.match(during, /<th class="number">count<\/th>[\s\S]*<td class="number">2<\/td>/);
    assert.match(during, /<th class="number">connections<\/th>[\s\S]*<td class="number">7<\/td>/);
    assert.ok(during.includes('<td class="time">2026-11-21 08:05</td>'));
  });

  it('counts among the refusals what a gateway refused, by its rule', () => {
    const decision = (verdict: string, index: number) => ({
      ...{ index, node: 'gateway-1', worker: 0, epoch: '1', seq: index },
      ...{ type: 'policy-decision', timeMs: SEEN_MS, fields: { verdict, rule: 'community-down' } },
    });
    const { refusals } = withRecords(REPORT, [decision('refused', 1), decision('allowed', 2)], []);
    assert.deepEqual(refusals, { 'community-down': 1 });
  });

  it('counts among the answers one that went over another connection than its request', () => {
    const sent = (index: number, fields: Record<string, string | number>) => ({
      ...{ index, node: 'edge-1', worker: 0, epoch: '1', seq: index },
      ...{ type: 'message-sent', timeMs: SEEN_MS, fields },
    });
    const views = [sent(1, { method: 'BYE' }), sent(2, { status: 486 })];
    const report = withRecords(emptyReport('globex', '2026-11'), views, []);
    assert.deepEqual([report.sent, report.answers], [{ BYE: 1 }, { 486: 1 }]);
  });

  it('says how much its lists had no room for, in one piece or in parts', () => {
    const record = (index: number, type: string, fields: Record<string, string>) => ({
      ...{
        index,
        node: 'edge-1',
        worker: 0,
        epoch: '1',
        seq: index,
        type,
        timeMs: SEEN_MS,
        fields,
      },
    });
    const connections = Array.from({ length: 104 }, (_, at) =>
      record(at, 'connection-opened', { certificate: `c${Math.min(at, 101)}`, names: 'a.example' }),
    );
    const changes = Array.from({ length: 103 }, (_, at) =>
      record(200 + at, 'partner-changed', { author: 'ann', command: 'partner-severed' }),
    );
    const empty = emptyReport('globex', '2026-11');
    const whole = withRecords(empty, [...connections, ...changes], []);
    const parts = joinedReports(
      withRecords(empty, [...connections.slice(0, 60), ...changes.slice(0, 60)], []),
      withRecords(empty, [...connections.slice(60), ...changes.slice(60)], []),
    );
    const page = (report: PartnerReport) => reportHtml(report, 'sallyport/acme', SEEN_MS);
    for (const report of [whole, parts]) {
      assert.deepEqual(report.omitted, { connections: 4, changes: 3 });
      assert.match(page(report), /and 4 connections with certificates that are not listed/);
      assert.match(page(report), /and 3 changes that are not listed/);
      assert.match(reportText(report), /^certificates seen: 100, and others in 4 connections$/m);
    }
    assert.doesNotMatch(page(REPORT), /not listed/);
  });

  it('breaks long names and fingerprints where they have parts, so that no column is cut off on paper', () => {
    assert.match(during, /<td class="names">a\.<wbr>example<\/td>/);
    assert.match(during, /<td class="mono">0123456789abcdef<wbr>0123456789abcdef<\/td>/);
    assert.match(during, /td\.names \{ overflow-wrap: anywhere; min-width: 8em \}/);
  });
});
