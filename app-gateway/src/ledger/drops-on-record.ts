import type { AuditRecord } from '@sallyport/shared/audit/record.ts';

/** Places [firstIndex, endIndex). */
interface Span {
  readonly firstIndex: number;
  readonly endIndex: number;
}

/** That a day goes, as the record at `index` announced it. */
export interface AnnouncedDrop extends Span {
  readonly index: number;
  readonly day: string;
  /** When that was said first. */
  readonly droppedMs: number;
}

/** Whatever was announced of these places by records before place `below` was not carried out. */
interface KeptDay extends Span {
  readonly below: number;
}

/**
 * Which days were dropped, as it is on record. A drop is announced before it is done: one that came to nothing is taken back
 * by a later record, and excuses nothing from then on.
 */
export class DropsOnRecord {
  readonly #announced: AnnouncedDrop[] = [];
  readonly #kept: KeptDay[] = [];

  /** Takes a record at its place, in any order. */
  hear(index: number, { type, timeMs, fields }: AuditRecord): void {
    const { day, firstIndex, entries, treeSize, droppedMs } = fields;
    if (day === undefined || firstIndex === undefined || entries === undefined) return;
    const span = { firstIndex: Number(firstIndex), endIndex: Number(firstIndex + entries) };
    if (type === 'day-dropped') {
      this.#announced.push({ ...span, index, day, droppedMs: Number(droppedMs ?? timeMs) });
    } else if (type === 'day-kept') this.#kept.push({ ...span, below: Number(treeSize ?? 0) });
  }

  /** Announcements that no record takes back. */
  get standing(): readonly AnnouncedDrop[] {
    return this.#announced.filter((drop) => !this.#isTakenBack(drop));
  }

  get takenBack(): readonly AnnouncedDrop[] {
    return this.#announced.filter((drop) => this.#isTakenBack(drop));
  }

  #isTakenBack(drop: AnnouncedDrop): boolean {
    return this.#kept.some(
      ({ firstIndex, endIndex, below }) =>
        drop.index < below && drop.firstIndex < endIndex && firstIndex < drop.endIndex,
    );
  }
}

/** Which places: the same text for the same ones. */
export function boundsText({ firstIndex, endIndex }: Span): string {
  return `${firstIndex}-${endIndex}`;
}
