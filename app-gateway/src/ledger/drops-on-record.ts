import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { PlaceUnion } from './place-union.ts';

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
    const takenBack = this.#takenBack();
    return this.#announced.filter((drop) => !takenBack.has(drop));
  }

  get takenBack(): readonly AnnouncedDrop[] {
    return [...this.#takenBack()];
  }

  /** From the last place on, so that what is kept by then is all that may speak against an announcement. */
  #takenBack(): ReadonlySet<AnnouncedDrop> {
    const keptAgain = new PlaceUnion();
    const waiting = this.#kept.toSorted((a, b) => a.below - b.below);
    const takenBack = new Set<AnnouncedDrop>();
    for (const drop of this.#announced.toSorted((a, b) => b.index - a.index)) {
      while ((waiting.at(-1)?.below ?? 0) > drop.index) {
        const { firstIndex, endIndex } = waiting.pop() as KeptDay;
        keptAgain.add(firstIndex, endIndex);
      }
      if (keptAgain.touches(drop.firstIndex, drop.endIndex)) takenBack.add(drop);
    }
    return takenBack;
  }
}

/** Which places: the same text for the same ones. */
export function boundsText({ firstIndex, endIndex }: Span): string {
  return `${firstIndex}-${endIndex}`;
}
