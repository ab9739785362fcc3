import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { RebuildDesk } from '@sallyport/app-gateway/ledger/search-rebuild.ts';
import type { LedgerQuery } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { admitted, answered, NOON_MS, sourceOf } from './audit-records.ts';
import type { OwnedLedger } from './ledger-tamper-contract.ts';
import { OWNER, wholeCheck } from './searched-tables-contract.ts';
import { unwrap } from './unwrap.ts';

const DAY_MS = 86_400_000;
const DAYS = 4;
/** More than one piece. */
const RECORDS_A_DAY = 1202;
const SIZE = DAYS * RECORDS_A_DAY;
const SOURCE = sourceOf('edge-1');
const NO_DIGEST = 'zero digests, of days that have some';

/** What is noted of days that are over hides nothing, or `audit compare` says so. */
export function ledgerDigestContract(name: string, open: () => Promise<OwnedLedger>): void {
  describe(`days of which it is noted what can be searched for: ${name}`, () => {
    let owned: OwnedLedger;
    beforeEach(async () => {
      owned = await open();
      for (let day = 0; day < DAYS; day++) await writeDay(day);
    });
    afterEach(() => owned.close());

    async function writeDay(day: number): Promise<void> {
      const nowMs = NOON_MS + day * DAY_MS;
      const records: Buffer[] = [];
      for (let seq = day * RECORDS_A_DAY; seq < (day + 1) * RECORDS_A_DAY; seq += 2) {
        const fields = {
          callId: `c${seq}`,
          from: `sip:f${seq}@acme.example`,
          to: `sip:t${seq}@home.example`,
        };
        records.push(admitted(seq, fields, nowMs), answered(seq + 1, seq, 200, nowMs));
      }
      unwrap(
        await owned.ledger.append([{ source: SOURCE, records: Buffer.concat(records) }], nowMs),
      );
    }
    const digestOne = async () => unwrap(await owned.ledger.digestDays());
    const digestAll = async () => {
      for (let isMore = true; isMore; ) isMore = await digestOne();
    };
    const dayOf = (seq: number) =>
      new Date(NOON_MS + Math.floor(seq / RECORDS_A_DAY) * DAY_MS).toISOString().slice(0, 10);
    const asOwner = (statement: string) => owned.execute(`${OWNER} ${statement};`);
    const found = async (query: Partial<LedgerQuery>) =>
      unwrap(await owned.ledger.search({ order: 'oldest-first', limit: 10, ...query })).map(
        ({ seq }) => seq,
      );
    /** A request of each day: the first one, and the last. */
    const samples = Array.from({ length: DAYS }, (_, day) => [
      day * RECORDS_A_DAY,
      (day + 1) * RECORDS_A_DAY - 2,
    ]).flat();
    const missed = async () => {
      const missing: string[] = [];
      for (const seq of samples) {
        const ways = {
          call: await found({ callIds: ['nobody', `c${seq}`] }),
          from: await found({ user: `f${seq}@acme.example` }),
          to: await found({ user: `t${seq}@home.example`, order: 'newest-first' }),
          both: await found({ callIds: [`c${seq}`], user: `t${seq}@home.example` }),
        };
        for (const [way, seqs] of Object.entries(ways)) {
          if (seqs.join() !== `${seq}`) missing.push(`${way} ${seq}`);
        }
        const answers = unwrap(await owned.ledger.referring([{ source: SOURCE, seq }]));
        if (answers.map((one) => one.seq).join() !== `${seq + 1}`) missing.push(`answer ${seq}`);
      }
      return missing;
    };
    const codes = async () =>
      (await wholeCheck(owned.ledger)).findings.map(({ code, detail }) => `${code} ${detail}`);
    const rebuilt = async () => {
      const desk = new RebuildDesk({ store: owned.ledger, note: async () => true });
      const wish = { author: 'ann', reason: 'digests changed' };
      let page = unwrap(await desk.page(wish, undefined));
      while (page.place !== undefined) page = unwrap(await desk.page(wish, page.place));
    };

    it('are found in as before: none noted, some, and all', async () => {
      assert.deepEqual(await missed(), []);
      for (let piece = 0; piece < 3; piece++) assert.ok(await digestOne());
      assert.deepEqual(await missed(), []);
      await digestAll();
      assert.deepEqual(await missed(), []);
      assert.deepEqual(await codes(), []);
      assert.equal(await digestOne(), false, 'once is enough');
    });

    it('are several that have one Call-ID, a user, or answers', async () => {
      const nowMs = NOON_MS + DAYS * DAY_MS;
      const fields = { callId: 'c0', from: 'sip:f0@acme.example' };
      const late = [admitted(SIZE, fields, nowMs), answered(SIZE + 1, 0, 486, nowMs)];
      unwrap(await owned.ledger.append([{ source: SOURCE, records: Buffer.concat(late) }], nowMs));
      unwrap(
        await owned.ledger.append(
          [{ source: SOURCE, records: admitted(SIZE + 2, {}, nowMs + DAY_MS) }],
          nowMs + DAY_MS,
        ),
      );
      await digestAll();
      assert.deepEqual(await found({ callIds: ['c0'] }), [0, SIZE]);
      assert.deepEqual(await found({ user: 'f0@acme.example' }), [0, SIZE]);
      const answers = unwrap(await owned.ledger.referring([{ source: SOURCE, seq: 0 }]));
      assert.deepEqual(
        answers.map(({ seq }) => seq),
        [1, SIZE + 1],
      );
    });

    it('that are said to have nothing hide records: a comparison tells, and what is made anew has them', async () => {
      await digestAll();
      const day = dayOf(RECORDS_A_DAY);
      await asOwner(
        `update audit_digest set bits = decode(repeat('00', 128), 'hex') where day = '${day}'`,
      );
      assert.equal((await missed()).length, 10, NO_DIGEST);
      assert.deepEqual(await codes(), [`digest-changed ${day}`]);
      await rebuilt();
      assert.deepEqual([await missed(), await codes()], [[], []]);
      await digestAll();
      assert.deepEqual([await missed(), await codes()], [[], []]);
    });

    const unheard: readonly (readonly [string, string])[] = [
      [
        'of the newest day',
        `insert into audit_digest select n, '${dayOf(SIZE - 1)}', decode(repeat('00', 64), 'hex') from generate_series(0, 63) n`,
      ],
      ['that are too short', "update audit_digest set bits = '\\x00'"],
      ['that are empty', "update audit_digest set bits = ''"],
      ['of which parts are missing', 'delete from audit_digest where part % 2 = 0'],
    ];
    for (const [what, statement] of unheard) {
      it(`hide nothing by notes ${what}`, async () => {
        await digestAll();
        await asOwner(statement);
        assert.deepEqual([await missed(), await codes()], [[], []]);
      });
    }

    it('are noted anew once their rows were mended', async () => {
      const day = dayOf(0);
      await asOwner(
        `update audit_entry set call_id = 'hidden', from_user = null where day = '${day}'`,
      );
      await digestAll();
      await rebuilt();
      assert.deepEqual(await missed(), []);
      await digestAll();
      assert.deepEqual([await missed(), await codes()], [[], []]);
    });

    it('are not noted as they were before rows were mended that had been read', async () => {
      await asOwner(`update audit_entry set call_id = 'hidden' where day < '${dayOf(SIZE - 1)}'`);
      assert.ok(await digestOne(), 'one piece of the newest that is over');
      const first = (DAYS - 2) * RECORDS_A_DAY;
      const { rows } = unwrap(await owned.ledger.searched.rows(first, first + 10));
      const mended = rows.map((row) => ({
        ...row,
        callId: row.seq % 2 === 0 ? `c${row.seq}` : null,
        standsIn: row.day,
      }));
      unwrap(await owned.ledger.mender.mend(mended));
      await digestAll();
      assert.deepEqual(await found({ callIds: [`c${first}`] }), [first]);
    });

    it('are forgotten with their records', async () => {
      await digestAll();
      unwrap(await owned.ledger.dropDay(dayOf(0), NOON_MS + DAYS * DAY_MS));
      await asOwner('create table left_over as select distinct day::text from audit_digest');
      assert.deepEqual(
        (await missed()).filter((one) => Number(one.split(' ')[1]) >= RECORDS_A_DAY),
        [],
      );
      await asOwner(
        `do $$ begin assert (select count(*) = ${DAYS - 2} and min(day) > '${dayOf(0)}' from left_over); end $$`,
      );
    });
  });
}
