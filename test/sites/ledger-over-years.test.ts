import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DaysOnRecord, type ReadOfDays } from '@sallyport/app-gateway/ledger/days-on-record.ts';
import { Retention } from '@sallyport/app-gateway/ledger/retention.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { err } from '@sallyport/shared/result.ts';
import { openOwned } from '../app-gateway/adapters/database/owned-ledger.ts';
import {
  AuditedSite,
  exchange,
  ORIGIN,
  type RecordingSource,
  START_MS,
} from '../app-gateway/ledger/audited-site.ts';
import { codesOf, found } from '../app-gateway/ledger/verify/verifying.ts';
import {
  type OwnedLedger,
  verified,
  writeSite,
} from '../app-gateway/ports/ledger-tamper-contract.ts';
import { unwrap } from '../app-gateway/ports/unwrap.ts';
import { ManualClock } from '../shared/io/manual-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const dayOf = (number: number) => new Date(START_MS + number * DAY_MS).toISOString().slice(0, 10);

/** Day after day of a ledger that keeps one whole day, and its database’s owner’s way around it. */
describe('retention of a ledger that is older than what it keeps', () => {
  let owned: OwnedLedger;
  let site: AuditedSite;
  let sources: readonly RecordingSource[];
  let gateway: RecordingSource;
  let clock: ManualClock;
  let retention: Retention;
  let written: number;
  let today: number;
  let isFailing: boolean;
  let kept: ReadOfDays | undefined;
  /** What a gateway reads that remembers so much. */
  let recordsOfDays: () => DaysOnRecord;

  /** What was recorded goes into the database, and is signed. */
  const deliver = async () => {
    site.nowMs = clock.wallMs();
    site.checkpoint();
    await writeSite(owned.ledger, site, written);
    written = site.ledger.list.length;
  };
  const look = async () => {
    site.nowMs = clock.wallMs();
    await retention.look();
    await deliver();
  };
  /** The next day: everybody has records, and what is due goes. */
  const nextDay = async () => {
    today++;
    clock.advance(START_MS + today * DAY_MS - clock.wallMs());
    site.nowMs = clock.wallMs();
    const firstIndex = BigInt(written);
    gateway.write('day-begun', {
      ...{ day: dayOf(today), firstIndex },
      ...(today > 0 && { previousDay: dayOf(today - 1) }),
    });
    gateway.seal();
    for (const proxy of sources.slice(1)) {
      for (let number = 0; number < 5; number++) exchange(proxy, today * 100 + number);
      proxy.seal();
    }
    await deliver();
    await look();
  };
  const later = async () => {
    clock.advance(11 * MINUTE_MS);
    await look();
  };
  const hold = async (first: number, last: number, name = 'case-7') => {
    const [firstDay, lastDay] = [dayOf(first), dayOf(last)];
    const held = { name, firstDay, lastDay, reason: 'court order', setBy: 'ann' };
    unwrap(await owned.ledger.setHold({ ...held, setAtMs: clock.wallMs() }));
    site.nowMs = clock.wallMs();
    gateway.write('hold-set', { hold: name, author: 'ann', firstDay, lastDay }).seal();
    await deliver();
  };
  const lift = async () => {
    gateway.write('hold-lifted', { hold: 'case-7', author: 'ann' }).seal();
    unwrap(await owned.ledger.liftHold('case-7', 'ann', clock.wallMs()));
    await deliver();
  };
  const takenAway = (number: number) =>
    owned.execute(`set session_replication_role = replica;
      delete from audit_entry where day = '${dayOf(number)}';
      update audit_day set dropped_at_ms = 1 where day = '${dayOf(number)}'`);
  const verdict = () => verified(owned.ledger, site);

  beforeEach(async () => {
    owned = await openOwned();
    site = new AuditedSite(['edge-1', 'gateway-1']);
    clock = new ManualClock(START_MS);
    [written, today, isFailing, kept] = [0, -1, false, undefined];
    gateway = site.source('gateway-1', 0, 0x60n).open();
    gateway.write('ledger-opened', { origin: ORIGIN, treeSize: 0n });
    sources = [gateway, site.source('edge-1', 0, 0x11n).open()];
    const { ledger } = owned;
    recordsOfDays = () =>
      new DaysOnRecord({
        store: ledger,
        memory: {
          read: async () => kept,
          async replace(read) {
            kept = read;
          },
        },
        gatewayKey: (node) => {
          const key = node === 'gateway-1' ? site.keys.get(node) : undefined;
          return key && createPublicKey(key);
        },
        nowMs: () => clock.wallMs(),
        turn: async () => undefined,
      });
    retention = new Retention({
      node: 'gateway-1',
      store: {
        days: () => ledger.days(),
        holds: () => ledger.holds(),
        putBackHold: (one) => ledger.putBackHold(one),
        thinCheckpoints: (size, beforeMs) => ledger.thinCheckpoints(size, beforeMs),
        digestDays: () => ledger.digestDays(),
        dropDay: async (day, nowMs) =>
          isFailing ? err({ code: 'unavailable', reason: 'no room' }) : ledger.dropDay(day, nowMs),
      },
      onRecord: recordsOfDays(),
      note: async (type, fields) => {
        gateway.write(type, fields).seal();
        return true;
      },
      clock,
      retentionDays: () => 1,
      dropped: () => undefined,
      putBack: () => undefined,
      failed: () => undefined,
    });
  });
  afterEach(async () => {
    await retention.stop();
    await owned.close();
  });

  it('is good for ever: what says that a day was dropped is told anew before it goes itself', async () => {
    for (let day = 0; day < 7; day++) {
      await nextDay();
      assert.deepEqual(codesOf(await verdict()), day < 2 ? [] : ['days-dropped']);
      // It keeps nothing any more, and nothing was broken.
      if (day === 2) await hold(0, 0);
    }
    const days = unwrap(await owned.ledger.days());
    assert.equal(days.filter(({ droppedAtMs }) => droppedAtMs !== undefined).length, 5);
  });

  it('tells nothing anew that no gateway has sealed', async () => {
    for (let day = 0; day < 3; day++) await nextDay();
    const [, second] = unwrap(await owned.ledger.days());
    assert.ok(second);
    const { firstIndex, endIndex } = second;
    const bounds = { firstIndex: BigInt(firstIndex), entries: BigInt(endIndex - firstIndex) };
    await hold(1, 1);
    const forged = site.source('gateway-1', 9, 0x99n).open();
    forged.write('day-dropped', { day: dayOf(1), ...bounds });
    await deliver();
    await takenAway(1);
    for (let day = 0; day < 4; day++) await nextDay();
    const { detail, index } = found(await verdict(), 'records-missing');
    assert.deepEqual([index, detail], [0, undefined]);
  });

  it('knows that a hold was on a day when it went, years later', async () => {
    for (let day = 0; day < 2; day++) await nextDay();
    await hold(0, 0);
    clock.advance(2 * MINUTE_MS);
    site.nowMs = clock.wallMs();
    const [first] = unwrap(await owned.ledger.days());
    const bounds = { firstIndex: 0n, entries: BigInt(first?.endIndex ?? 0) };
    gateway.write('day-dropped', { day: dayOf(0), ...bounds }).seal();
    await takenAway(0);
    await owned.execute(`set session_replication_role = replica;
      update audit_hold set first_day = '${dayOf(1)}', last_day = '${dayOf(1)}'`);
    for (let day = 0; day < 3; day++) await nextDay();
    assert.deepEqual(codesOf(await verdict()), ['days-dropped', 'hold-broken']);
  });

  it('is good with a day that is kept among those that went, in runs that go on across it', async () => {
    for (let day = 0; day < 2; day++) await nextDay();
    await hold(1, 1);
    for (let day = 0; day < 3; day++) {
      await nextDay();
      assert.deepEqual(codesOf(await verdict()), ['days-dropped']);
    }
    await owned.execute(`set session_replication_role = replica;
      delete from audit_entry where day = '${dayOf(1)}' and index > 25`);
    assert.ok(codesOf(await verdict()).includes('sequence-hole'));
  });

  it('knows of a hold for as long as it stands, though it was set longer ago than anything is kept', async () => {
    for (let day = 0; day < 2; day++) await nextDay();
    await hold(0, 0);
    for (let day = 0; day < 2; day++) await nextDay();
    clock.advance(2 * MINUTE_MS);
    site.nowMs = clock.wallMs();
    const [first, second] = unwrap(await owned.ledger.days());
    assert.ok(second?.droppedAtMs !== undefined && first?.droppedAtMs === undefined);
    const bounds = { firstIndex: 0n, entries: BigInt(first?.endIndex ?? 0) };
    gateway.write('day-dropped', { day: dayOf(0), ...bounds }).seal();
    await takenAway(0);
    await deliver();
    const { detail } = found(await verdict(), 'hold-broken');
    assert.equal(detail, `day ${dayOf(0)}, hold case-7`);
    const set = site.ledger.list.filter(({ record }) => record[3] === AUDIT_TYPE['hold-set']);
    assert.equal(set.length, 2);
  });

  it('does not tell of a hold any more that was lifted', async () => {
    for (let day = 0; day < 2; day++) await nextDay();
    await hold(0, 0);
    await lift();
    for (let day = 0; day < 2; day++) await nextDay();
    const set = site.ledger.list.filter(({ record }) => record[3] === AUDIT_TYPE['hold-set']);
    assert.equal(set.length, 1);
  });

  it('knows that a hold was lifted for as long as the record of its being set is kept by another one', async () => {
    await nextDay();
    await hold(0, 1);
    await hold(0, 0, 'case-8');
    await nextDay();
    clock.advance(2 * MINUTE_MS);
    await lift();
    clock.advance(2 * MINUTE_MS);
    for (let day = 0; day < 6; day++) {
      await nextDay();
      assert.deepEqual(codesOf(await verdict()), day === 0 ? [] : ['days-dropped']);
    }
    kept = undefined;
    const anew = recordsOfDays();
    assert.equal(unwrap(await anew.readOn(() => false)), true);
    const standing = anew.holds.filter(({ liftedMs }) => liftedMs === Infinity);
    assert.deepEqual(
      standing.map(({ name }) => name),
      ['case-8'],
    );
  });

  /** Its drop is announced on day 2, and comes to nothing. */
  const announcedInVain = async () => {
    for (let day = 0; day < 2; day++) await nextDay();
    isFailing = true;
    await nextDay();
    isFailing = false;
  };

  it('says that a day is kept whose drop came to nothing before it was held: it may not go unseen', async () => {
    await announcedInVain();
    await hold(0, 0);
    await later();
    assert.deepEqual(codesOf(await verdict()), []);
    await takenAway(0);
    const report = await verdict();
    const missing = found(report, 'records-missing');
    assert.deepEqual(
      [missing.index, missing.detail],
      [0, 'kept, says a record, after it was announced that they go'],
    );
    assert.equal(report.isGood, false);
    for (let day = 0; day < 3; day++) await nextDay();
    assert.equal(found(await verdict(), 'records-missing').index, 0);
  });

  it('says so once, and drops the day when the hold is lifted', async () => {
    await announcedInVain();
    await hold(0, 0);
    await later();
    const { length } = site.ledger.list;
    await later();
    assert.equal(site.ledger.list.length, length);
    await lift();
    await later();
    assert.deepEqual(codesOf(await verdict()), ['days-dropped']);
    for (let day = 0; day < 5; day++) await nextDay();
    assert.deepEqual(codesOf(await verdict()), ['days-dropped']);
  });

  it('waits ten minutes before it says so: another gateway may be at it', async () => {
    await announcedInVain();
    await hold(0, 0);
    const { length } = site.ledger.list;
    clock.advance(9 * MINUTE_MS);
    await look();
    assert.equal(site.ledger.list.length, length);
  });

  it('says so anew before the day goes on which it was said', async () => {
    await announcedInVain();
    await hold(0, 2);
    today++;
    clock.advance(DAY_MS);
    await look();
    for (let day = 0; day < 3; day++) await nextDay();
    const days = unwrap(await owned.ledger.days());
    assert.deepEqual(
      days.flatMap(({ day, droppedAtMs }) => (droppedAtMs === undefined ? [] : [day])),
      [dayOf(3), dayOf(4)],
    );
    await takenAway(0);
    assert.ok(found(await verdict(), 'records-missing').detail?.startsWith('kept'));
  });
});
