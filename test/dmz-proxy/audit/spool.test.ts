import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type BlobSpan, Spool } from '@sallyport/dmz-proxy/audit/spool.ts';
import { processorMs } from '../../processor-ms.ts';

const SPAN = { records: 3, fromMs: 1000, untilMs: 2000 };
const MIB = 1_048_576;
const HEADER_BYTES = 32;

describe('the spool', () => {
  let parent: string;
  let folder: string;
  let failures: string[];
  let lost: BlobSpan[];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'sallyport-spool-'));
    folder = join(parent, 'audit-0');
    failures = [];
    lost = [];
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));
  const made = () =>
    new Spool({
      folder,
      failed: (...failure) => failures.push(failure.join(' ')),
      damaged: (span) => lost.push(span),
    });
  const opened = () => {
    const spool = made();
    assert.equal(spool.open(), true);
    return spool;
  };
  const put = (spool: Spool, text: string, bytesMax = MIB) =>
    spool.append(Buffer.from(text), SPAN, bytesMax);
  const texts = (spool: Spool) => [...spool.waiting()].map(({ id }) => spool.read(id)?.toString());

  it('gives blobs back in their order, and over a restart', () => {
    const spool = opened();
    for (const text of ['one', 'two']) put(spool, text);
    assert.deepEqual(texts(spool), ['one', 'two']);
    const after = opened();
    put(after, 'three');
    assert.deepEqual(texts(after), ['one', 'two', 'three']);
    assert.deepEqual(
      [...after.waiting()].map(({ records, fromMs, untilMs }) => ({ records, fromMs, untilMs })),
      [SPAN, SPAN, SPAN],
    );
    assert.deepEqual(failures, []);
  });

  it('opened once more, as when records are switched off and on, is the spool that it was', () => {
    const spool = opened();
    const one = put(spool, 'one') as bigint;
    assert.equal(spool.open(), true);
    assert.deepEqual([spool.size, spool.bytes], [1, HEADER_BYTES + 3]);
    put(spool, 'two');
    spool.remove(one);
    assert.deepEqual(texts(spool), ['two']);
    assert.deepEqual(texts(opened()), ['one', 'two']);
    assert.deepEqual(failures, []);
  });

  it('removes a file with the last blob in it, and counts its bytes no more', () => {
    const spool = opened();
    const ids = ['one', 'two'].map((text) => put(spool, text) as bigint);
    assert.equal(spool.bytes, 2 * (HEADER_BYTES + 3));
    spool.remove(ids[1] as bigint);
    assert.equal(readdirSync(folder).length, 1);
    spool.remove(ids[0] as bigint);
    spool.remove(ids[0] as bigint);
    assert.deepEqual([readdirSync(folder).length, spool.bytes, spool.size], [0, 0, 0]);
    put(spool, 'three');
    assert.deepEqual(texts(spool), ['three']);
  });

  it('goes on in another file when one has grown', () => {
    const spool = opened();
    for (let i = 0; i < 20; i++) assert.ok(spool.append(Buffer.alloc(262_144, i), SPAN, 64 * MIB));
    assert.equal(readdirSync(folder).length, 2);
    const [first] = [...spool.waiting()];
    assert.ok(first);
    for (const { id } of [...spool.waiting()].slice(0, 16)) spool.remove(id);
    assert.equal(readdirSync(folder).length, 1);
    assert.equal(spool.size, 4);
  });

  it('is emptied from the front at a cost that grows with the number of blobs alone', () => {
    put(opened(), 'one of an outage of many days');
    const one = readFileSync(join(folder, '00000001.spool'));
    const many = Buffer.concat(Array.from({ length: 8000 }, () => one));
    const files = 25;
    const filled = () => {
      for (let number = 1; number <= files; number++) {
        writeFileSync(join(folder, `${String(number).padStart(8, '0')}.spool`), many);
      }
      return opened();
    };
    const emptied = (spool: Spool) => {
      assert.equal(spool.size, files * 8000);
      for (let left = spool.size; left > 0; left--) {
        const [first] = spool.waiting();
        assert.ok(first);
        spool.remove(first.id);
      }
      assert.deepEqual([spool.size, spool.bytes, readdirSync(folder)], [0, 0, []]);
    };
    assert.ok(processorMs(emptied, 1000, filled) < 2000);
  });

  it('takes what fits, and not one byte more', () => {
    const spool = opened();
    assert.ok(put(spool, 'x'.repeat(100), HEADER_BYTES + 100));
    assert.equal(put(spool, 'x', HEADER_BYTES + 100 + HEADER_BYTES), undefined);
    assert.ok(put(spool, 'x', HEADER_BYTES + 100 + HEADER_BYTES + 1));
    assert.deepEqual(failures, []);
  });

  it('passes over what a crash has cut, and says so', () => {
    const spool = opened();
    for (const text of ['one', 'two']) put(spool, text);
    const path = join(folder, '00000001.spool');
    truncateSync(path, readFileSync(path).length - 1);
    const after = opened();
    assert.deepEqual(texts(after), ['one']);
    assert.deepEqual(failures, ['open cut']);
    put(after, 'three');
    assert.deepEqual(texts(opened()), ['one', 'three']);
  });

  it('passes over a blob whose header is damaged, finds the next one, and says so', () => {
    const at = 1000;
    const spool = opened();
    for (let i = 0; i < 4; i++) {
      const span = { records: 5, fromMs: at + 10 * i, untilMs: at + 10 * i + 9 };
      assert.ok(spool.append(Buffer.alloc(70_000, `blob ${i}`), span, MIB));
    }
    const path = join(folder, '00000001.spool');
    const whole = readFileSync(path);
    const entryBytes = HEADER_BYTES + 70_000;
    const damage = (entry: number, byte: number) => {
      const bytes = Buffer.from(whole);
      const place = entry * entryBytes + byte;
      bytes[place] = (bytes[place] as number) ^ 0x81;
      writeFileSync(path, bytes);
      lost = [];
      return texts(opened()).map((text) => text?.slice(0, 6));
    };
    const blobs = ['blob 0', 'blob 1', 'blob 2', 'blob 3'];
    for (let byte = 0; byte < HEADER_BYTES; byte++) {
      assert.deepEqual(damage(1, byte), blobs.toSpliced(1, 1), `byte ${byte}`);
      assert.deepEqual(lost, [{ records: 1, fromMs: at + 9, untilMs: at + 20 }]);
    }
    assert.deepEqual(damage(0, 1), blobs.slice(1));
    assert.deepEqual(lost, [{ records: 1, fromMs: at + 10, untilMs: at + 10 }]);
    assert.deepEqual(damage(3, 2), blobs.slice(0, 3));
    assert.deepEqual(lost, [{ records: 1, fromMs: at + 39 - 10, untilMs: at + 39 - 10 }]);
    assert.deepEqual(failures, []);
  });

  it('finds what follows a stretch of zeros, as a disk gives back what it has lost', () => {
    const spool = opened();
    for (let i = 0; i < 4; i++) {
      const span = { records: 5, fromMs: 10 * i, untilMs: 10 * i + 9 };
      assert.ok(spool.append(Buffer.alloc(70_000, `blob ${i}`), span, MIB));
    }
    const path = join(folder, '00000001.spool');
    const whole = readFileSync(path);
    const second = HEADER_BYTES + 70_000;
    const zeroed = (from: number, to: number) => {
      writeFileSync(path, Buffer.from(whole).fill(0, from, to));
      lost = [];
      const blobs = texts(opened()).map((text) => text?.slice(0, 6));
      return [blobs, lost];
    };
    const gap = { records: 1, fromMs: 9, untilMs: 20 };
    // The sector in which it lies; its length alone; all but its times.
    for (const [from, to] of [
      [second - 100, second + 412],
      [second, second + 4],
      [second, second + 16],
    ] as const) {
      const [blobs, told] = zeroed(from, to);
      assert.deepEqual(blobs?.slice(-2), ['blob 2', 'blob 3'], `${from} to ${to}`);
      assert.deepEqual(told, [gap]);
    }
    // Behind the last one there is nothing that ever counted: a crash has cut it.
    failures = [];
    const [blobs, told] = zeroed(3 * second, whole.length);
    assert.deepEqual([blobs, told], [['blob 0', 'blob 1', 'blob 2'], []]);
    assert.deepEqual(failures, ['open cut']);
  });

  it('reads what an earlier build has left, whose headers have no check', () => {
    const spool = opened();
    for (const text of ['one', 'two']) put(spool, text);
    const path = join(folder, '00000001.spool');
    const bytes = readFileSync(path);
    for (const at of [0, HEADER_BYTES + 3]) bytes.writeUInt32BE(0, at + 12);
    writeFileSync(path, bytes);
    assert.deepEqual(texts(opened()), ['one', 'two']);
    assert.deepEqual(lost, []);
  });

  it('removes a file in which nothing is whole', () => {
    opened();
    writeFileSync(join(folder, '00000007.spool'), Buffer.alloc(HEADER_BYTES + 5));
    const spool = opened();
    assert.equal(spool.size, 0);
    assert.equal(existsSync(join(folder, '00000007.spool')), false);
    put(spool, 'next');
    assert.deepEqual(readdirSync(folder), ['00000008.spool']);
  });

  it('leaves files alone that are not its own', () => {
    opened();
    writeFileSync(join(folder, 'epoch'), 'x');
    appendFileSync(join(folder, 'epoch'), 'y');
    assert.equal(opened().size, 0);
    assert.equal(readFileSync(join(folder, 'epoch'), 'utf8'), 'xy');
  });

  it('knows a damaged blob, and one that cannot be read now', () => {
    const spool = opened();
    const id = put(spool, 'precious') as bigint;
    const path = join(folder, '00000001.spool');
    const bytes = readFileSync(path);
    bytes[HEADER_BYTES] = (bytes[HEADER_BYTES] as number) ^ 1;
    writeFileSync(path, bytes);
    assert.equal(spool.read(id), 'damaged');
    rmSync(path);
    assert.equal(spool.read(id), undefined);
    assert.deepEqual(failures, ['read ENOENT']);
  });

  it('has no room without a disk', () => {
    writeFileSync(folder, 'no folder');
    const spool = made();
    assert.equal(spool.open(), false);
    assert.equal(put(spool, 'one'), undefined);
    assert.deepEqual(failures, ['open EEXIST', 'create ENOTDIR']);
  });
});
