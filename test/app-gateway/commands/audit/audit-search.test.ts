import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditSearch } from '@sallyport/app-gateway/commands/audit/audit-search.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { busySite, exchange } from '../../ledger/audited-site.ts';
import { AuditBench } from './audit-bench.ts';

let audit: AuditBench;

before(async () => {
  audit = await AuditBench.open();
});

after(() => audit.close());

interface Found {
  readonly entries: readonly EntryView[];
  readonly before?: number;
  readonly after?: number;
}

describe('audit search', () => {
  const rows: readonly (readonly [string, Record<string, unknown>, number])[] = [
    ['by Call-ID', { callId: 'call-3@globex.example' }, 1],
    ['by user, however written', { user: 'sip:Mallory@GLOBEX.example;tag=1' }, 0],
    ['by user', { user: 'mallory@GLOBEX.example' }, 1],
    ['by source', { source: '192.0.2.66' }, 1],
    ['by source, however written', { source: '::FFFF:C000:242' }, 1],
    ['by verdict', { verdict: 'domain-foreign' }, 1],
    ['by type', { type: ['ledger-opened', 'message-refused'] }, 2],
    ['by status', { status: 403 }, 1],
    ['by partner, a page', { partner: 'globex' }, 50],
    ['by partner, a large page', { partner: 'globex', limit: 1000 }, 202],
    ['nothing', { partner: 'nobody' }, 0],
    ['a time before all', { to: '2026-11-21T08:00:00Z' }, 0],
    ['a time from the first', { from: '2026-11-21T08:00:00Z', limit: 1000 }, 430],
    ['a time before all, in another zone', { to: '2026-11-21T09:00+01:00' }, 0],
    ['a time before all, without a zone', { to: '2026-11-21 08:00' }, 0],
    ['a time before all but one, with fractions', { to: '2026-11-21T08:00:00.001Z' }, 1],
    ['a day before', { to: '2026-11-21' }, 0],
    ['a day', { from: '2026-11-21', to: '2026-11-22', limit: 1000 }, 430],
    ['all that is given must hold', { callId: 'call-7@globex.example', status: 403 }, 1],
  ];
  for (const [name, parameters, count] of rows) {
    it(`${name}: ${count}`, async () => {
      const { entries } = await audit.bench.done<Found>(['audit', 'search'], parameters);
      assert.equal(entries.length, count);
    });
  }

  it('pages by index, newest first, without holes or repeats', async () => {
    const indexes: number[] = [];
    let cursor: number | undefined;
    do {
      const parameters = { limit: 60, ...(cursor !== undefined && { before: cursor }) };
      const page = await audit.bench.done<Found>(['audit', 'search'], parameters);
      indexes.push(...page.entries.map(({ index }) => index));
      cursor = page.before;
    } while (cursor !== undefined);
    assert.deepEqual(indexes, audit.site.ledger.list.map(({ index }) => index).toReversed());
  });

  it('follows: the newest ones, then what comes', async () => {
    const command = auditSearch as AnyCommand;
    const asked = { follow: true, limit: 5, partner: 'globex' };
    const first = await audit.bench.ask(['audit', 'search'], asked);
    const { entries } = first.answer as Found;
    assert.deepEqual(
      entries.map(({ index }) => index),
      entries.map(({ index }) => index).toSorted((a, b) => a - b),
    );
    const next = command.pages?.next(asked, first.answer);
    assert.ok(next !== undefined && next.afterMs > 0);
    const nothing = await audit.bench.ask(
      ['audit', 'search'],
      next.parameters as Record<string, unknown>,
    );
    assert.equal(command.text(nothing.answer), '');
    const other = busySite(0).site;
    audit.useLedger({ reader: other.ledger, keys: other.publicKeys });
    const source = other.source('edge-1', 0, 1n).open();
    const start = other.ledger.list.length - 1;
    for (let number = 0; number < 7; number++) exchange(source, number);
    const seen: number[] = [];
    let parameters: unknown = { follow: true, limit: 5, partner: 'globex', after: start };
    let waitMs = 0;
    do {
      const page = await audit.bench.ask(
        ['audit', 'search'],
        parameters as Record<string, unknown>,
      );
      seen.push(...(page.answer as Found).entries.map(({ index }) => index));
      const more = command.pages?.next(parameters, page.answer);
      parameters = more?.parameters;
      waitMs = more?.afterMs ?? 0;
    } while (waitMs === 0);
    assert.equal(seen.length, 7);
    assert.equal(new Set(seen).size, 7);
    audit.useOwnLedger();
  });

  it('refuses what is no time, type or address', async () => {
    const wrong = [
      { from: 'soon' },
      { from: '2026' },
      { from: '11/12/2026' },
      { from: '21 Nov 2026' },
      { from: '2026-02-30' },
      { from: '2026-11-21T25:00Z' },
      { from: '2026-11-21T08' },
      { from: '2026-11-22', to: '2026-11-21' },
      { from: '2026-11-21T08:00Z', to: '2026-11-21T09:00+01:00' },
      { type: ['none'] },
      { source: 'x' },
      { limit: 0 },
      { limit: 1001 },
    ];
    for (const parameters of wrong)
      assert.equal(await audit.bench.refused(['audit', 'search'], parameters), 'parameters-wrong');
    const { error } = await audit.bench.ask(['audit', 'search'], { type: ['seal', 'none'] });
    assert.match(error?.message ?? '', /^type: is none of stream-opened, /);
  });
});
