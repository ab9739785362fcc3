import type { KeyObject } from 'node:crypto';
import { columnsOf } from '@sallyport/app-gateway/ledger/record-columns.ts';
import type { LedgerReader } from '@sallyport/app-gateway/ports/ledger-reader.ts';
import type {
  LedgerDay,
  LedgerEntry,
  LedgerQuery,
  StoredCheckpoint,
  TimeSpan,
} from '@sallyport/app-gateway/ports/ledger-store.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { cosign } from '@sallyport/shared/audit/cosignature.ts';
import { leafHash } from '@sallyport/shared/audit/merkle.ts';
import { formatNote, formatSignatureLine, signNote } from '@sallyport/shared/audit/note.ts';
import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { TileBuilder } from '@sallyport/shared/audit/tile-builder.ts';
import { ok } from '@sallyport/shared/result.ts';
import { SearchedInMemory } from './searched-in-memory.ts';

/** A ledger in memory: what a reader sees of the real one, and open to whoever wants to tamper with it. */
export class TamperableLedger implements LedgerReader {
  readonly list: LedgerEntry[] = [];
  readonly stored: StoredCheckpoint[] = [];
  readonly tiles = new Map<string, Buffer>();
  readonly dropped: LedgerDay[] = [];
  readonly searched = new SearchedInMemory(this.list, this.dropped);
  readonly #tree = new TileBuilder();

  append(source: LedgerEntry['source'], record: Buffer): void {
    const index = this.list.length;
    const day = new Date(record.readUIntBE(4, 6)).toISOString().slice(0, 10);
    this.list.push({ index, day, source, seq: record.readUInt32BE(10), record });
    this.#tree.append(leafHash(record));
  }

  /** Signs the tree as it is, with the witnesses' word. */
  checkpoint(
    origin: string,
    key: KeyObject,
    witnesses: Readonly<Record<string, KeyObject>>,
    atMs: number,
  ): StoredCheckpoint {
    for (const { level, index, bytes } of [
      ...this.#tree.takeFull(),
      ...this.#tree.partialTiles(),
    ]) {
      this.tiles.set(`${level}/${index}`, bytes);
    }
    const { size } = this.#tree;
    const text = formatCheckpoint({ origin, size, root: this.#tree.root(), extensions: [] });
    const note = formatNote({ text, signatures: [signNote(text, origin, key)] });
    const cosignatures = Object.fromEntries(
      Object.entries(witnesses).map(([name, witness]) => [
        name,
        formatSignatureLine(cosign(text, Math.floor(atMs / 1000), witness, name)),
      ]),
    );
    const stored = { size, atMs, note, cosignatures };
    this.stored.push(stored);
    return stored;
  }

  head() {
    return Promise.resolve(ok({ size: this.#tree.size, root: this.#tree.root() }));
  }

  entries(from: number, to: number) {
    return Promise.resolve(
      ok(this.list.filter(({ index }) => index >= from && index < to && !this.#isDropped(index))),
    );
  }

  told(types: readonly number[], from: number, to: number) {
    const found = this.list.filter(
      ({ index, record }) => index >= from && index < to && types.includes(record[3] as number),
    );
    return Promise.resolve(ok(found));
  }

  search(query: LedgerQuery) {
    const found = this.list.filter((entry) => matches(entry, query));
    const ordered = query.order === 'newest-first' ? found.toReversed() : found;
    return Promise.resolve(ok(ordered.slice(0, query.limit)));
  }

  referring(requests: readonly Pick<LedgerEntry, 'source' | 'seq'>[]) {
    const found = this.list.filter(({ source, record }) => {
      const { requestSeq } = fieldsOf(record);
      return requests.some(
        (request) => request.seq === requestSeq && request.source.epoch === source.epoch,
      );
    });
    return Promise.resolve(ok(found));
  }

  streams() {
    return Promise.resolve(ok([]));
  }

  tile(level: number, tile: number) {
    return Promise.resolve(ok(this.tiles.get(`${level}/${tile}`)));
  }

  checkpoints({ belowSize, limit }: { belowSize?: number; limit: number }) {
    const found = this.stored.filter(({ size }) => belowSize === undefined || size < belowSize);
    return Promise.resolve(ok(found.toSorted((a, b) => b.size - a.size).slice(0, limit)));
  }

  days() {
    return Promise.resolve(ok(this.dropped));
  }

  typeCounts({ fromMs = 0, untilMs = Number.POSITIVE_INFINITY }: TimeSpan) {
    const inTime = this.list
      .map(({ record }) => columnsOf(record))
      .filter(({ timeMs }) => timeMs >= fromMs && timeMs < untilMs);
    const byType = Map.groupBy(inTime, ({ type }) => type);
    return Promise.resolve(
      ok([...byType].map(([type, { length }]) => ({ type, records: length }))),
    );
  }

  holds() {
    return Promise.resolve(ok([]));
  }

  #isDropped(index: number): boolean {
    return this.dropped.some(({ firstIndex, endIndex }) => index >= firstIndex && index < endIndex);
  }
}

function fieldsOf(record: Buffer) {
  const decoded = decodeRecord(record, 0, record.length);
  return decoded.ok ? decoded.value.fields : {};
}

function matches(entry: LedgerEntry, query: LedgerQuery): boolean {
  const columns = columnsOf(entry.record);
  const { timeMs } = columns;
  return (
    timeMs >= (query.fromMs ?? 0) &&
    timeMs < (query.untilMs ?? Number.POSITIVE_INFINITY) &&
    entry.index < (query.belowIndex ?? Number.POSITIVE_INFINITY) &&
    entry.index >= (query.fromIndex ?? 0) &&
    (query.types === undefined || query.types.includes(columns.type)) &&
    isAsked(query.partner, columns.partner) &&
    (query.callIds === undefined || query.callIds.includes(columns.callId ?? '')) &&
    isAsked(query.address, columns.address) &&
    isAsked(query.verdict, columns.verdict) &&
    isAsked(query.node, entry.source.node) &&
    isAsked(query.status, columns.status) &&
    (query.user === undefined || query.user === columns.fromUser || query.user === columns.toUser)
  );
}

function isAsked<T>(asked: T | undefined, is: T | undefined): boolean {
  return asked === undefined || asked === is;
}
