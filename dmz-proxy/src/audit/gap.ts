/** Counts what was not put on record for one reason, so that one record can say so: how many, and between when. */
export class Gap {
  lost = 0;
  fromMs = 0;
  untilMs = 0;

  /** Times are those of the wall clock, which may be set back meanwhile. */
  count(lost: number, fromMs: number, untilMs: number): void {
    this.fromMs = this.lost === 0 ? fromMs : Math.min(this.fromMs, fromMs);
    this.untilMs = this.lost === 0 ? untilMs : Math.max(this.untilMs, untilMs);
    this.lost = Math.min(this.lost + lost, LOST_MAX);
  }
}

const LOST_MAX = 0xff_ff_ff_ff;
