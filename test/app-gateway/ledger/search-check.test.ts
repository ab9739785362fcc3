import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HOUR_COUNTS_MAX } from '@sallyport/app-gateway/ledger/day-tally.ts';
import {
  joinedChecks,
  type SearchCheckPage,
  type SearchCheckPlace,
  searchCheckPage,
} from '@sallyport/app-gateway/ledger/search-check.ts';
import type { Finding } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import type { SearchedRow, SearchedTables } from '@sallyport/app-gateway/ports/searched-tables.ts';
import { admitted, NOON_MS, sourceOf } from '../ports/audit-records.ts';
import { unwrap } from '../ports/unwrap.ts';
import { busySite } from './audited-site.ts';
import { TamperableLedger } from './tamperable-ledger.ts';

const HOUR_MS = 3_600_000;

/** All pieces as one, each place as a command line gives it back; and how many pieces there were. */
async function wholeCheck(tables: SearchedTables): Promise<SearchCheckPage & { pieces: number }> {
  let all: SearchCheckPage = { compared: 0, findings: [], leftOut: 0 };
  let pieces = 0;
  do {
    const given: string | undefined = all.place && JSON.stringify(all.place);
    const place = given === undefined ? undefined : (JSON.parse(given) as SearchCheckPlace);
    all = joinedChecks(all, unwrap(await searchCheckPage(tables, place)));
    pieces++;
  } while (all.place !== undefined);
  return { ...all, pieces };
}

const facts = ({ findings }: { findings: readonly Finding[] }) =>
  findings.map(({ code, index, untilIndex, detail }) => [code, index, untilIndex, detail]);

describe('what searches read, compared with the records', () => {
  let ledger: TamperableLedger;
  beforeEach(() => {
    ledger = busySite(1000).site.ledger;
  });
  const only = (index: number, change: (row: SearchedRow) => readonly SearchedRow[]) => {
    ledger.searched.tampered = (row) => (row.index === index ? change(row) : [row]);
  };

  it('is right: every record, a thousand at a time', async () => {
    const { compared, findings, leftOut, pieces } = await wholeCheck(ledger.searched);
    assert.deepEqual([compared, findings, leftOut], [ledger.list.length, [], 0]);
    assert.equal(pieces, 1 + Math.ceil(ledger.list.length / 1000));
  });

  it('is right where nothing is recorded yet', async () => {
    const { compared, findings } = await wholeCheck(new TamperableLedger().searched);
    assert.deepEqual([compared, findings], [0, []]);
  });

  it('names neighbours with the same fault as one, across pieces too', async () => {
    ledger.searched.tampered = (row) => [
      row.index >= 990 && row.index < 1010 ? { ...row, verdict: 'accepted' } : row,
    ];
    const check = await wholeCheck(ledger.searched);
    assert.deepEqual(facts(check), [['columns-changed', 990, 1010, 'verdict']]);
    assert.equal(check.compared, ledger.list.length);
  });

  it('says of fifty what is wrong, and of the others how many', async () => {
    ledger.searched.tampered = (row) => [
      row.index % 10 === 7 ? { ...row, address: '203.0.113.9' } : row,
    ];
    const { findings, leftOut } = await wholeCheck(ledger.searched);
    const wrong = ledger.list.filter(({ index }) => index % 10 === 7).length;
    assert.deepEqual([findings.length, leftOut], [50, wrong - 50]);
  });

  it('knows a record of a later version by its head, and counts it', async () => {
    const { site, sources } = busySite(1000);
    sources[0]?.writeOfLaterVersion(200).seal();
    const index = site.ledger.list.length - 2;
    const check = await wholeCheck(site.ledger.searched);
    assert.deepEqual(facts(check), [['record-unknown', index, undefined, 'record-type']]);
    assert.equal(check.compared, site.ledger.list.length - 1);
  });

  it('takes a second row of a place for a stranger', async () => {
    only(1500, (row) => [row, { ...row, partner: 'initech' }]);
    const day = ledger.list[0]?.day;
    assert.deepEqual(facts(await wholeCheck(ledger.searched)), [
      ['row-astray', 1500, undefined, day],
    ]);
  });

  it('misses a row, and the counts with it', async () => {
    only(1500, () => []);
    const [missing, ...others] = facts(await wholeCheck(ledger.searched));
    assert.deepEqual(missing, ['row-missing', 1500, undefined, undefined]);
    assert.deepEqual(
      others.map(([code]) => code),
      ['day-changed', 'counts-changed'],
    );
  });

  it('says so where the record is none', async () => {
    only(3, (row) => [{ ...row, record: Buffer.from(row.record.subarray(1)) }]);
    const [first] = facts(await wholeCheck(ledger.searched));
    assert.deepEqual(first, ['columns-changed', 3, undefined, 'record']);
  });

  it('goes by what is there where there are far more rows than places', async () => {
    const tables: SearchedTables = {
      standing: () => ledger.searched.standing(),
      noted: (day) => ledger.searched.noted(day),
      async rows(from, to) {
        const found = unwrap(await ledger.searched.rows(from, to));
        const rows = found.rows.slice(0, 300);
        return { ok: true, value: { ...found, rows, isCut: found.rows.length > 300 } };
      },
    };
    const { compared, findings } = await wholeCheck(tables);
    assert.deepEqual([compared, findings], [ledger.list.length, []]);
  });

  it('says that counts were not compared where a host writes records of any hour', async () => {
    const wild = new TamperableLedger();
    const source = sourceOf('edge-1');
    for (let seq = 0; seq <= HOUR_COUNTS_MAX; seq++) {
      const record = admitted(seq, {}, NOON_MS + seq * HOUR_MS);
      wild.list.push({ index: seq, day: '2026-11-21', source, seq, record });
    }
    const { compared, findings } = await wholeCheck(wild.searched);
    assert.equal(compared, HOUR_COUNTS_MAX + 1);
    assert.deepEqual(facts({ findings }), [
      ['counts-not-compared', undefined, undefined, '2026-11-21'],
    ]);
    assert.equal(findings[0]?.severity, 'doubt');
  });
});
