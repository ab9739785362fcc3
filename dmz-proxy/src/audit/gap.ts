/**
 * Why something is not on record: there was no room for it; it was one refusal of many while there was none, or one
 * refused connection or message of a flood; the disk has lost it.
 */
export type GapCode =
  | 'audit-full'
  | 'refused-while-full'
  | 'connections-refused'
  | 'messages-refused'
  | 'spool-damaged';

/** Counts what was not put on record for one reason, so that one record can say so: how many, and between when. */
export class Gap {
  readonly code: GapCode;
  /** What more there is to say of it; empty: nothing. */
  readonly note: string;
  lost = 0;
  fromMs = 0;
  untilMs = 0;

  constructor(code: GapCode, note: string) {
    this.code = code;
    this.note = note;
  }

  /** Times are those of the wall clock, which may be set back meanwhile. */
  count(lost: number, fromMs: number, untilMs: number): void {
    this.fromMs = this.lost === 0 ? fromMs : Math.min(this.fromMs, fromMs);
    this.untilMs = this.lost === 0 ? untilMs : Math.max(this.untilMs, untilMs);
    this.lost = Math.min(this.lost + lost, LOST_MAX);
  }
}

const LOST_MAX = 0xff_ff_ff_ff;
