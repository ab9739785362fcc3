/** What became of conversations, and what went wrong in them. */
export class SipSums {
  messages = 0;
  readonly counts = new Map<string, number>();
  readonly complaints: string[] = [];
  complained = 0;

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** What may never happen, whatever else does. */
  complain(what: string): void {
    this.complained++;
    this.count(`complaint: ${what.slice(0, 40).replaceAll(/\d+/g, '#')}`);
    if (this.complaints.length < 20) this.complaints.push(what);
  }
}
