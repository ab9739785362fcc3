import type { KeyObject } from 'node:crypto';
import { leafHash } from '@sallyport/shared/audit/merkle.ts';
import { publicKeyOfRaw } from '@sallyport/shared/audit/raw-key.ts';
import { isBeyondThisVersion, recordFault } from '@sallyport/shared/audit/record-check.ts';
import { recordTimeAt, recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { type AuditSource, formatSource } from '@sallyport/shared/audit/source.ts';
import { TILE_WIDTH } from '@sallyport/shared/audit/tiles.ts';
import { instantText } from '@sallyport/shared/io/time-text.ts';
import { judgeCheckpoint, noteKeysOf } from './checkpoint-check.ts';
import { judgeCheckpoints } from './checkpoint-findings.ts';
import { FindingList } from './finding.ts';
import { judgeKnown, judgeKnownRoot } from './known-checkpoint.ts';
import type { LedgerKeys, PackHeader } from './pack-format.ts';
import { PackReader, type PackSink } from './pack-reader.ts';
import { SiteClaims } from './site-claims.ts';
import { StreamCheck } from './stream-check.ts';
import { judgeStreams } from './stream-findings.ts';
import { type SignedRoot, TreeCheck } from './tree-check.ts';
import type { VerifyReport } from './verify-report.ts';

/** What an auditor brings along. */
export interface VerifyOptions {
  /** Kept elsewhere; absent: the file's own are taken, and the report says so. */
  readonly keys?: LedgerKeys;
  /** A checkpoint that was kept elsewhere: an older copy or another history does not fit it. */
  readonly knownCheckpoint?: string;
}

/**
 * Verifies an export from its octets alone: no clock, no network, no database.
 *
 * Says what is wrong and where. Memory is bounded: one frame, the edge of the tree, and for each source what lies between
 * two seals.
 */
export class Verification implements PackSink {
  readonly #options: VerifyOptions;
  readonly #reader: PackReader;
  readonly #findings = new FindingList();
  readonly #tree: TreeCheck;
  readonly #claims = new SiteClaims();
  readonly #notes: string[] = [];
  readonly #streams = new Map<string, StreamCheck>();
  /** By the number that the file uses. */
  #numbered: (StreamCheck | undefined)[] = [];
  #header: PackHeader | undefined;
  #keys: LedgerKeys | undefined;
  #witnessKeys = new Map<string, KeyObject>();
  #hasBegun = false;
  #records = 0;
  #newestMs = 0;
  #missing: { from: number; until: number }[] = [];

  constructor(options: VerifyOptions = {}) {
    this.#options = options;
    this.#reader = new PackReader(this);
    this.#tree = new TreeCheck(this.#findings);
  }

  /** Octets of the file, in its order, cut anywhere. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  header(header: PackHeader): void {
    this.#header = header;
  }

  keys(keys: LedgerKeys): void {
    this.#keys ??= keys;
  }

  checkpoint(note: string): void {
    this.#notes.push(note);
  }

  subtree(level: number, number: number, hash: Buffer): void {
    this.#begin();
    const { from, to } = this.#bounds();
    const start = number * 2 ** level;
    const end = start + 2 ** level;
    this.#fillTo(Math.min(start, to));
    const isOutside = end <= from || start >= to;
    if (!isOutside) this.#noteMissing(start, end);
    if (!this.#tree.subtree(level, number, hash)) this.#tree.breakOff();
  }

  source(number: number, source: AuditSource): void {
    this.#begin();
    const name = formatSource(source);
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new StreamCheck(source, this.#witnessKeys.get(source.node), this.#findings);
      this.#streams.set(name, stream);
    }
    this.#numbered[number] = stream;
  }

  tile(number: number, hashes: Buffer): void {
    this.#begin();
    this.#fillTo(Math.max(this.#tree.size, number * TILE_WIDTH));
    this.#tree.tile(number, hashes);
  }

  record(index: number, source: number, bytes: Buffer, start: number, end: number): void {
    this.#begin();
    this.#records++;
    const { from, to } = this.#bounds();
    if (index < this.#tree.size || index < from || index >= to) {
      const detail =
        index < this.#tree.size ? 'its place is taken' : 'outside of what the file is of';
      this.#findings.add('record-misplaced', { index, detail });
      return;
    }
    if (index > this.#tree.size) this.#fillTo(index);
    this.#tree.leaf(leafHash(bytes.subarray(start, end)));
    const stream = this.#numbered[source];
    const fault = stream === undefined ? 'source-unknown' : recordFault(bytes, start, end);
    const isUnknown = fault !== undefined && isBeyondThisVersion(bytes, start, end);
    if (isUnknown) this.#findings.add('record-unknown', { index, detail: fault });
    if (stream === undefined || (fault !== undefined && !isUnknown)) {
      this.#findings.add('record-malformed', { index, detail: fault ?? 'source-unknown' });
      return;
    }
    const timeMs = recordTimeAt(bytes, start);
    if (timeMs > this.#newestMs) this.#newestMs = timeMs;
    stream.take(index, bytes, start, end);
    this.#claims.hear(recordTypeAt(bytes, start), stream, index, bytes, start, end);
  }

  /** The verdict, once everything was pushed. */
  end(): VerifyReport {
    const torn = this.#reader.end();
    if (torn !== undefined) this.#findings.add(torn);
    this.#begin();
    const { origin, from, to, size } = this.#bounds();
    const claims = this.#claims;
    claims.settle(this.#findings, this.#activeKeys()?.former);
    if (this.#tree.size < to) this.#endsEarly(to, size);
    for (const { from: first, until } of this.#missing) {
      const isDropped = claims.areDropped(first, until);
      this.#findings.add(isDropped ? 'days-dropped' : 'records-missing', {
        index: first,
        untilIndex: until,
        ...detailed(isDropped ? undefined : claims.saidInVain(first, until)),
      });
    }
    claims.holds.judge(claims.dropped, this.#missing, this.#findings);
    claims.days.judge(claims.dropped, this.#missing, this.#findings);
    if (from > 0) {
      const isDropped = claims.areDropped(0, from);
      this.#findings.add(isDropped ? 'days-dropped' : 'before-not-here', {
        index: 0,
        untilIndex: from,
        ...detailed(claims.days.begunWithin(from, to, 'first')),
      });
    }
    if (to < size) {
      const last = detailed(claims.days.begunWithin(from, to, 'last'));
      this.#findings.add('after-not-here', { index: to, untilIndex: size, ...last });
    }
    const dropped = this.#missing.filter((hole) => claims.areDropped(hole.from, hole.until));
    const isWhole = from === 0 && dropped.length === 0;
    const outcome = this.#tree.end();
    this.#judgeRoots();
    const streams = [...this.#streams.values()].filter(({ summary }) => summary.records > 0);
    judgeStreams({
      streams,
      claims,
      isWhole,
      from,
      dropped,
      wholeFrom: Math.max(from, ...dropped.map(({ until }) => until)),
      isToTheEnd: to === size,
      newestMs: this.#newestMs,
      witnesses: this.#hostsOfNow(),
      findings: this.#findings,
    });
    this.#judgeWitnessed(size);
    if (this.#options.keys === undefined) this.#findings.add('keys-not-pinned');
    if (claims.notHeard > 0) {
      const detail = `${claims.notHeard} records of days and holds`;
      this.#findings.add('not-all-judged', { detail });
    }
    if (claims.lost > 0) this.#findings.add('gap-declared', { detail: `${claims.lost} records` });
    return {
      isGood: !this.#findings.hasFault,
      origin,
      from,
      to,
      size,
      records: this.#records,
      areKeysPinned: this.#options.keys !== undefined,
      provenSize: outcome.provenSize,
      provenRoot: outcome.provenRoot?.toString('base64'),
      checkpoints: this.#notes.length,
      witnessed: this.#witnessed,
      sources: streams.map(({ name, summary: { records, seals, unsealed } }) => ({
        source: name,
        records,
        seals,
        unsealed,
      })),
      declaredLost: claims.lost,
      findings: this.#findings.all,
      leftOut: this.#findings.leftOut,
    };
  }

  #witnessed: VerifyReport['witnessed'];
  /** Of the whole tree, where it is signed; and of the checkpoint that was kept elsewhere. */
  #signedRoot: SignedRoot | undefined;
  #knownRoot: SignedRoot | undefined;

  /** Records that were compared with no root are anybody's. */
  #judgeRoots(): void {
    const signed = this.#signedRoot;
    if (signed !== undefined && this.#tree.gives(signed.size) === undefined) {
      this.#findings.add('root-not-reached', { detail: `size ${signed.size}` });
    }
    const known = this.#knownRoot;
    if (known !== undefined) judgeKnownRoot(known, this.#tree, this.#bounds(), this.#findings);
  }

  /** Seconds are honest. Days are of proxies that are away, or that will not sign what was made of the ledger since. */
  #judgeWitnessed(size: number): void {
    const { size: index = size, timestampS = 0 } = this.#witnessed ?? {};
    if (index >= size) return;
    const detail = `signed ${instantText(timestampS * 1000)}, records up to ${instantText(this.#newestMs)}`;
    this.#findings.add('cosignatures-late', { index, untilIndex: size, detail });
  }

  /** Keys and checkpoints stand before everything that they are good for. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const keys = this.#activeKeys();
    if (keys === undefined) {
      this.#findings.add('checkpoint-missing', { detail: 'and no keys' });
      return;
    }
    if (this.#bounds().origin !== keys.origin) {
      this.#findings.add('origin-wrong', { detail: `the keys are of ${keys.origin}` });
    }
    const raw = (base64: string) => publicKeyOfRaw('Ed25519', Buffer.from(base64, 'base64'));
    for (const [node, key] of Object.entries(keys.witnesses)) this.#witnessKeys.set(node, raw(key));
    const noteKeys = noteKeysOf(keys);
    const judged = this.#notes.flatMap(
      (note) => judgeCheckpoint(note, noteKeys, this.#findings) ?? [],
    );
    const { size } = this.#bounds();
    const signed = judgeCheckpoints(
      judged,
      { size, hasWitnesses: noteKeys.witnesses.length > 0 },
      this.#findings,
    );
    this.#witnessed = signed.witnessed;
    const known = this.#options.knownCheckpoint;
    const roots = [...signed.roots];
    this.#signedRoot = roots.find((root) => root.size === size && size > 0);
    if (known !== undefined) {
      this.#knownRoot = judgeKnown(known, noteKeys, size, signed.roots, this.#findings);
    }
    const { size: kept } = this.#knownRoot ?? {};
    if (this.#knownRoot !== undefined && !roots.some((root) => root.size === kept)) {
      roots.push(this.#knownRoot);
    }
    this.#tree.expect(roots.toSorted((a, b) => a.size - b.size));
  }

  /** A host that was taken out may have nothing left here. */
  #hostsOfNow(): readonly string[] {
    const { witnesses = {}, former = {} } = this.#activeKeys() ?? {};
    return Object.keys(witnesses).filter((node) => !Object.hasOwn(former, node));
  }

  #activeKeys(): LedgerKeys | undefined {
    return this.#options.keys ?? this.#keys;
  }

  #bounds(): Pick<PackHeader, 'origin' | 'from' | 'to' | 'size'> {
    return this.#header ?? { origin: '', from: 0, to: 0, size: 0 };
  }

  /** Records up to `index` are not here. */
  #fillTo(index: number): void {
    const at = this.#tree.size;
    if (index <= at) return;
    this.#noteMissing(at, index);
    this.#tree.missing(index);
    if (this.#tree.size < index) this.#tree.skipTo(index);
  }

  #noteMissing(from: number, until: number): void {
    const last = this.#missing.at(-1);
    if (last?.until === from) last.until = until;
    else if (this.#missing.length < MISSING_MAX) this.#missing.push({ from, until });
  }

  /** A hole that reaches to the end is a part of the missing tail: hashes of it may be here, its records are not. */
  #endOfRecords(at: number): number {
    const last = this.#missing.at(-1);
    if (last?.until !== at || this.#claims.areDropped(last.from, last.until)) return at;
    this.#missing.pop();
    return last.from;
  }

  #endsEarly(to: number, size: number): void {
    const at = this.#tree.size;
    if (to === size) {
      this.#findings.add('tail-missing', { index: this.#endOfRecords(at), untilIndex: to });
    } else this.#noteMissing(at, to);
    this.#tree.missing(to);
    this.#tree.breakOff();
  }
}

/** More holes than this are one finding too many. */
const MISSING_MAX = 10_000;

function detailed(detail: string | undefined): { readonly detail?: string } {
  return detail === undefined ? {} : { detail };
}
