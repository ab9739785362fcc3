import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditExport } from '@sallyport/app-gateway/commands/audit-export.ts';
import {
  auditProof,
  type InclusionProof,
  isProven,
} from '@sallyport/app-gateway/commands/audit-proof.ts';
import { auditReport } from '@sallyport/app-gateway/commands/audit-report.ts';
import { auditSearch } from '@sallyport/app-gateway/commands/audit-search.ts';
import { auditShow } from '@sallyport/app-gateway/commands/audit-show.ts';
import { auditStats } from '@sallyport/app-gateway/commands/audit-stats.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import type { LedgerAccess } from '@sallyport/app-gateway/commands/command-context.ts';
import type { PartnerReport } from '@sallyport/app-gateway/ledger/partner-report.ts';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { Verification } from '@sallyport/app-gateway/ledger/verify/verification.ts';
import { err } from '@sallyport/shared/result.ts';
import {
  type AuditedSite,
  busySite,
  exchange,
  type RecordingSource,
} from '../ledger/audited-site.ts';
import { CommandBench } from './command-bench.ts';

interface Found {
  readonly entries: readonly EntryView[];
  readonly before?: number;
  readonly after?: number;
}

interface Exported {
  readonly bytes: string;
  readonly place?: unknown;
}

let bench: CommandBench;
let site: AuditedSite;
let proxy: RecordingSource;

function withLedger(ledger: LedgerAccess | undefined): void {
  Object.assign(bench.context, { ledger });
}

before(async () => {
  bench = await CommandBench.open();
  const busy = busySite(200);
  ({ site } = busy);
  proxy = busy.sources[1] as RecordingSource;
  proxy.write('message-refused', {
    partner: 'globex',
    code: 'domain-foreign',
    status: 403,
    method: 'INVITE',
    callId: 'call-7@globex.example',
    from: 'sip:mallory@globex.example',
    to: 'sip:bob@acme.example',
    source: '192.0.2.66',
  });
  proxy.write('connection-opened', {
    connection: 3,
    partner: 'globex',
    certificate: Buffer.alloc(32, 0xab),
    names: ['sip.globex.example'],
    source: '192.0.2.7',
  });
  proxy.seal();
  site.checkpoint();
  withLedger({ reader: site.ledger, keys: site.publicKeys });
});

after(() => bench.close());

/** All pages of a command, as the command line asks for them. */
async function pagesOf<T>(
  command: AnyCommand,
  parameters: Record<string, unknown>,
): Promise<readonly T[]> {
  const pages: T[] = [];
  let asked: unknown = parameters;
  for (;;) {
    const answered = await bench.ask(
      command.words as [string, string],
      asked as Record<string, unknown>,
    );
    assert.ok(answered.ok, JSON.stringify(answered.error));
    pages.push(answered.answer as T);
    const next = command.pages?.next(asked, answered.answer);
    if (next === undefined) return pages;
    asked = next.parameters;
  }
}

async function exported(parameters: Record<string, unknown>): Promise<Buffer> {
  const pages = await pagesOf<Exported>(auditExport as AnyCommand, { out: true, ...parameters });
  return Buffer.concat(pages.map(({ bytes }) => Buffer.from(bytes, 'base64')));
}

describe('audit search', () => {
  const rows: readonly (readonly [string, Record<string, unknown>, number])[] = [
    ['by Call-ID', { callId: 'call-3@globex.example' }, 1],
    ['by user, however written', { user: 'sip:Mallory@GLOBEX.example;tag=1' }, 0],
    ['by user', { user: 'mallory@GLOBEX.example' }, 1],
    ['by source', { source: '192.0.2.66' }, 1],
    ['by verdict', { verdict: 'domain-foreign' }, 1],
    ['by type', { type: ['ledger-opened', 'message-refused'] }, 2],
    ['by status', { status: 403 }, 1],
    ['by partner, a page', { partner: 'globex' }, 50],
    ['by partner, a large page', { partner: 'globex', limit: 1000 }, 202],
    ['nothing', { partner: 'nobody' }, 0],
    ['a time before all', { to: '2026-11-21T08:00:00Z' }, 0],
    ['a time from the first', { from: '2026-11-21T08:00:00Z', limit: 1000 }, 430],
    ['all that is given must hold', { callId: 'call-7@globex.example', status: 403 }, 1],
  ];
  for (const [name, parameters, count] of rows) {
    it(`${name}: ${count}`, async () => {
      const { entries } = await bench.done<Found>(['audit', 'search'], parameters);
      assert.equal(entries.length, count);
    });
  }

  it('pages by index, newest first, without holes or repeats', async () => {
    const indexes: number[] = [];
    let cursor: number | undefined;
    do {
      const parameters = { limit: 60, ...(cursor !== undefined && { before: cursor }) };
      const page = await bench.done<Found>(['audit', 'search'], parameters);
      indexes.push(...page.entries.map(({ index }) => index));
      cursor = page.before;
    } while (cursor !== undefined);
    assert.deepEqual(indexes, site.ledger.list.map(({ index }) => index).toReversed());
  });

  it('follows: the newest ones, then what comes', async () => {
    const command = auditSearch as AnyCommand;
    const asked = { follow: true, limit: 5, partner: 'globex' };
    const first = await bench.ask(['audit', 'search'], asked);
    const { entries } = first.answer as Found;
    assert.deepEqual(
      entries.map(({ index }) => index),
      entries.map(({ index }) => index).toSorted((a, b) => a - b),
    );
    const next = command.pages?.next(asked, first.answer);
    assert.ok(next !== undefined && next.afterMs > 0);
    const nothing = await bench.ask(
      ['audit', 'search'],
      next.parameters as Record<string, unknown>,
    );
    assert.equal(command.text(nothing.answer), '');
    const other = busySite(0).site;
    withLedger({ reader: other.ledger, keys: other.publicKeys });
    const source = other.source('edge-1', 0, 1n).open();
    const start = other.ledger.list.length - 1;
    for (let number = 0; number < 7; number++) exchange(source, number);
    const seen: number[] = [];
    let parameters: unknown = { follow: true, limit: 5, partner: 'globex', after: start };
    let waitMs = 0;
    do {
      const page = await bench.ask(['audit', 'search'], parameters as Record<string, unknown>);
      seen.push(...(page.answer as Found).entries.map(({ index }) => index));
      const more = command.pages?.next(parameters, page.answer);
      parameters = more?.parameters;
      waitMs = more?.afterMs ?? 0;
    } while (waitMs === 0);
    assert.equal(seen.length, 7);
    assert.equal(new Set(seen).size, 7);
    withLedger({ reader: site.ledger, keys: site.publicKeys });
  });

  it('refuses what is no time, type or address', async () => {
    const wrong = [
      { from: 'soon' },
      { type: ['none'] },
      { source: 'x' },
      { limit: 0 },
      { limit: 1001 },
    ];
    for (const parameters of wrong)
      assert.equal(await bench.refused(['audit', 'search'], parameters), 'parameters-wrong');
  });
});

describe('audit show', () => {
  it('draws the request, its answer and the refusal', async () => {
    const answered = await bench.ask(['audit', 'show'], {
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
    const answered = await bench.ask(['audit', 'show'], { callId: 'call-7@globex.example' });
    assert.deepEqual(auditShow.files?.(answered.answer as never), []);
    assert.equal(
      await bench.refused(['audit', 'show'], { callId: 'no\u202ebody' }),
      'call-unknown',
    );
  });
});

describe('audit report', () => {
  it('counts a partner’s month', async () => {
    const [page] = await pagesOf<{ report: PartnerReport }>(auditReport as AnyCommand, {
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

  it('of another month is empty', async () => {
    const [page] = await pagesOf<{ report: PartnerReport }>(auditReport as AnyCommand, {
      partner: 'globex',
      month: '2026-02',
      out: true,
    });
    assert.equal(page?.report.records, 0);
    assert.equal(page?.report.hours.length, 28 * 24);
    assert.equal(
      await bench.refused(['audit', 'report'], { partner: 'globex', month: '2026-13', out: true }),
      'parameters-wrong',
    );
  });
});

describe('audit export', () => {
  it('as a pack that the verifier passes', async () => {
    const verification = new Verification({ keys: site.publicKeys });
    verification.push(await exported({ format: 'pack' }));
    const report = verification.end();
    assert.deepEqual([report.findings, report.records, report.provenSize], [[], 430, 430]);
  });

  it('as a pack of a time', async () => {
    const from = new Date(site.nowMs - 50).toISOString();
    const verification = new Verification({ keys: site.publicKeys });
    verification.push(await exported({ format: 'pack', from }));
    const report = verification.end();
    assert.equal(report.isGood, true, JSON.stringify(report.findings));
    assert.ok(report.records > 0 && report.records < 60 && report.from > 0);
    const none = new Verification({ keys: site.publicKeys });
    none.push(await exported({ format: 'pack', from: '2027-01-01' }));
    assert.deepEqual([none.end().records, none.end().to], [0, 0]);
  });

  it('as JSON lines, one a record', async () => {
    const lines = (await exported({ format: 'jsonl' })).toString().trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as EntryView).index),
      site.ledger.list.map(({ index }) => index),
    );
  });

  it('as CSV with one heading', async () => {
    const lines = (await exported({ format: 'csv' })).toString().trimEnd().split('\r\n');
    assert.equal(lines.length, 431);
    assert.equal(lines.filter((line) => line.startsWith('index,')).length, 1);
  });

  it('in RFC 6873, each request before its answer', async () => {
    const text = (await exported({ format: 'rfc6873' })).toString();
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
      await bench.refused(['audit', 'export'], { format: 'xml', out: true }),
      'parameters-wrong',
    );
    const fresh = busySite(0).site;
    fresh.ledger.stored.splice(0);
    withLedger({ reader: fresh.ledger, keys: fresh.publicKeys });
    assert.equal(
      await bench.refused(['audit', 'export'], { format: 'pack', out: true }),
      'record-not-signed',
    );
    withLedger({ reader: site.ledger, keys: site.publicKeys });
  });
});

describe('audit proof', () => {
  for (const index of [0, 1, 255, 256, 429]) {
    it(`record ${index} is proven, and no other in its place`, async () => {
      const proof = await bench.done<InclusionProof>(['audit', 'proof'], { index });
      assert.ok(isProven(proof));
      assert.equal(auditProof.isBad?.(proof), false);
      assert.ok(!isProven({ ...proof, index: index === 0 ? 1 : index - 1 }));
      assert.ok(!isProven({ ...proof, record: Buffer.from('x').toString('base64') }));
      assert.ok(!isProven({ ...proof, size: proof.size - 1 }));
      assert.ok(!isProven({ ...proof, checkpoint: 'none' }));
      assert.match(auditProof.text({ ...proof, path: [] }), /NOT PROVEN/);
    });
  }

  it('refuses what no checkpoint covers, and what is gone', async () => {
    assert.equal(await bench.refused(['audit', 'proof'], { index: 430 }), 'record-not-signed');
    site.ledger.dropped.push({
      day: '2026-11-21',
      firstIndex: 0,
      endIndex: 3,
      firstMs: 0,
      lastMs: 0,
      recordBytes: 0,
      droppedAtMs: 1,
    });
    assert.equal(await bench.refused(['audit', 'proof'], { index: 2 }), 'record-gone');
    site.ledger.dropped.splice(0);
  });
});

describe('audit stats and keys', () => {
  it('tell the head, types, tails and witnesses', async () => {
    proxy.write('clock-stepped', { expectedMs: 1n });
    const statistics = await bench.done<ReturnType<typeof JSON.parse>>(['audit', 'stats'], {});
    assert.equal(statistics.size, 431);
    assert.deepEqual(statistics.checkpoint.witnesses, ['edge-1', 'edge-2']);
    assert.equal(statistics.witnessedSize, 430);
    assert.equal(statistics.types['message-admitted'], 200);
    assert.deepEqual(statistics.unsealed, [{ source: 'edge-1/0/0000000000000011', records: 1 }]);
    assert.match(auditStats.text(statistics), /not sealed yet: edge-1\/0\/0000000000000011 1/);
  });

  it('keys and checkpoint are what the verifier takes', async () => {
    const { files } = await bench.done<{ files: { name: string; text: string }[] }>(
      ['audit', 'keys'],
      {},
    );
    const [keys, checkpoint] = files;
    assert.deepEqual(JSON.parse(keys?.text ?? ''), site.publicKeys);
    const verification = new Verification({
      keys: site.publicKeys,
      knownCheckpoint: checkpoint?.text ?? '',
    });
    verification.push(await exported({ format: 'pack' }));
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
    ['stats', {}],
    ['keys', {}],
  ];
  for (const [name, parameters] of commands) {
    it(`audit ${name} says so`, async () => {
      withLedger(undefined);
      assert.equal(await bench.refused(['audit', name], parameters), 'ledger-off');
      const away = () =>
        Promise.resolve(err({ code: 'unavailable' as const, reason: 'no connection' }));
      const reader = {
        head: away,
        entries: away,
        search: away,
        referring: away,
        streams: away,
        tile: away,
        checkpoints: away,
        days: away,
        holds: away,
      };
      withLedger({ reader, keys: site.publicKeys });
      assert.equal(await bench.refused(['audit', name], parameters), 'store-unavailable');
      withLedger({ reader: site.ledger, keys: site.publicKeys });
    });
  }
});
