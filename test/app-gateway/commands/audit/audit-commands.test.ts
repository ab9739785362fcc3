import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  auditProof,
  type InclusionProof,
  isProven,
} from '@sallyport/app-gateway/commands/audit/audit-proof.ts';
import { auditReport } from '@sallyport/app-gateway/commands/audit/audit-report.ts';
import { auditShow } from '@sallyport/app-gateway/commands/audit/audit-show.ts';
import { auditStats } from '@sallyport/app-gateway/commands/audit/audit-stats.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import type { LedgerStatistics } from '@sallyport/app-gateway/ledger/ledger-statistics.ts';
import {
  emptyReport,
  type PartnerReport,
  withRecords,
} from '@sallyport/app-gateway/ledger/partner-report.ts';
import { entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { Verification } from '@sallyport/app-gateway/ledger/verify/verification.ts';
import { parseLogProof } from '@sallyport/shared/audit/log-proof.ts';
import { parseNote, verifyNote } from '@sallyport/shared/audit/note.ts';
import { parseNoteKey } from '@sallyport/shared/audit/note-key.ts';
import { err } from '@sallyport/shared/result.ts';
import { entryOf } from '../../adapters/syslog/siem-records.ts';
import { AuditBench } from './audit-bench.ts';

let audit: AuditBench;

before(async () => {
  audit = await AuditBench.open();
});

after(() => audit.close());

describe('audit show', () => {
  it('draws the request, its answer and the refusal', async () => {
    const answered = await audit.bench.ask(['audit', 'show'], {
      callId: 'call-7@globex.example',
      svg: true,
    });
    const text = auditShow.text(answered.answer as never);
    assert.match(text, /globex/);
    assert.match(text, /=+ MESSAGE sip:bob@acme.example =+>/);
    assert.match(text, /<-+ 200 \(MESSAGE\) after 1 ms -+/);
    assert.match(text, /INVITE refused: 403 domain-foreign =+X/);
    const [file] = auditShow.files?.(answered.answer as never) ?? [];
    assert.match(file?.text ?? '', /^<svg [^>]*>[\s\S]*<\/svg>\n$/);
  });

  it('writes no picture where none was asked for, and refuses what is not there', async () => {
    const answered = await audit.bench.ask(['audit', 'show'], { callId: 'call-7@globex.example' });
    assert.deepEqual(auditShow.files?.(answered.answer as never), []);
    assert.equal(
      await audit.bench.refused(['audit', 'show'], { callId: 'no\u202ebody' }),
      'call-unknown',
    );
  });
});

describe('audit report', () => {
  it('counts a partner’s month', async () => {
    const [page] = await audit.pages<{ report: PartnerReport }>(auditReport as AnyCommand, {
      partner: 'globex',
      month: '2026-11',
      out: true,
    });
    const { report } = page as { report: PartnerReport };
    assert.deepEqual(report.received, { MESSAGE: 200 });
    assert.deepEqual(report.answers, { 200: 200 });
    assert.deepEqual(report.refusals, { 'domain-foreign': 1 });
    assert.deepEqual(report.connections, { opened: 1 });
    assert.equal(report.certificates[0]?.fingerprint, 'ab'.repeat(32));
    assert.equal(report.hours[20 * 24 + 8], 201);
    const [file] = auditReport.files?.(page as never) ?? [];
    assert.match(file?.text ?? '', /<title>globex, 2026-11<\/title>/);
    assert.doesNotMatch(file?.text ?? '', /<script|https?:\/\/(?!www\.w3\.org)/);
    assert.match(
      auditReport.text(page as never),
      /busiest hour: 2026-11-21T08:00 UTC, 201 messages/,
    );
  });

  it('counts what gateways refused, by rule', () => {
    const refused = { partner: 'globex', rule: 'no-open-relay', verdict: 'refused' };
    const views = [
      entryView(entryOf(1, 'policy-decision', refused)),
      entryView(entryOf(2, 'policy-decision', { ...refused, verdict: 'allowed' })),
    ];
    const report = withRecords(emptyReport('globex', '2026-11'), views, []);
    assert.deepEqual([report.records, report.refusals], [2, { 'no-open-relay': 1 }]);
  });

  it('of another month is empty', async () => {
    const [page] = await audit.pages<{ report: PartnerReport }>(auditReport as AnyCommand, {
      partner: 'globex',
      month: '2026-02',
      out: true,
    });
    assert.equal(page?.report.records, 0);
    assert.equal(page?.report.hours.length, 28 * 24);
    assert.equal(
      await audit.bench.refused(['audit', 'report'], {
        partner: 'globex',
        month: '2026-13',
        out: true,
      }),
      'parameters-wrong',
    );
  });
});

describe('audit proof', () => {
  for (const index of [0, 1, 255, 256, 429]) {
    it(`record ${index} is proven, and no other in its place`, async () => {
      const proof = await audit.bench.done<InclusionProof>(['audit', 'proof'], { index });
      assert.ok(isProven(proof));
      assert.equal(auditProof.isBad?.(proof), false);
      assert.ok(!isProven({ ...proof, index: index === 0 ? 1 : index - 1 }));
      assert.ok(!isProven({ ...proof, record: Buffer.from('x').toString('base64') }));
      assert.ok(!isProven({ ...proof, size: proof.size - 1 }));
      assert.ok(!isProven({ ...proof, checkpoint: 'none' }));
      assert.match(auditProof.text({ ...proof, path: [] }), /NOT PROVEN/);
    });
  }

  it('is a file as well, which has the same in it', async () => {
    const asked = { index: 7, out: true };
    const proof = await audit.bench.done<InclusionProof>(['audit', 'proof'], asked);
    const [file] = proof.files;
    const { index, record, path, checkpoint } = parseLogProof(file?.text ?? '') ?? {};
    assert.equal(index, 7);
    assert.equal(record?.toString('base64'), proof.record);
    assert.deepEqual(
      path?.map((hash) => Buffer.from(hash).toString('base64')),
      proof.path,
    );
    assert.equal(checkpoint, proof.checkpoint);
  });

  it('is to the newest tree that a witness has signed, where one covers the record', async () => {
    const sizes = async () =>
      Promise.all(
        [0, 429].map(async (index) => {
          const proof = await audit.bench.done<InclusionProof>(['audit', 'proof'], { index });
          return [proof.size, /\u2014 edge-1 /.test(proof.checkpoint)];
        }),
      );
    const { stored } = audit.site.ledger;
    const [newest] = stored.splice(-1);
    assert.ok(newest !== undefined);
    const before = stored.at(-1)?.size ?? 0;
    assert.ok(before < 429);
    stored.push({ ...newest, cosignatures: {} });
    assert.deepEqual(await sizes(), [
      [before, true],
      [430, false],
    ]);
    stored.splice(-1, 1, newest);
    assert.deepEqual(await sizes(), [
      [430, true],
      [430, true],
    ]);
  });

  it('refuses what is not there, what no checkpoint covers, and what is gone', async () => {
    const codes: [number, string][] = [
      [430, 'record-unknown'],
      [431, 'record-unknown'],
    ];
    for (const [index, code] of codes) {
      assert.equal(await audit.bench.refused(['audit', 'proof'], { index }), code);
    }
    const { stored } = audit.site.ledger;
    const signed = stored.splice(-1);
    assert.equal(
      await audit.bench.refused(['audit', 'proof'], { index: 429 }),
      'record-not-signed',
    );
    stored.push(...signed);
    audit.site.ledger.dropped.push({
      day: '2026-11-21',
      firstIndex: 0,
      endIndex: 3,
      firstMs: 0,
      lastMs: 0,
      recordBytes: 0,
      droppedAtMs: 1,
    });
    assert.equal(await audit.bench.refused(['audit', 'proof'], { index: 2 }), 'record-gone');
    audit.site.ledger.dropped.splice(0);
  });
});

describe('audit stats and keys', () => {
  it('tell the head, types, tails and witnesses', async () => {
    audit.proxy.write('clock-stepped', { expectedMs: 1n });
    const statistics = await audit.bench.done<LedgerStatistics>(['audit', 'stats'], {});
    assert.equal(statistics.size, 431);
    assert.deepEqual(statistics.checkpoint?.witnesses, ['edge-1', 'edge-2']);
    assert.equal(statistics.witnessedSize, 430);
    assert.equal(statistics.types['message-admitted'], 200);
    assert.deepEqual(statistics.unsealed, [{ source: 'edge-1/0/0000000000000011', records: 1 }]);
    assert.equal(
      Object.values(statistics.types).reduce((sum, records) => sum + records, 0),
      431,
    );
    assert.match(auditStats.text(statistics), /\nof all records: message-a/);
    assert.match(auditStats.text(statistics), /not sealed yet: edge-1\/0\/0000000000000011 1/);
  });

  it('count types of a time in whole hours, and say which', async () => {
    const { nowMs } = audit.site;
    const hour = Math.floor(nowMs / 3_600_000) * 3_600_000;
    const iso = (ms: number) => new Date(ms).toISOString();
    const of = (given: Readonly<Record<string, string>>) =>
      audit.bench.done<LedgerStatistics>(['audit', 'stats'], given);
    const all = await of({ from: iso(hour + 1), to: iso(hour + 2) });
    assert.deepEqual(all.hours, { fromMs: hour, untilMs: hour + 3_600_000 });
    assert.equal(all.types['message-admitted'], 200);
    assert.match(
      auditStats.text(all),
      new RegExp(
        `\nof the hours from ${iso(hour).slice(0, 16)}.* to ${iso(hour + 3_600_000).slice(0, 16)}`,
      ),
    );
    const later = await of({ from: iso(hour + 3_600_000) });
    assert.deepEqual([later.types, later.hours], [{}, { fromMs: hour + 3_600_000 }]);
    const before = await of({ to: iso(hour) });
    assert.deepEqual([before.types, before.hours], [{}, { untilMs: hour }]);
    assert.equal(
      await audit.bench.refused(['audit', 'stats'], { from: 'soon' }),
      'parameters-wrong',
    );
  });

  it('keys and checkpoint are what the verifier takes', async () => {
    const { files } = await audit.bench.done<{ files: { name: string; text: string }[] }>(
      ['audit', 'keys'],
      {},
    );
    const [keys, checkpoint, verifierKeys] = files;
    assert.deepEqual(JSON.parse(keys?.text ?? ''), audit.site.publicKeys);
    const known = (verifierKeys?.text ?? '').split('\n').slice(0, -1).map(parseNoteKey);
    assert.deepEqual(
      known.map((key) => key && [key.name, key.type]),
      [['sallyport/acme', 1], ...['edge-1', 'edge-2', 'gateway-1'].map((node) => [node, 4])],
    );
    const note = parseNote(Buffer.from(checkpoint?.text ?? ''));
    assert.ok(note.ok && known[0] !== undefined && verifyNote(note.value, [known[0]]).ok);
    const verification = new Verification({
      keys: audit.site.publicKeys,
      knownCheckpoint: checkpoint?.text ?? '',
    });
    verification.push(await audit.exported({ format: 'pack' }));
    assert.deepEqual(verification.end().findings, []);
  });
});

describe('a gateway without a ledger, or whose database is away', () => {
  const commands: readonly (readonly [string, Record<string, unknown>])[] = [
    ['search', {}],
    ['show', { callId: 'x' }],
    ['report', { partner: 'globex', month: '2026-11', out: true }],
    ['export', { format: 'csv', out: true }],
    ['proof', { index: 0 }],
    ['compare', {}],
    ['stats', {}],
    ['keys', {}],
  ];
  for (const [name, parameters] of commands) {
    it(`audit ${name} says so`, async () => {
      audit.useLedger(undefined);
      assert.equal(await audit.bench.refused(['audit', name], parameters), 'ledger-off');
      const away = () =>
        Promise.resolve(err({ code: 'unavailable' as const, reason: 'no connection' }));
      const reader = {
        head: away,
        entries: away,
        told: away,
        search: away,
        referring: away,
        streams: away,
        tile: away,
        checkpoints: away,
        days: away,
        searched: { standing: away, rows: away, noted: away },
        typeCounts: away,
        holds: away,
      };
      audit.useLedger({ reader, keys: audit.site.publicKeys });
      assert.equal(await audit.bench.refused(['audit', name], parameters), 'store-unavailable');
      audit.useOwnLedger();
    });
  }
});
