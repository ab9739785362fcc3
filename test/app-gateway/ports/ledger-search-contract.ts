import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { LedgerQuery, LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { recordSeqAt } from '@sallyport/shared/audit/record-layout.ts';
import { admitted, answered, NOON_MS, sourceOf } from './audit-records.ts';
import { unwrap } from './unwrap.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What every ledger finds; part of `ledgerStoreContract`. */
export function searchContract(ledger: () => LedgerStore): void {
  describe('search', () => {
    const source = sourceOf('search', 77n, 9);
    const at = (minute: number) => NOON_MS + 3 * DAY_MS + minute * 60_000;
    before(async () => {
      const records = [
        admitted(0, { callId: 's1', partner: 'acme', from: 'sip:ann@home.example' }, at(0)),
        answered(1, 0),
        admitted(
          2,
          { callId: 's2', partner: 'acme', to: '<sips:ann@Home.Example:5061;x=y>' },
          at(2),
        ),
        admitted(3, { callId: 's3', partner: 'other', source: '192.0.2.7' }, at(3)),
        admitted(4, { callId: 's1', partner: 'acme', from: 'sip:bob@home.example' }, at(4)),
        answered(5, 4, 486),
      ];
      unwrap(await ledger().append([{ source, records: Buffer.concat(records) }], at(5)));
    });
    const rows: readonly (readonly [string, Partial<LedgerQuery>, readonly number[]])[] = [
      ['a Call-ID', { callIds: ['s1'] }, [0, 4]],
      ['any of several Call-IDs', { callIds: ['s2', 'nobody', 's1'] }, [0, 2, 4]],
      ['no Call-IDs', { callIds: [] }, []],
      ['newest first', { callIds: ['s1'], order: 'newest-first' }, [4, 0]],
      ['a limit', { callIds: ['s1'], limit: 1 }, [0]],
      ['newest first, with a limit', { callIds: ['s1'], limit: 1, order: 'newest-first' }, [4]],
      ['a user on either side', { user: 'ann@home.example' }, [0, 2]],
      ['a user written as a URI', { user: 'sip:ann@HOME.example' }, [0, 2]],
      ['a user of another case: another user', { user: 'Ann@home.example' }, []],
      [
        'a partner and a time, end excluded',
        { partner: 'acme', fromMs: at(2), untilMs: at(4) },
        [2],
      ],
      ['a source', { address: '192.0.2.7' }, [3]],
      ['a status', { status: 486 }, [5]],
      ['types', { types: [21], node: 'search' }, [1, 5]],
      ['no types', { types: [], node: 'search' }, []],
      ['a node', { node: 'search' }, [0, 1, 2, 3, 4, 5]],
      ['a node that never was', { node: 'nobody' }, []],
      ['a limit of none', { node: 'search', limit: 0 }, []],
    ];
    for (const [what, query, seqs] of rows) {
      it(`finds by ${what}`, async () => {
        const found = unwrap(
          await ledger().search({ order: 'oldest-first', limit: 100, ...query }),
        );
        assert.deepEqual(
          found.map(({ record }) => recordSeqAt(record, 0)),
          seqs,
        );
      });
    }

    it('counts types by whole hours of the records’ own times', async () => {
      const hour = Math.ceil((NOON_MS + 40 * DAY_MS) / HOUR_MS) * HOUR_MS;
      const times = [-1, 0, HOUR_MS - 1, HOUR_MS].map((after) => hour + after);
      const records = times.map((timeMs, seq) => admitted(seq, {}, timeMs));
      const other = answered(4, 0, 200, hour);
      const counted = sourceOf('counted');
      for (const one of [records.slice(0, 2), [...records.slice(2), other]]) {
        unwrap(await ledger().append([{ source: counted, records: Buffer.concat(one) }], at(5)));
      }
      //    from, until, admitted, answered
      const spans: readonly (readonly [number, number, number, number])[] = [
        [hour - HOUR_MS, hour + 2 * HOUR_MS, 4, 1],
        [hour, hour + HOUR_MS, 2, 1],
        [hour + HOUR_MS - 1, hour + HOUR_MS, 2, 1],
        [hour, hour + 1, 2, 1],
        [hour - 1, hour, 1, 0],
        [hour, hour + HOUR_MS + 1, 3, 1],
        [hour + HOUR_MS, hour + 2 * HOUR_MS, 1, 0],
        [hour + 2 * HOUR_MS, hour + 3 * HOUR_MS, 0, 0],
      ];
      for (const [fromMs, untilMs, admittedCount, answeredCount] of spans) {
        const counts = unwrap(await ledger().typeCounts({ fromMs, untilMs }));
        assert.deepEqual(
          counts,
          [
            { type: 20, records: admittedCount },
            { type: 21, records: answeredCount },
          ].filter(({ records: count }) => count > 0),
          `${fromMs - hour} to ${untilMs - hour}`,
        );
      }
    });

    it('goes through pages in either direction', async () => {
      const everything = unwrap(
        await ledger().search({ node: 'search', order: 'oldest-first', limit: 100 }),
      );
      const third = everything[2]?.index ?? -1;
      const base = { node: 'search', limit: 100 } as const;
      const below = unwrap(
        await ledger().search({ ...base, order: 'newest-first', belowIndex: third }),
      );
      const from = unwrap(
        await ledger().search({ ...base, order: 'oldest-first', fromIndex: third }),
      );
      assert.deepEqual(
        [below.map(({ seq }) => seq), from.map(({ seq }) => seq)],
        [
          [1, 0],
          [2, 3, 4, 5],
        ],
      );
    });

    it('finds the answers of requests', async () => {
      const found = unwrap(
        await ledger().referring([
          { source, seq: 0 },
          { source, seq: 4 },
          { source: sourceOf('search', 78n, 9), seq: 0 },
        ]),
      );
      assert.deepEqual(
        found.map(({ seq }) => seq),
        [1, 5],
      );
      assert.deepEqual(unwrap(await ledger().referring([])), []);
    });
  });
}
