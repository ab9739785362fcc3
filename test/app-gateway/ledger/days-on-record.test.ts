import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { DaysOnRecord, type ReadOfDays } from '@sallyport/app-gateway/ledger/days-on-record.ts';
import type { LedgerDay } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { openOwned } from '../adapters/database/owned-ledger.ts';
import { type OwnedLedger, spanOf } from '../ports/ledger-tamper-contract.ts';
import { unwrap } from '../ports/unwrap.ts';
import { type AuditedSite, busySite, type RecordingSource, START_MS } from './audited-site.ts';

const DAY = '2026-11-21';
const OWNER = 'set session_replication_role = replica;';
const NEVER = () => false;
const DAY_MS = 86_400_000;

/** A ledger with a day behind another and a hold on the first, and its owner's way around it. */
describe('what is on record of days', () => {
  let owned: OwnedLedger;
  let site: AuditedSite;
  let gateway: RecordingSource;
  let written: number;
  let kept: ReadOfDays | undefined;
  let asked: string[];
  let nowMs: number;

  /** A gateway that starts now. */
  const opened = () => {
    const { ledger } = owned;
    return new DaysOnRecord({
      store: {
        head: () => ledger.head(),
        days: () => ledger.days(),
        tile: (level, tile) => ledger.tile(level, tile),
        search: (query) => ledger.search(query),
        told: (types, from, to) => {
          asked.push(`${from}-${to}`);
          return ledger.told(types, from, to);
        },
      },
      memory: {
        read: async () => kept,
        async replace(read) {
          kept = read;
        },
      },
      gatewayKey: (node) => {
        const key = node.startsWith('gateway') ? site.keys.get(node) : undefined;
        return key && createPublicKey(key);
      },
      nowMs: () => nowMs,
      turn: async () => undefined,
    });
  };
  const append = async (dayMs: number) => {
    const entries = site.ledger.list.slice(written);
    written = site.ledger.list.length;
    unwrap(await owned.ledger.append(entries.map(spanOf), dayMs));
  };
  const standing = ({ holds }: DaysOnRecord) =>
    holds.filter(({ liftedMs }) => liftedMs === Infinity).map(({ name }) => name);
  const isAllRead = async (days: DaysOnRecord) => unwrap(await days.readOn(NEVER));

  before(async () => {
    owned = await openOwned();
    const { site: busy, sources } = busySite(100);
    site = busy;
    [gateway] = sources as [RecordingSource];
    written = 0;
    const hold = { hold: 'case-7', author: 'ann', note: 'court order' };
    gateway.write('hold-set', { ...hold, firstDay: '2026-11-01', lastDay: DAY });
    await append(START_MS);
    const firstIndex = BigInt(site.ledger.list.length);
    gateway.write('day-begun', { day: '2026-11-22', firstIndex, previousDay: DAY }).seal();
    await append(START_MS + DAY_MS);
  });
  after(() => owned.close());
  beforeEach(() => {
    kept = undefined;
    asked = [];
    nowMs = START_MS;
  });

  it('is read once, and kept', async () => {
    const days = opened();
    assert.equal(await isAllRead(days), true);
    assert.deepEqual(days.holds, [
      {
        ...{ name: 'case-7', firstDay: '2026-11-01', lastDay: DAY },
        ...{ setBy: 'ann', reason: 'court order', liftedMs: Infinity },
        setMs: days.holds[0]?.setMs,
      },
    ]);
    await isAllRead(days);
    const later = opened();
    await isAllRead(later);
    assert.deepEqual(asked, [`0-${written}`]);
    assert.deepEqual(standing(later), ['case-7']);
  });

  it('holds nothing against days as they are', async () => {
    const days = opened();
    await isAllRead(days);
    const named = unwrap(await owned.ledger.days());
    assert.equal(named.length, 2);
    for (const day of named) assert.equal(days.against(day), undefined);
  });

  const others: readonly (readonly [string, (days: readonly LedgerDay[]) => LedgerDay])[] = [
    ['called an older one', ([, last]) => ({ ...(last as LedgerDay), day: '2025-01-01' })],
    ['that ended as a younger one', ([first]) => ({ ...(first as LedgerDay), day: '2025-01-01' })],
    [
      'with another one far within it',
      ([first, last]) => ({ ...(first as LedgerDay), endIndex: (last as LedgerDay).endIndex + 1 }),
    ],
  ];
  for (const [what, changed] of others) {
    it(`speaks against a day ${what}`, async () => {
      const days = opened();
      await isAllRead(days);
      assert.ok(days.against(changed(unwrap(await owned.ledger.days()))));
    });
  }

  it('goes by records, whatever their columns were made', async () => {
    const columns = 'type, partner, verdict, call_id, time_ms';
    await owned.execute(`${OWNER} create table kept_columns as select index, ${columns} from audit_entry;
      update audit_entry set type = 1, partner = 'x', verdict = 'x', call_id = 'x', time_ms = 0;`);
    const days = opened();
    await isAllRead(days);
    assert.deepEqual(standing(days), ['case-7']);
    const [first] = unwrap(await owned.ledger.days());
    assert.ok(days.against({ ...(first as LedgerDay), day: '2025-01-01' }));
    await owned.execute(`${OWNER} update audit_entry e set (${columns}) = (select ${columns}
      from kept_columns k where k.index = e.index); drop table kept_columns;`);
  });

  it('stays known when its records are taken away', async () => {
    await isAllRead(opened());
    await owned.execute(
      `${OWNER} create table kept_entry as select * from audit_entry; delete from audit_entry;`,
    );
    const days = opened();
    assert.equal(await isAllRead(days), true);
    assert.deepEqual(standing(days), ['case-7']);
    await owned.execute(
      `${OWNER} insert into audit_entry select * from kept_entry; drop table kept_entry;`,
    );
  });

  it('is not read on where places belong to no day', async () => {
    await owned.execute(
      `${OWNER} update audit_day set end_index = end_index - 1 where day = '${DAY}'`,
    );
    const read = await opened().readOn(NEVER);
    assert.equal(!read.ok && read.error.code, 'damaged');
    await owned.execute(
      `${OWNER} update audit_day set end_index = end_index + 1 where day = '${DAY}'`,
    );
  });

  it('is read anew where the ledger is another one, and its holds stay', async () => {
    const days = opened();
    await isAllRead(days);
    assert.ok(kept);
    kept = { ...kept, lastLeaf: Buffer.alloc(32, 7) };
    asked = [];
    const later = opened();
    await isAllRead(later);
    assert.deepEqual(asked, [`0-${written}`]);
    assert.deepEqual(standing(later), ['case-7']);
    kept = { ...kept, readTo: written + 7 };
    const another = opened();
    await isAllRead(another);
    assert.deepEqual(standing(another), ['case-7']);
    assert.equal(kept.told.length, 2);
  });

  it('is read anew by a version that reads more types, and what was known stays', async () => {
    await isAllRead(opened());
    assert.ok(kept);
    const { told } = kept;
    kept = { ...kept, types: [72, 73, 75] };
    asked = [];
    const later = opened();
    await isAllRead(later);
    assert.deepEqual(asked, [`0-${written}`]);
    assert.deepEqual(kept?.told, told);
  });

  it('is known since it was read first, and anew since the ledger is another one', async () => {
    await isAllRead(opened());
    nowMs += 1000;
    const later = opened();
    await isAllRead(later);
    assert.equal(later.sinceMs, START_MS);
    assert.ok(kept);
    kept = { ...kept, types: [] };
    const ofMoreTypes = opened();
    await isAllRead(ofMoreTypes);
    assert.equal(ofMoreTypes.sinceMs, START_MS);
    kept = { ...kept, lastLeaf: Buffer.alloc(32, 7) };
    const ofAnother = opened();
    await isAllRead(ofAnother);
    assert.equal(ofAnother.sinceMs, nowMs);
    kept = { ...kept, sinceMs: nowMs + 1_000_000 };
    const setBack = opened();
    await isAllRead(setBack);
    assert.equal(setBack.sinceMs, nowMs);
  });

  it('is not all there when somebody stops it', async () => {
    const days = opened();
    assert.equal(unwrap(await days.readOn(() => true)), false);
    assert.deepEqual(asked, []);
  });

  it('does not lift a hold for what no seal of a gateway covers', async () => {
    const lift = { hold: 'case-7', author: 'ann' };
    site.source('gateway-1', 9, 0x99n).open().write('hold-lifted', lift);
    site.source('edge-1', 9, 0x9an).open().write('hold-lifted', lift).seal();
    const formerProxy = site.source('gateway-1', 9, 0x9bn).open();
    formerProxy.write('connection-closed', { connection: 1, code: 'closed' });
    formerProxy.write('hold-lifted', lift).seal();
    site.keys.set('gateway-9', site.keys.get('edge-2') ?? assert.fail());
    site.source('gateway-9', 0, 0x9cn).open().write('hold-lifted', lift).seal();
    site.keys.delete('gateway-9');
    await append(START_MS + DAY_MS);
    const days = opened();
    await isAllRead(days);
    assert.deepEqual(standing(days), ['case-7']);
  });

  /** As the gateway says it, or in its name whoever owns the database. */
  const saysThatFirstDayGoes = async (teller: RecordingSource) => {
    const [first] = unwrap(await owned.ledger.days());
    const entries = BigInt((first as LedgerDay).endIndex);
    return teller.write('day-dropped', { day: DAY, firstIndex: 0n, entries });
  };

  it('knows that a day was to go until a gateway has sealed that it is kept', async () => {
    (await saysThatFirstDayGoes(gateway)).seal();
    await append(START_MS + DAY_MS);
    const days = opened();
    await isAllRead(days);
    const [first] = unwrap(await owned.ledger.days());
    const { endIndex } = first as LedgerDay;
    assert.equal(days.announced(first as LedgerDay).length, 1);
    assert.deepEqual(days.announced({ ...(first as LedgerDay), endIndex: endIndex - 1 }), []);
    const keep = { day: DAY, firstIndex: 0n, entries: BigInt(endIndex) };
    const fields = { ...keep, treeSize: BigInt(days.readTo) };
    site.source('gateway-1', 9, 0x9dn).open().write('day-kept', fields);
    await append(START_MS + DAY_MS);
    await isAllRead(days);
    assert.equal(days.announced(first as LedgerDay).length, 1);
    gateway.write('day-kept', fields).seal();
    await append(START_MS + DAY_MS);
    await isAllRead(days);
    assert.deepEqual(days.announced(first as LedgerDay), []);
  });

  it('keeps in mind the newest two of what is told of a day again and again', async () => {
    for (let times = 0; times < 5; times++) (await saysThatFirstDayGoes(gateway)).seal();
    await append(START_MS + DAY_MS);
    await isAllRead(opened());
    assert.equal(kept?.told.filter(({ record }) => record[3] === 71).length, 2);
  });

  it('lifts a hold once the seal behind the record is there, and knows it after the day of it', async () => {
    gateway.write('hold-lifted', { hold: 'case-7', author: 'ann' });
    await append(START_MS + DAY_MS);
    const days = opened();
    await isAllRead(days);
    assert.deepEqual(standing(days), ['case-7']);
    gateway.seal();
    await append(START_MS + DAY_MS);
    await isAllRead(days);
    assert.deepEqual(standing(days), []);
    await owned.execute(`${OWNER} delete from audit_entry;`);
    const later = opened();
    await isAllRead(later);
    assert.deepEqual(standing(later), []);
  });
});

describe('a day whose name stood in the head before it came, so that nobody said when it began', () => {
  it('cannot be called older than one that began before it', async () => {
    const owned = await openOwned();
    const { ledger } = owned;
    const { site, sources } = busySite(20);
    const [gateway] = sources;
    assert.ok(gateway);
    let written = 0;
    const append = async (dayMs: number) => {
      const spans = site.ledger.list.slice(written).map(spanOf);
      written = site.ledger.list.length;
      const { begun } = unwrap(await ledger.append(spans, dayMs));
      if (begun === undefined) return undefined;
      gateway.write('day-begun', { ...begun, firstIndex: BigInt(begun.firstIndex) });
      return begun.previousDay ?? 'none';
    };
    assert.equal(await append(START_MS), 'none');
    const firstIndex = written;
    await owned.execute(`${OWNER} update audit_head set day = '2026-11-22'`);
    assert.equal(await append(START_MS + DAY_MS), undefined);
    await owned.execute(`${OWNER} update audit_head set day = '2020-01-01'`);
    const endIndex = written;
    gateway.seal();
    assert.equal(await append(START_MS + 2 * DAY_MS), '2020-01-01');
    assert.equal(await append(START_MS + 2 * DAY_MS), undefined);
    const days = new DaysOnRecord({
      store: ledger,
      memory: { read: async () => undefined, replace: async () => undefined },
      gatewayKey: () => undefined,
      nowMs: () => START_MS,
      turn: async () => undefined,
    });
    unwrap(await days.readOn(NEVER));
    const [, second] = unwrap(await ledger.days());
    assert.deepEqual([second?.firstIndex, second?.endIndex], [firstIndex, endIndex]);
    const called = { ...(second as LedgerDay), day: '2020-01-01' };
    assert.equal(days.against(called), `2020-01-01, before which ${DAY} began at index 0`);
    await owned.close();
  });
});
