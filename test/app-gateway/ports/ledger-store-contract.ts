import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  Appended,
  LedgerEntry,
  LedgerStore,
  RecordSpan,
} from '@sallyport/app-gateway/ports/ledger-store.ts';
import { leafHash, nodeHash } from '@sallyport/shared/audit/merkle.ts';
import { recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { formatSource } from '@sallyport/shared/audit/source.ts';
import { admitted, NOON_MS, sourceOf, span } from './audit-records.ts';
import { searchContract } from './ledger-search-contract.ts';
import { toldContract } from './ledger-told-contract.ts';
import { unwrap } from './unwrap.ts';

const DAY_MS = 86_400_000;

/** A ledger, and the way to a second writer on the same database. */
export interface OpenLedger {
  readonly ledger: LedgerStore;
  another(): Promise<LedgerStore>;
  close(): Promise<void>;
}

/** The definition, as RFC 9162 §2.1.1 has it. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

/** What every ledger does, whatever keeps it. One ledger serves all cases: each uses sources and days of its own. */
export function ledgerStoreContract(name: string, open: () => Promise<OpenLedger>): void {
  describe(`ledger store contract: ${name}`, () => {
    let opened: OpenLedger;
    let ledger: LedgerStore;
    before(async () => {
      opened = await open();
      ledger = opened.ledger;
    });
    after(() => opened.close());

    const append = async (spans: readonly RecordSpan[], nowMs = NOON_MS, to = ledger) =>
      unwrap(await to.append(spans, nowMs));
    const all = async (): Promise<readonly LedgerEntry[]> => {
      const { size } = unwrap(await ledger.head());
      const entries: LedgerEntry[] = [];
      while (entries.length < size) {
        entries.push(...unwrap(await ledger.entries(entries.length, size)));
      }
      return entries;
    };
    const size = async (): Promise<number> => unwrap(await ledger.head()).size;
    const checkTree = async (): Promise<void> => {
      const { size: leaves, root } = unwrap(await ledger.head());
      const hashes = (await all()).map(({ record }) => leafHash(record));
      assert.equal(hashes.length, leaves);
      assert.equal(rootOf(hashes).toString('hex'), root.toString('hex'));
    };

    it('starts empty, with the root of the empty tree', async () => {
      assert.deepEqual(unwrap(await ledger.head()), {
        size: 0,
        root: Buffer.from(
          'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
          'hex',
        ),
      });
      assert.deepEqual(await all(), []);
      assert.equal(unwrap(await ledger.tile(0, 0)), undefined);
    });

    it('gives records their places in the order they come, as they are', async () => {
      const source = sourceOf('edge-1', 0xffff_ffff_ffff_fffen, 3);
      const done = await append([span(source, 0, 3)]);
      assert.equal(done.added, 3);
      const entries = await all();
      assert.deepEqual(
        entries.map(({ index, seq, day }) => [index, seq, day]),
        [0, 1, 2].map((at) => [at, at, '2026-11-21']),
      );
      assert.deepEqual(entries[2]?.source, source);
      assert.deepEqual(entries[2]?.record, admitted(2));
      await checkTree();
    });

    //    what comes                         is added, what the ledger has of the source then
    const repeats: readonly (readonly [number, number, number, readonly (readonly number[])[]])[] =
      [
        [0, 5, 5, [[0, 5]]],
        [0, 5, 0, [[0, 5]]],
        [3, 8, 3, [[0, 8]]],
        [2, 4, 0, [[0, 8]]],
        [
          10,
          12,
          2,
          [
            [0, 8],
            [10, 12],
          ],
        ],
        [7, 13, 3, [[0, 13]]],
      ];
    it('takes each record of a source once, whatever comes again', async () => {
      const source = sourceOf('repeats');
      for (const [first, end, added, ranges] of repeats) {
        const done = await append([span(source, first, end)]);
        assert.equal(done.added, added, `${first} to ${end}`);
        const streams = unwrap(await ledger.streams());
        const own = streams.find((one) => formatSource(one.source) === formatSource(source));
        assert.deepEqual(own?.ranges, ranges);
      }
      const seqs = (await all())
        .filter((entry) => entry.source.node === 'repeats')
        .map(({ seq }) => seq);
      assert.deepEqual(
        [...seqs].sort(byNumber),
        Array.from({ length: 13 }, (_, at) => at),
      );
    });

    it('takes a batch of several sources, and the same source twice in it', async () => {
      const [a, b] = [sourceOf('several', 1n), sourceOf('several', 2n)];
      const done = await append([span(a, 0, 2), span(b, 0, 2), span(a, 2, 4), span(a, 1, 5)]);
      assert.equal(done.added, 7);
    });

    it('has nothing to do for nothing', async () => {
      const before = await size();
      assert.equal((await append([])).added, 0);
      assert.equal(
        (await append([{ source: sourceOf('none'), records: Buffer.alloc(0) }])).added,
        0,
      );
      assert.equal(await size(), before);
    });

    it('lets the tree grow over whole tiles, batch by batch', async () => {
      const source = sourceOf('tiles');
      let at = 0;
      for (const count of [1, 200, 255, 256, 257, 700]) {
        await append([span(source, at, at + count)]);
        at += count;
      }
      await checkTree();
      const leaves = (await all()).map(({ record }) => leafHash(record));
      for (const tile of [0, 1, 2]) {
        const hashes = unwrap(await ledger.tile(0, tile));
        const expected = Buffer.concat(leaves.slice(tile * 256, tile * 256 + 256));
        assert.deepEqual(hashes, expected);
      }
      const above = unwrap(await ledger.tile(1, 0));
      assert.equal(above?.length, Math.floor(leaves.length / 256) * 32);
      assert.deepEqual(above?.subarray(0, 32), rootOf(leaves.slice(0, 256)));
    });

    it('is written by two at once, each record once', async () => {
      const other = await opened.another();
      const before = await size();
      const work = [ledger, other].map(async (one, writer) => {
        for (let at = 0; at < 10; at++) {
          await append([span(sourceOf('alone', BigInt(writer)), at * 7, at * 7 + 7)], NOON_MS, one);
          // Both have this one: it was sent again after one of them was lost.
          await append([span(sourceOf('shared'), at * 5, at * 5 + 5)], NOON_MS, one);
        }
      });
      await Promise.all(work);
      assert.equal((await size()) - before, 70 + 70 + 50);
      await checkTree();
    });

    it('keeps whatever bytes a peer has sent, and can be asked for them', async () => {
      const nasty: readonly string[] = [
        'nul\0nul',
        'quote"back\\slash',
        '{brace},NULL',
        'NULL',
        '',
        "it's; drop table audit_entry",
        'line\r\nline',
        '\u202e\u2066bidi',
        'half \udc80 byte',
        'ü€😀',
      ];
      const source = sourceOf('nasty');
      const records = nasty.map((callId, seq) => admitted(seq, { callId, partner: callId }));
      await append([{ source, records: Buffer.concat(records) }]);
      for (const [seq, callId] of nasty.entries()) {
        const found = unwrap(
          await ledger.search({ callIds: [callId], order: 'oldest-first', limit: 10 }),
        );
        assert.deepEqual(
          found.map((entry) => [entry.seq, entry.record.equals(records[seq] as Buffer)]),
          [[seq, true]],
          JSON.stringify(callId),
        );
      }
    });

    searchContract(() => ledger);
    toldContract(() => ledger);

    it('keeps checkpoints and what witnesses have put under them, the first of each', async () => {
      for (const [at, note] of [
        [10, 'ten'],
        [20, 'twenty'],
        [20, 'another twenty'],
      ] as const) {
        unwrap(await ledger.addCheckpoint(at, note, NOON_MS));
      }
      unwrap(await ledger.addCosignature(20, 'edge-1', 'line 1'));
      unwrap(await ledger.addCosignature(20, 'edge-1', 'line 2'));
      unwrap(await ledger.addCosignature(20, 'edge-2', 'line 3'));
      const ten = { size: 10, atMs: NOON_MS, note: 'ten', cosignatures: {} };
      const twenty = {
        size: 20,
        atMs: NOON_MS,
        note: 'twenty',
        cosignatures: { 'edge-1': 'line 1', 'edge-2': 'line 3' },
      };
      assert.deepEqual(unwrap(await ledger.checkpoints({ limit: 10 })), [twenty, ten]);
      assert.deepEqual(unwrap(await ledger.checkpoints({ limit: 1 })), [twenty]);
      assert.deepEqual(unwrap(await ledger.checkpoints({ belowSize: 20, limit: 10 })), [ten]);
      const orphan = await ledger.addCosignature(30, 'edge-1', 'line');
      assert.equal(orphan.ok, false);
    });

    it('thins out old checkpoints: of each hour that which most witnesses signed, or the last', async () => {
      const hour = NOON_MS + DAY_MS;
      const add = async (size: number, minutes: number, ...witnesses: string[]) => {
        unwrap(await ledger.addCheckpoint(size, `note ${size}`, hour + minutes * 60_000));
        for (const name of witnesses) unwrap(await ledger.addCosignature(size, name, 'line'));
      };
      await add(100, 0, 'edge-1');
      await add(101, 10, 'edge-1', 'edge-2');
      await add(102, 20, 'edge-1');
      await add(103, 60);
      await add(104, 70);
      await add(105, 120, 'edge-1');
      await add(106, 121);
      const left = async () =>
        unwrap(await ledger.checkpoints({ limit: 100 })).flatMap(({ size, cosignatures }) =>
          size < 100 ? [] : [[size, ...Object.keys(cosignatures).toSorted()].join(' ')],
        );
      const all = await left();
      const early = unwrap(await ledger.thinCheckpoints(99, hour + 59 * 60_000));
      assert.deepEqual(early, { removed: 0, upTo: 99, isMore: false });
      assert.deepEqual(await left(), all);
      const thinned = unwrap(await ledger.thinCheckpoints(99, hour + 121 * 60_000));
      assert.deepEqual(thinned, { removed: 3, upTo: 104, isMore: false });
      const after = ['106', '105 edge-1', '104', '101 edge-1 edge-2'];
      assert.deepEqual(await left(), after);
      const again = unwrap(await ledger.thinCheckpoints(99, hour + 121 * 60_000));
      assert.equal(again.removed, 0);
      unwrap(await ledger.addCheckpoint(107, 'note', hour + 122 * 60_000));
      unwrap(await ledger.addCosignature(107, 'edge-1', 'line'));
    });

    describe('days', () => {
      const day = (days: number) => NOON_MS + (100 + days) * DAY_MS;
      const name = (days: number) => new Date(day(days)).toISOString().slice(0, 10);
      const source = sourceOf('days');
      const begun: Appended['begun'][] = [];
      before(async () => {
        for (let at = 0; at < 4; at++) {
          const from = at * 300;
          begun.push((await append([span(source, from, from + 299)], day(at))).begun);
          const more = await append([span(source, from + 299, from + 300)], day(at));
          assert.equal(more.begun, undefined);
        }
      });
      const dayOf = async (days: number) =>
        unwrap(await ledger.days()).find((one) => one.day === name(days));
      const drop = async (days: number) => {
        const done = await ledger.dropDay(name(days), day(9));
        return done.ok ? 'dropped' : done.error.code;
      };

      it('have their share, in one piece', async () => {
        const first = await dayOf(0);
        const second = await dayOf(1);
        assert.equal((first?.endIndex ?? 0) - (first?.firstIndex ?? 0), 300);
        assert.equal(first?.endIndex, second?.firstIndex);
        assert.equal(second?.firstMs, NOON_MS + 300);
        assert.equal(second?.lastMs, NOON_MS + 599);
        assert.equal(second?.recordBytes, 300 * 14);
      });

      it('begin once, each where the one before it ended', async () => {
        const days = unwrap(await ledger.days()).slice(-5);
        const first = days.length < 5 ? [undefined, ...days] : days;
        assert.deepEqual(
          begun,
          first.slice(1).map((one, at) => ({
            day: one?.day,
            firstIndex: one?.firstIndex,
            ...(first[at] !== undefined && { previousDay: first[at].day }),
          })),
        );
      });

      it('do not go back when a clock does', async () => {
        const done = await append([span(source, 1200, 1201)], day(0));
        assert.equal(done.begun, undefined);
        const [entry] = unwrap(await ledger.entries(done.head.size - 1, done.head.size));
        assert.equal(entry?.day, name(3));
      });

      it('are dropped as a whole; the tree and its hashes stay', async () => {
        const before = unwrap(await ledger.head());
        const gone = await dayOf(0);
        assert.ok(gone !== undefined);
        assert.equal(await drop(0), 'dropped');
        assert.deepEqual(unwrap(await ledger.entries(gone.firstIndex, gone.endIndex)), []);
        const across = unwrap(await ledger.entries(gone.firstIndex, gone.endIndex + 1));
        assert.deepEqual(
          across.map(({ index }) => index),
          [gone.endIndex],
        );
        assert.equal((await dayOf(0))?.droppedAtMs, day(9));
        assert.deepEqual(unwrap(await ledger.head()), before);
        assert.ok(unwrap(await ledger.tile(0, Math.floor(gone.firstIndex / 256))));
        const again = await append([span(source, 0, 300)], day(3));
        assert.equal(again.added, 0);
      });

      it('are not dropped twice, nor before they end, nor where there is none', async () => {
        assert.equal(await drop(0), 'conflict');
        assert.equal(await drop(3), 'conflict');
        assert.equal(await drop(50), 'conflict');
      });

      it('are kept by a hold until it is lifted, the first and the last of it included', async () => {
        const hold = {
          name: 'case 7',
          firstDay: name(1),
          lastDay: name(2),
          reason: 'court order',
          setBy: 'ann',
          setAtMs: NOON_MS,
        };
        unwrap(await ledger.setHold(hold));
        assert.equal((await ledger.setHold(hold)).ok, false);
        const named = async () =>
          unwrap(await ledger.holds()).filter((one) => one.name === hold.name);
        assert.deepEqual(await named(), [hold]);
        assert.deepEqual([await drop(1), await drop(2)], ['conflict', 'conflict']);
        unwrap(await ledger.liftHold('case 7', 'bob', day(5)));
        assert.equal((await ledger.liftHold('case 7', 'bob', day(5))).ok, false);
        assert.equal((await ledger.liftHold('case 8', 'bob', day(5))).ok, false);
        assert.deepEqual(await named(), [{ ...hold, liftedBy: 'bob', liftedAtMs: day(5) }]);
        assert.deepEqual([await drop(1), await drop(2)], ['dropped', 'dropped']);
      });

      it('come back when their records come late', async () => {
        const done = await append([span(source, 2000, 2001)], day(3));
        assert.equal(done.added, 1);
        assert.equal((await dayOf(3))?.droppedAtMs, undefined);
      });
    });

    it('has counted as many of each type as there are, those that came twice or were dropped left out', async () => {
      const left = unwrap(await ledger.entries(0, await size()));
      const byType = Map.groupBy(left, ({ record }) => recordTypeAt(record, 0));
      const there = [...byType].map(([type, { length }]) => ({ type, records: length }));
      assert.ok(there.length > 1);
      assert.deepEqual(
        unwrap(await ledger.typeCounts({})),
        there.toSorted((a, b) => a.type - b.type),
      );
    });

    it('lets one at a time copy changes, until he is lost', async () => {
      const claim = async (last: number, node: string, nowMs: number) =>
        unwrap(await ledger.claimChanges(last, node, nowMs))?.after;
      assert.equal(await claim(5, 'one', NOON_MS), 0);
      assert.equal(await claim(5, 'two', NOON_MS), undefined);
      assert.equal(await claim(6, 'two', NOON_MS + 60_000), undefined);
      assert.equal(await claim(6, 'two', NOON_MS + 60_001), 0);
      unwrap(await ledger.changesCopied(6));
      assert.equal(await claim(6, 'one', NOON_MS + 60_002), undefined);
      assert.equal(await claim(7, 'one', NOON_MS + 60_002), 6);
      assert.equal(await claim(8, 'one', NOON_MS + 60_003), 6);
    });
  });
}

function byNumber(a: number, b: number): number {
  return a - b;
}
