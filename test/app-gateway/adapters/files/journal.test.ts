import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FileJournal, type JournalOptions } from '@sallyport/app-gateway/adapters/files/journal.ts';
import { encodeEntry } from '@sallyport/app-gateway/adapters/files/journal-entry.ts';
import {
  type CreateSegment,
  createSegment,
  segmentPath,
} from '@sallyport/app-gateway/adapters/files/journal-files.ts';
import type { JournalPosition } from '@sallyport/app-gateway/ports/ledger-journal.ts';
import type { RecordSpan } from '@sallyport/app-gateway/ports/ledger-store.ts';

const span = (number: number, bytes = 10): RecordSpan => ({
  source: { node: 'edge-1', worker: 0, epoch: 1n },
  records: Buffer.alloc(bytes, number),
});
const ENTRY_BYTES = encodeEntry(span(0)).length;
const MAGIC_BYTES = 8;
const flip = (path: string, at: number) => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
};

describe('the journal', () => {
  let folder: string;
  let said: string[];
  let opened: FileJournal[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
    said = [];
    opened = [];
  });
  afterEach(async () => {
    for (const journal of opened) await journal.close();
    rmSync(folder, { recursive: true });
  });

  const open = async (over: Partial<JournalOptions> = {}): Promise<FileJournal> => {
    const journal = await FileJournal.open({
      folder,
      bytesMax: 1_000_000_000,
      retryMs: 1,
      events: {
        failing: (reason) => said.push(`failing: ${reason}`),
        recovered: () => said.push('recovered'),
        tailCut: (segment, bytes) => said.push(`cut: ${segment} ${bytes}`),
        damaged: (segment, bytes) => said.push(`damaged: ${segment} ${bytes}`),
        news: () => undefined,
      },
      ...over,
    });
    opened.push(journal);
    return journal;
  };
  const numbersOf = (spans: readonly RecordSpan[]) => spans.map(({ records }) => records[0]);
  const readAll = async (journal: FileJournal) => {
    const numbers: (number | undefined)[] = [];
    let end: JournalPosition | undefined;
    for (;;) {
      const batch = await journal.next();
      if (batch === undefined) return { numbers, end };
      numbers.push(...numbersOf(batch.spans));
      end = batch.end;
    }
  };
  const appendAll = async (journal: FileJournal, first: number, end: number) => {
    const done = [];
    for (let at = first; at < end; at++) done.push(journal.append(span(at)));
    assert.ok((await Promise.all(done)).every((isDurable) => isDurable));
  };
  const upTo = (end: number) => Array.from({ length: end }, (_, at) => at);

  it('gives back what was appended, in order, once', async () => {
    const journal = await open();
    assert.equal(await journal.next(), undefined);
    await appendAll(journal, 0, 5);
    assert.deepEqual((await readAll(journal)).numbers, upTo(5));
    assert.deepEqual((await readAll(journal)).numbers, []);
    await appendAll(journal, 5, 7);
    assert.deepEqual((await readAll(journal)).numbers, [5, 6]);
    assert.equal(journal.waitingBytes, 0);
  });

  it('keeps a copy: the caller’s bytes may change at once', async () => {
    const journal = await open();
    const given = span(1);
    const done = journal.append(given);
    given.records.fill(9);
    await done;
    assert.deepEqual((await readAll(journal)).numbers, [1]);
  });

  it('writes whoever comes together as one', async () => {
    let syncs = 0;
    const create: CreateSegment = async (...where) => {
      const file = await createSegment(...where);
      return {
        write: (bytes, at) => file.write(bytes, at),
        close: () => file.close(),
        datasync: () => {
          syncs += 1;
          return file.datasync();
        },
      };
    };
    await appendAll(await open({ create }), 0, 100);
    assert.equal(syncs, 1);
  });

  it('says that nothing is durable before it is', async () => {
    let sync: () => void = () => undefined;
    const create: CreateSegment = async () => ({
      write: async () => undefined,
      close: async () => undefined,
      datasync: () =>
        new Promise((done) => {
          sync = done;
        }),
    });
    const journal = await open({ create });
    let isDurable = false;
    const done = journal.append(span(1)).then((durable) => {
      isDurable = durable;
    });
    await new Promise(setImmediate);
    assert.deepEqual([isDurable, journal.waitingBytes], [false, ENTRY_BYTES]);
    sync();
    await done;
    assert.deepEqual([isDurable, journal.waitingBytes], [true, 0]);
  });

  it('knows how much of it the ledger may lack, whatever file that is in', async () => {
    const segmentBytes = MAGIC_BYTES + 2 * ENTRY_BYTES;
    const journal = await open({ segmentBytes });
    assert.equal(journal.unreleasedBytes, 0);
    const waiting = journal.append(span(0));
    assert.equal(journal.unreleasedBytes, ENTRY_BYTES);
    await waiting;
    for (let at = 1; at < 7; at++) await appendAll(journal, at, at + 1);
    assert.equal(journal.unreleasedBytes, 7 * ENTRY_BYTES);
    const first = await journal.next();
    assert.equal(journal.unreleasedBytes, 7 * ENTRY_BYTES, 'what was read is not there yet');
    await journal.release(first?.end ?? { segment: 0, offset: 0 });
    assert.equal(journal.unreleasedBytes, 5 * ENTRY_BYTES);
    const { end } = await readAll(journal);
    await journal.release(end ?? { segment: 0, offset: 0 });
    assert.equal(journal.unreleasedBytes, 0);
    await appendAll(journal, 7, 9);
    assert.equal(journal.unreleasedBytes, 2 * ENTRY_BYTES);
    await journal.close();
    const next = await open();
    const kept = readdirSync(folder).length;
    assert.ok(
      kept > 1 && next.unreleasedBytes > 2 * ENTRY_BYTES,
      'nobody knows what of it was there',
    );
    await next.release((await readAll(next)).end ?? { segment: 0, offset: 0 });
    assert.equal(next.unreleasedBytes, 0);
  });

  it('is read again from the start by the next process, over all its files', async () => {
    const first = await open({ segmentBytes: MAGIC_BYTES + 2 * ENTRY_BYTES });
    for (let at = 0; at < 7; at++) await appendAll(first, at, at + 1);
    assert.equal(readdirSync(folder).length, 4);
    await first.close();
    const second = await open();
    await appendAll(second, 7, 9);
    assert.deepEqual((await readAll(second)).numbers, upTo(9));
    assert.deepEqual(said, []);
  });

  const damages: readonly (readonly [
    string,
    (path: string) => void,
    readonly number[],
    string[],
  ])[] = [
    ['nothing', () => undefined, [0, 1, 2], []],
    [
      'an octet of the last entry missing',
      (path) => truncateSync(path, statSync(path).size - 1),
      [0, 1],
      [`cut: 1 ${ENTRY_BYTES - 1}`],
    ],
    [
      'all but an octet of the last entry missing',
      (path) => truncateSync(path, MAGIC_BYTES + 2 * ENTRY_BYTES + 1),
      [0, 1],
      ['cut: 1 1'],
    ],
    [
      'noughts at the end',
      (path) => appendFileSync(path, Buffer.alloc(64)),
      [0, 1, 2],
      ['cut: 1 64'],
    ],
    ['a file that was only begun', (path) => truncateSync(path, 3), [], ['cut: 1 3']],
    [
      'another octet in the first entry',
      (path) => flip(path, MAGIC_BYTES + 20),
      [1, 2],
      [`damaged: 1 ${ENTRY_BYTES}`],
    ],
    [
      'other octets in the first two entries',
      (path) => {
        flip(path, MAGIC_BYTES + 20);
        flip(path, MAGIC_BYTES + ENTRY_BYTES + 20);
      },
      [2],
      [`damaged: 1 ${2 * ENTRY_BYTES}`],
    ],
    [
      'another octet in the middle entry, and half of the last one',
      (path) => {
        flip(path, MAGIC_BYTES + ENTRY_BYTES + 20);
        truncateSync(path, statSync(path).size - 5);
      },
      [0],
      [`cut: 1 ${2 * ENTRY_BYTES - 5}`],
    ],
    ['a length that is none', (path) => flip(path, MAGIC_BYTES), [], [`cut: 1 ${3 * ENTRY_BYTES}`]],
    ['another first octet', (path) => flip(path, 0), [0, 1, 2], [`damaged: 1 ${MAGIC_BYTES}`]],
    [
      'another first octet, and one in the first entry',
      (path) => {
        flip(path, 0);
        flip(path, MAGIC_BYTES + 20);
      },
      [1, 2],
      [`damaged: 1 ${MAGIC_BYTES + ENTRY_BYTES}`],
    ],
    ['an empty file', (path) => truncateSync(path, 0), [], []],
    ['a file with nothing in it', (path) => truncateSync(path, MAGIC_BYTES), [], []],
  ];
  for (const [what, damage, numbers, words] of damages) {
    it(`goes on after a kill or a disk that left ${what}`, async () => {
      const first = await open();
      for (let at = 0; at < 3; at++) await appendAll(first, at, at + 1);
      await first.close();
      damage(segmentPath(folder, 1));
      const second = await open();
      await appendAll(second, 3, 5);
      assert.deepEqual((await readAll(second)).numbers, [...numbers, 3, 4]);
      assert.deepEqual(said, words);
    });
  }

  it('is read once more from its beginning, what comes meanwhile as well, and nothing of it is given up before', async () => {
    const journal = await open({ segmentBytes: MAGIC_BYTES + 2 * ENTRY_BYTES });
    for (let at = 0; at < 5; at++) await appendAll(journal, at, at + 1);
    const { numbers, end } = await readAll(journal);
    assert.deepEqual(numbers, upTo(5));
    await journal.release(end ?? { segment: 0, offset: 0 });
    assert.equal(journal.unreleasedBytes, 0);
    await journal.rewind();
    assert.equal(journal.unreleasedBytes, 5 * ENTRY_BYTES);
    await appendAll(journal, 5, 8);
    assert.deepEqual((await readAll(journal)).numbers, upTo(8));
    await journal.rewind();
    await journal.next();
    await journal.rewind();
    assert.deepEqual((await readAll(journal)).numbers, upTo(8));
    assert.deepEqual(said, []);
  });

  it('removes files that are in the ledger, but the last eight', async () => {
    const journal = await open({ segmentBytes: 1 });
    for (let at = 0; at < 20; at++) await appendAll(journal, at, at + 1);
    const { end } = await readAll(journal);
    assert.equal(readdirSync(folder).length, 20);
    await journal.release(end ?? { segment: 0, offset: 0 });
    assert.deepEqual(
      readdirSync(folder).map((name) => Number.parseInt(name.slice(-2), 16)),
      [13, 14, 15, 16, 17, 18, 19, 20],
    );
    const next = await open();
    assert.deepEqual((await readAll(next)).numbers, [12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('waits while the disk is full, says so once, and loses nothing', async () => {
    let failures = 3;
    const create: CreateSegment = async (...where) => {
      const file = await createSegment(...where);
      return {
        close: () => file.close(),
        datasync: () => file.datasync(),
        write: async (bytes, at) => {
          if (at > MAGIC_BYTES && failures > 0) {
            failures -= 1;
            await file.write(bytes.subarray(0, 5), at);
            throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          }
          await file.write(bytes, at);
        },
      };
    };
    const journal = await open({ create });
    await appendAll(journal, 0, 1);
    failures = 1;
    await appendAll(journal, 1, 3);
    assert.deepEqual(said, ['failing: ENOSPC', 'recovered']);
    assert.equal(journal.isFailing, false);
    assert.deepEqual((await readAll(journal)).numbers, [0, 1, 2]);
    await journal.close();
    const next = await open();
    assert.deepEqual((await readAll(next)).numbers, [0, 1, 2]);
  });

  it('leaves no files behind while it tries, and says what was not written when it is closed', async () => {
    let creations = 0;
    const create: CreateSegment = async (...where) => {
      creations += 1;
      const file = await createSegment(...where);
      return {
        close: () => file.close(),
        datasync: () => Promise.reject(new Error('EIO')),
        write: (bytes, at) => file.write(bytes, at),
      };
    };
    const journal = await open({ create });
    const first = journal.append(span(1));
    while (creations < 5) await new Promise(setImmediate);
    const second = journal.append(span(2));
    assert.ok(journal.isFailing);
    await journal.close();
    assert.deepEqual(
      [await first, await second, await journal.append(span(3))],
      [false, false, false],
    );
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(said, ['failing: EIO']);
  });

  it('takes no more than it may, until files are released', async () => {
    const bytesMax = 9 * (MAGIC_BYTES + ENTRY_BYTES);
    const journal = await open({ segmentBytes: 1, bytesMax });
    for (let at = 0; at < 9; at++) await appendAll(journal, at, at + 1);
    assert.equal(journal.freeBytes, 0);
    const { end } = await readAll(journal);
    const tenth = journal.append(span(9));
    while (!journal.isFailing) await new Promise(setImmediate);
    await journal.release(end ?? { segment: 0, offset: 0 });
    assert.equal(await tenth, true);
    assert.deepEqual(said, ['failing: journal-full', 'recovered']);
    assert.deepEqual((await readAll(journal)).numbers, [9]);
  });

  it('on a full disk gives up files that are in the ledger, oldest first, but one', async () => {
    const bytesMax = 5 * (MAGIC_BYTES + ENTRY_BYTES);
    const journal = await open({ segmentBytes: 1, bytesMax });
    assert.equal(journal.freeBytes, bytesMax);
    for (let at = 0; at < 5; at++) await appendAll(journal, at, at + 1);
    const { end } = await readAll(journal);
    assert.equal(journal.freeBytes, 0);
    await journal.release(end ?? { segment: 0, offset: 0 });
    assert.equal(readdirSync(folder).length, 5);
    assert.equal(journal.freeBytes, 3 * (MAGIC_BYTES + ENTRY_BYTES));
    for (let at = 5; at < 8; at++) await appendAll(journal, at, at + 1);
    assert.deepEqual(said, []);
    assert.deepEqual(
      readdirSync(folder).map((name) => Number.parseInt(name.slice(-12), 16)),
      [4, 5, 6, 7, 8],
    );
    const ninth = journal.append(span(8));
    while (!journal.isFailing) await new Promise(setImmediate);
    const later = await readAll(journal);
    assert.deepEqual(later.numbers, [5, 6, 7]);
    await journal.release(later.end ?? { segment: 0, offset: 0 });
    assert.equal(await ninth, true);
    assert.deepEqual(said, ['failing: journal-full', 'recovered']);
  });
});
