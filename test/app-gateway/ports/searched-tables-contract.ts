import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  joinedChecks,
  type SearchCheckPage,
  searchCheckPage,
} from '@sallyport/app-gateway/ledger/search-check.ts';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import {
  type AuditedSite,
  busySite,
  type RecordingSource,
  refuseSender,
} from '../ledger/audited-site.ts';
import { NOON_MS } from './audit-records.ts';
import { type OwnedLedger, spanOf, verified } from './ledger-tamper-contract.ts';
import { unwrap } from './unwrap.ts';

/** Triggers guard against mistakes and lesser rights; the owner of the database is not stopped by them. */
export const OWNER = 'set session_replication_role = replica;';
const TABLES = ['audit_entry', 'audit_day', 'audit_type_count'];
const DAY_MS = 86_400_000;
export const ADMITTED = AUDIT_TYPE['message-admitted'];
const ANSWERED = AUDIT_TYPE['message-answered'];
/** Places of a request and its answer, on the third day. */
export const REQUEST = 1205;
const ANSWER = 1206;

type Row = readonly [
  what: string,
  statement: string,
  code: FindingCode,
  index?: number | undefined,
  detail?: string | RegExp,
];

/** Puts aside what a test is to change. */
export async function keepTables(owned: OwnedLedger): Promise<void> {
  const keep = TABLES.map((table) => `create table kept_${table} as select * from ${table};`);
  await owned.execute(keep.join(' '));
}

/** Has all rows be what they were when they were put aside. */
export async function restoreTables(owned: OwnedLedger): Promise<void> {
  const back = TABLES.map(
    (table) => `delete from ${table}; insert into ${table} select * from kept_${table};`,
  );
  await owned.execute([OWNER, ...back].join(' '));
}

/** What somebody with all rights in the database can do to a search without touching a record, and how it is noticed. */
export function searchedTablesContract(name: string, open: () => Promise<OwnedLedger>): void {
  describe(`tampering with what is searched: ${name}`, () => {
    let owned: OwnedLedger;
    let site: AuditedSite;
    let size: number;
    let refusal: number;
    before(async () => {
      owned = await open();
      ({ site, size, refusal } = await fourDays(owned.ledger));
      assert.deepEqual(
        [REQUEST, ANSWER, refusal].map((at) => recordTypeAt(recordAt(site, at), 0)),
        [ADMITTED, ANSWERED, AUDIT_TYPE['message-refused']],
      );
      await keepTables(owned);
    });
    after(() => owned.close());

    const restore = () => restoreTables(owned);

    it('a clean one passes, its first day dropped', async () => {
      const { findings, compared, leftOut } = await wholeCheck(owned.ledger);
      assert.deepEqual([findings, leftOut], [[], 0]);
      const [first] = unwrap(await owned.ledger.days());
      assert.equal(compared, size - (first?.endIndex ?? 0));
      const { searched } = owned.ledger;
      assert.equal(unwrap(await searched.noted('2026-11-21')), undefined, 'a dropped day is not');
      assert.equal(unwrap(await searched.noted('2026-11-22'))?.day.firstIndex, 130);
    });

    const column = (set: string, index = REQUEST): Row => {
      const names = [...set.matchAll(/(\w+) = /g)].map(([, word]) => word).join(', ');
      const statement = `update audit_entry set ${set} where index = ${index}`;
      return [`row ${index}: ${set}`, statement, 'columns-changed', index, names];
    };
    const columns: readonly Row[] = [
      ...['partner', 'call_id', 'from_user', 'to_user', 'address'].flatMap((word) => [
        column(`${word} = 'initech'`),
        column(`${word} = null`),
      ]),
      column("verdict = 'accepted'"),
      column('time_ms = time_ms + 3600000'),
      column('seq = seq + 1'),
      column('type = type + 1'),
      column('status = 200'),
      column('request_seq = 7'),
      column('request_seq = request_seq + 1', ANSWER),
      column('request_seq = null', ANSWER),
      column('status = 404', ANSWER),
      column('status = null', ANSWER),
      column("partner = 'globex'", ANSWER),
      column("time_ms = 0, partner = null, call_id = ''"),
    ];
    const tables: readonly Row[] = [
      ['a row gone from its day', moved("'2026-11-24'"), 'row-missing', REQUEST],
      ['a row come into another day', moved("'2026-11-22'"), 'row-astray', REQUEST, '2026-11-22'],
      [
        'a row come into the newest day',
        moved("'2026-11-24'"),
        'row-astray',
        REQUEST,
        '2026-11-24',
      ],
      [
        'a row come into a day that is not',
        `${JULY} ${moved("'2026-07-04'")}`,
        'row-astray',
        REQUEST,
        '2026-07-04',
      ],
      ['a missing row', 'delete from audit_entry where index = 1300', 'row-missing', 1300],
      ['the newest row', 'delete from audit_entry where index = SIZE - 1', 'row-missing'],
      [
        'a row a second time, in another day',
        copied(REQUEST, "'2026-11-24'", 'index'),
        'row-astray',
        REQUEST,
        '2026-11-24',
      ],
      ['a row behind the last', copied(REQUEST, "'2026-11-24'", 'SIZE + 3'), 'row-astray'],
      ['a row before the first', copied(REQUEST, "'2026-11-24'", '-1'), 'row-astray', -1],
      ['a row where a day was dropped', copied(REQUEST, "'2026-11-24'", '3'), 'row-astray', 3],
      [
        'a day said to be dropped',
        "update audit_day set dropped_at_ms = 1 where day = '2026-11-23'",
        'row-astray',
      ],
      ['a day less', "delete from audit_day where day = '2026-11-23'", 'day-changed'],
      [
        'a day’s first time',
        "update audit_day set first_ms = last_ms where day = '2026-11-23'",
        'day-changed',
        undefined,
        '2026-11-23, first_ms',
      ],
      [
        'a day’s last time',
        "update audit_day set last_ms = 0 where day = '2026-11-24'",
        'day-changed',
        undefined,
        '2026-11-24, last_ms',
      ],
      [
        'a day’s octets',
        "update audit_day set record_bytes = 1 where day = '2026-11-22'",
        'day-changed',
        undefined,
        '2026-11-22, record_bytes',
      ],
      [
        'a day’s first index',
        "update audit_day set first_index = first_index + 1 where day = '2026-11-23'",
        'day-changed',
      ],
      [
        'the newest day’s end',
        "update audit_day set end_index = end_index - 1 where day = '2026-11-24'",
        'day-changed',
        undefined,
        /^days end at \d+, the ledger at \d+$/,
      ],
      [
        'a record counted less',
        `update audit_type_count set records = records - 1 where day = '2026-11-23' and type = ${ADMITTED}`,
        'counts-changed',
        undefined,
        /^2026-11-23, hour of 2026-.*Z, message-admitted: \d+ instead of \d+$/,
      ],
      [
        'a count less, of the newest day',
        `delete from audit_type_count where day = '2026-11-24' and type = ${ANSWERED}`,
        'counts-changed',
        undefined,
        /message-answered: 0 instead of \d+$/,
      ],
      [
        'a count more',
        `insert into audit_type_count values (1, ${ANSWERED}, '2026-11-22', 9)`,
        'counts-changed',
        undefined,
        /message-answered: 9 instead of 0$/,
      ],
      [
        'counts of no day',
        `insert into audit_type_count values (1, ${ANSWERED}, '2026-12-22', 9)`,
        'counts-changed',
        undefined,
        /^2026-12-22, of which/,
      ],
      [
        'counts of a day that was dropped',
        `insert into audit_type_count values (1, ${ANSWERED}, '2026-11-21', 9)`,
        'counts-changed',
        undefined,
        /^2026-11-21, of which/,
      ],
    ];
    const tampered = async (statement: string): Promise<SearchCheckPage> => {
      await owned.execute(`${OWNER} ${statement.replaceAll('SIZE', String(size))};`);
      try {
        return await wholeCheck(owned.ledger);
      } finally {
        await restore();
      }
    };
    const assertFound = (page: SearchCheckPage, [, , code, index, detail]: Row): void => {
      const found = page.findings.filter((one) => one.code === code);
      const finding = found.find((one) => index === undefined || one.index === index);
      assert.ok(finding, `${code} at ${index} in ${JSON.stringify(page.findings)}`);
      if (typeof detail === 'string') assert.equal(finding.detail, detail);
      else if (detail !== undefined) assert.match(finding.detail ?? '', detail);
    };

    it('a day that is called another wherever the database has its name', async () => {
      const day = (table: string, of: string, name: string) =>
        `update ${table} set day = '${name}' where day = '${of}';`;
      const renamed = [
        JULY,
        day('audit_day', '2026-11-21', '2026-07-03'),
        ...TABLES.map((table) => day(table, '2026-11-22', '2026-07-04')),
      ];
      const { findings, leftOut } = await tampered(renamed.join(' '));
      assert.deepEqual(
        findings.map(({ code, detail }) => [code, detail]),
        [['day-misnamed', '2026-07-04, which ended as 2026-11-22']],
      );
      assert.equal(leftOut, 0);
    });

    for (const row of columns) {
      it(row[0], async () => {
        const page = await tampered(row[1]);
        assertFound(page, row);
        assert.deepEqual(
          page.findings.map(({ code }) => code),
          ['columns-changed'],
        );
      });
    }
    for (const row of tables) it(row[0], async () => assertFound(await tampered(row[1]), row));

    it('a refusal under another code', async () => {
      const statement = `update audit_entry set verdict = null where index = ${refusal}`;
      const { findings } = await tampered(statement);
      assert.deepEqual(
        findings.map(({ code, index, detail }) => [code, index, detail]),
        [['columns-changed', refusal, 'verdict']],
      );
    });

    it('is nothing that the records themselves could show', async () => {
      const before = await verified(owned.ledger, site);
      await owned.execute(`${OWNER} update audit_entry set partner = null, time_ms = index;`);
      const proved = await verified(owned.ledger, site);
      const { findings, leftOut } = await wholeCheck(owned.ledger);
      await restore();
      assert.deepEqual(proved, before);
      assert.ok(findings.some(({ code }) => code === 'columns-changed') && leftOut > 0);
    });

    it('records that come while it is compared, and a day that is dropped meanwhile, are no fault', async () => {
      const { place } = unwrap(await searchCheckPage(owned.ledger.searched, undefined));
      const began = unwrap(await searchCheckPage(owned.ledger.searched, place));
      const proxy = site.source('edge-1', 0, 0x13n).open();
      for (let number = 0; number < 20; number++) proxy.write('channel-opened', { peerNode: 'x' });
      const late = site.ledger.list.slice(size).map(spanOf);
      unwrap(await owned.ledger.append(late.slice(0, 10), NOON_MS + 3 * DAY_MS));
      unwrap(await owned.ledger.append(late, NOON_MS + 4 * DAY_MS));
      unwrap(await owned.ledger.dropDay('2026-11-23', NOON_MS + 4 * DAY_MS));
      const { findings } = await wholeCheck(owned.ledger, began);
      assert.deepEqual(findings, []);
      const again = await wholeCheck(owned.ledger);
      assert.deepEqual(again.findings, []);
    });
  });
}

export const JULY =
  "create table if not exists july partition of audit_entry for values from ('2026-07-04') to ('2026-07-05');";

export function moved(day: string): string {
  return `update audit_entry set day = ${day} where index = ${REQUEST}`;
}

/** Another row for a record that is there. */
export function copied(index: number, day: string, at: string): string {
  const rest =
    'time_ms, seq, request_seq, stream, type, status, partner, call_id, from_user, to_user, address, verdict, record';
  return `insert into audit_entry (index, day, ${rest}) select ${at}, ${day}, ${rest} from audit_entry where index = ${index}`;
}

/** A ledger of four days, of which the first was dropped; in the third a second thousand of places begins. */
export async function fourDays(
  ledger: LedgerStore,
): Promise<{ site: AuditedSite; size: number; refusal: number }> {
  const { site, sources } = busySite(700);
  const [gateway, proxy] = sources as [RecordingSource, RecordingSource];
  site.nowMs = NOON_MS + 2 * DAY_MS;
  gateway.write('day-begun', { day: '2026-11-23', firstIndex: 400n, previousDay: '2026-11-22' });
  gateway.seal();
  refuseSender(proxy);
  proxy.seal();
  site.checkpoint();
  const size = site.ledger.list.length;
  const bounds = [0, 130, 400, size - 100, size];
  for (const [at, end] of bounds.slice(1).entries()) {
    const spans = site.ledger.list.slice(bounds[at], end).map(spanOf);
    unwrap(await ledger.append(spans, NOON_MS + at * DAY_MS));
  }
  for (const { size: of, note, atMs } of site.ledger.stored) {
    unwrap(await ledger.addCheckpoint(of, note, atMs));
  }
  unwrap(await ledger.dropDay('2026-11-21', NOON_MS + 3 * DAY_MS));
  return { site, size, refusal: size - 2 };
}

function recordAt(site: AuditedSite, index: number): Buffer {
  return site.ledger.list[index]?.record ?? Buffer.alloc(4);
}

/** All pieces as one. */
export async function wholeCheck(
  ledger: LedgerStore,
  began: SearchCheckPage = { compared: 0, findings: [], leftOut: 0 },
): Promise<SearchCheckPage> {
  let all = began;
  do {
    all = joinedChecks(all, unwrap(await searchCheckPage(ledger.searched, all.place)));
  } while (all.place !== undefined);
  return all;
}
