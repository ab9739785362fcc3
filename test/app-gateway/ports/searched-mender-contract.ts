import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  joinedRebuilds,
  RebuildDesk,
  type RebuildPage,
} from '@sallyport/app-gateway/ledger/search-rebuild.ts';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import type { AuditedSite } from '../ledger/audited-site.ts';
import { NOON_MS } from './audit-records.ts';
import { type OwnedLedger, spanOf } from './ledger-tamper-contract.ts';
import {
  ADMITTED,
  copied,
  fourDays,
  JULY,
  keepTables,
  moved,
  OWNER,
  REQUEST,
  restoreTables,
  wholeCheck,
} from './searched-tables-contract.ts';
import { unwrap } from './unwrap.ts';

const DAY_MS = 86_400_000;
const NONE: RebuildPage = {
  ...{ compared: 0, mended: 0, moved: 0, recounted: [], findings: [], leftOut: 0 },
};

/**
 * What the owner of the database changed of the rows that are searched is brought back, as far as records tell it.
 * `isOwnerOfAll`: the ledger has all rights itself, to tables that others made too.
 */
export function searchedMenderContract(
  name: string,
  isOwnerOfAll: boolean,
  open: () => Promise<OwnedLedger>,
): void {
  describe(`what is searched, made anew: ${name}`, () => {
    let owned: OwnedLedger;
    let site: AuditedSite;
    let size: number;
    let dropped: number;
    before(async () => {
      owned = await open();
      ({ site, size } = await fourDays(owned.ledger));
      dropped = unwrap(await owned.ledger.days())[0]?.endIndex ?? 0;
      await keepTables(owned);
    });
    after(() => owned.close());

    const restore = () => restoreTables(owned);
    const rebuilt = async (between: () => Promise<unknown> = async () => undefined) => {
      const desk = new RebuildDesk({ store: owned.ledger, note: async () => true });
      const wish = { author: 'ann', reason: 'columns changed' };
      let all = joinedRebuilds(NONE, unwrap(await desk.page(wish, undefined)));
      while (all.place !== undefined) {
        await between();
        all = joinedRebuilds(all, unwrap(await desk.page(wish, all.place)));
      }
      return all;
    };
    const records = async () => ({
      head: unwrap(await owned.ledger.head()),
      list: unwrap(await owned.ledger.entries(0, size)).map(
        ({ index, day, source, seq, record }) => [
          ...[index, day, source, seq],
          record.toString('hex'),
        ],
      ),
    });

    it('is left as it is where nothing was changed', async () => {
      assert.deepEqual(await rebuilt(), { ...NONE, compared: size - dropped });
    });

    //  what                                      statement  rows moved days
    const mended: readonly (readonly [string, string, number, number, readonly string[]])[] = [
      [
        'texts of a row',
        `update audit_entry set partner = 'initech', call_id = null, from_user = 'x', to_user = null,
          address = '203.0.113.9', verdict = 'accepted' where index = ${REQUEST}`,
        ...([1, 0, []] as const),
      ],
      [
        'numbers of a row',
        `update audit_entry set time_ms = 0, seq = seq + 1, request_seq = 7, type = type + 1,
          status = 404 where index = ${REQUEST + 1}`,
        ...([1, 0, []] as const),
      ],
      ['a row in another day', moved("'2026-11-22'"), ...([1, 1, []] as const)],
      ['a row in the newest day', moved("'2026-11-24'"), ...([1, 1, []] as const)],
      [
        'bounds of a day',
        `update audit_day set first_ms = 1, last_ms = 2, record_bytes = 3 where day = '2026-11-22'`,
        ...([0, 0, ['2026-11-22']] as const),
      ],
      [
        'counts of days',
        `update audit_type_count set records = records + 1 where day = '2026-11-22' and type = ${ADMITTED};
          delete from audit_type_count where day = '2026-11-23' and type = ${ADMITTED};
          insert into audit_type_count values (1, ${ADMITTED}, '2026-11-23', 9)`,
        ...([0, 0, ['2026-11-22', '2026-11-23']] as const),
      ],
    ];
    for (const [what, statement, rows, movedRows, days] of mended) {
      it(`${what}`, async () => {
        const before = await records();
        await owned.execute(`${OWNER} ${statement};`);
        assert.notDeepEqual((await wholeCheck(owned.ledger)).findings, []);
        const { compared, ...done } = await rebuilt();
        const expected = { ...NONE, mended: rows, moved: movedRows, recounted: days };
        assert.deepEqual({ compared: 0, ...done }, expected);
        assert.deepEqual((await wholeCheck(owned.ledger)).findings, []);
        assert.deepEqual(await records(), before);
        const again = await rebuilt();
        assert.deepEqual([again.mended, again.recounted], [0, []]);
        await restore();
      });
    }

    it(`a row in a day that is not, ${isOwnerOfAll ? 'brought back' : 'is left in a table of somebody else'}`, async () => {
      await owned.execute(`${OWNER} ${JULY} ${moved("'2026-07-04'")};`);
      const { findings, moved: movedRows } = await rebuilt();
      const codes = findings.map(({ code }) => code).toSorted();
      if (isOwnerOfAll) assert.deepEqual([movedRows, codes], [1, []]);
      else
        assert.deepEqual([movedRows, codes], [0, ['counts-changed', 'row-astray', 'row-missing']]);
      await restore();
    });

    it('every row at once', async () => {
      await owned.execute(`${OWNER} update audit_entry set partner = null, time_ms = index;
        update audit_type_count set records = 1;`);
      const done = await rebuilt();
      assert.deepEqual([done.mended, done.moved], [size - dropped, 0]);
      assert.deepEqual(done.recounted, ['2026-11-22', '2026-11-23']);
      const codes = (await wholeCheck(owned.ledger)).findings.map(({ detail }) =>
        detail?.slice(0, 10),
      );
      assert.deepEqual(
        [...new Set(codes)],
        ['2026-11-24'],
        'the newest day is counted once it is over',
      );
      await restore();
    });

    const left: readonly (readonly [string, string, FindingCode, number?])[] = [
      ['a row that is gone', 'delete from audit_entry where index = 1300', 'row-missing', 1300],
      [
        'a record that was changed',
        'update audit_entry set partner = null, record = set_byte(record, 13, 7) where index = 1300',
        'record-changed',
        1300,
      ],
      ['a second row of a record', copied(REQUEST, "'2026-11-24'", 'index'), 'row-astray', REQUEST],
      ['a row where a day was dropped', copied(REQUEST, "'2026-11-24'", '3'), 'row-astray', 3],
      ['a day less', "delete from audit_day where day = '2026-11-23'", 'day-changed'],
    ];
    for (const [what, statement, code, index] of left) {
      it(`names and leaves ${what}`, async () => {
        await owned.execute(`${OWNER} ${statement};`);
        const { findings, mended: rows } = await rebuilt();
        const finding = findings.find((one) => one.code === code && one.index === index);
        assert.ok(finding, JSON.stringify(findings));
        assert.equal(rows, 0);
        const still = (await wholeCheck(owned.ledger)).findings;
        assert.ok(still.some(({ severity }) => severity === 'fault'));
        await restore();
      });
    }

    it('counts no day of which a record is gone', async () => {
      await owned.execute(`${OWNER} delete from audit_entry where index = 300;
        update audit_type_count set records = 1 where day = '2026-11-22' and type = ${ADMITTED};`);
      const { findings, recounted } = await rebuilt();
      assert.deepEqual(recounted, []);
      assert.deepEqual(
        findings.map(({ code, detail }) => [code, detail]),
        [
          ['row-missing', undefined],
          ['counts-changed', '2026-11-22, of which records are missing'],
        ],
      );
      await restore();
    });

    it('leaves the tables guarded', async () => {
      await owned.execute(
        `${OWNER} update audit_entry set partner = 'x' where index = ${REQUEST};`,
      );
      assert.equal((await rebuilt()).mended, 1);
      for (const statement of [
        `update audit_entry set partner = 'x' where index = ${REQUEST}`,
        `delete from audit_entry where index = ${REQUEST}`,
        'truncate audit_entry_20261123',
      ]) {
        await assert.rejects(async () => owned.execute(`${statement};`), /append-only|changed/i);
      }
      await restore();
    });

    it('lets the ledger grow, and a day be dropped, meanwhile', async () => {
      await owned.execute(
        `${OWNER} update audit_entry set partner = 'x' where day < '2026-11-24';`,
      );
      const proxy = site.source('edge-1', 0, 0x13n).open();
      let number = 0;
      const { findings } = await rebuilt(async () => {
        proxy.write('channel-opened', { peerNode: 'x' });
        const late = site.ledger.list.slice(size).map(spanOf);
        unwrap(await owned.ledger.append(late, NOON_MS + 4 * DAY_MS));
        number++;
        if (number === 1) unwrap(await owned.ledger.dropDay('2026-11-22', NOON_MS + 4 * DAY_MS));
      });
      assert.deepEqual(findings, []);
      assert.ok(number > 1);
      assert.deepEqual((await wholeCheck(owned.ledger)).findings, []);
    });
  });
}
