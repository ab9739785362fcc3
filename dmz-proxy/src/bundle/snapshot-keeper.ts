import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  acceptSnapshot,
  type SnapshotContent,
  type SnapshotMark,
} from '@sallyport/shared/channel/snapshot.ts';
import type { SnapshotResult } from '@sallyport/shared/channel/snapshot-result.ts';
import { openSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { Result } from '@sallyport/shared/result.ts';
import type { Bundle } from './bundle.ts';
import { replaceDurably } from './durable-file.ts';

const MARK = /^(\d{1,16}) ([0-9a-f]{64})\n$/;
const MARK_BYTES_MAX = 128;

/**
 * Decides on snapshots: signed by the site, for this site, and never older than any seen before.
 *
 * The highest version is kept on disk, so that not even a restart brings an old configuration back;
 * the snapshot itself, with its keys, stays in memory. Where the mark cannot be written nothing is accepted.
 */
export class SnapshotKeeper {
  readonly #bundle: Bundle;
  readonly #worker: number;
  readonly #apply: (content: SnapshotContent) => Result<undefined, readonly string[]>;
  #applied: SnapshotMark | undefined;

  constructor(
    bundle: Bundle,
    worker: number,
    apply: (content: SnapshotContent) => Result<undefined, readonly string[]>,
  ) {
    this.#bundle = bundle;
    this.#worker = worker;
    this.#apply = apply;
  }

  /** Takes a `snapshot` payload. */
  offer(payload: Buffer): SnapshotResult {
    const opened = openSnapshot(payload, this.#bundle.snapshotSigningKey, this.#bundle.config.site);
    if (!opened.ok) return { version: 0, accepted: false, reason: opened.error.code };
    const { content, mark } = opened.value;
    const { version } = mark;
    const seen = highest(this.#applied, this.#readMark());
    if (seen === 'unreadable') return { version, accepted: false, reason: 'spool-unreadable' };
    const verdict = acceptSnapshot(seen, mark);
    if (verdict === 'older' || verdict === 'conflict') {
      return { version, accepted: false, reason: `snapshot-${verdict}` };
    }
    if (this.#applied?.digest === mark.digest) return { version, accepted: true };
    if (!this.#writeMark(mark)) return { version, accepted: false, reason: 'spool-not-writable' };
    const applied = this.#apply(content);
    if (!applied.ok) {
      return { version, accepted: false, reason: applied.error.join('; ').slice(0, 1000) };
    }
    this.#applied = mark;
    return { version, accepted: true };
  }

  /** A mark that is there and cannot be read is not the same as none. */
  #readMark(): SnapshotMark | undefined | 'unreadable' {
    try {
      const match = MARK.exec(readFileSync(this.#path(), 'latin1').slice(0, MARK_BYTES_MAX));
      if (match === null) return 'unreadable';
      return { version: Number(match[1]), digest: match[2] as string };
    } catch (cause) {
      const isAbsent = errorCode(cause) === 'ENOENT';
      return isAbsent ? undefined : 'unreadable';
    }
  }

  #writeMark(mark: SnapshotMark): boolean {
    const path = this.#path();
    try {
      replaceDurably(path, `${mark.version} ${mark.digest}\n`, `${path}.${this.#worker}`);
      return true;
    } catch {
      return false;
    }
  }

  #path(): string {
    return join(this.#bundle.folder, 'spool', 'snapshot-version');
  }
}

function highest(
  applied: SnapshotMark | undefined,
  onDisk: SnapshotMark | undefined | 'unreadable',
): SnapshotMark | undefined | 'unreadable' {
  if (onDisk === 'unreadable' || applied === undefined) return onDisk;
  return onDisk !== undefined && onDisk.version > applied.version ? onDisk : applied;
}
