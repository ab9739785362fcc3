/** Places [from, until). */
export interface Places {
  readonly from: number;
  readonly until: number;
}

/** Which places of the ledger some records speak of, however often: quickly told, even where there are thousands. */
export class PlaceUnion {
  /** Ascending, neither overlapping nor touching. */
  readonly #spans: Places[] = [];

  add(from: number, until: number): void {
    if (from >= until) return;
    const spans = this.#spans;
    const first = spans[this.#before(from) - 1];
    const isJoined = first !== undefined && first.until >= from;
    const at = this.#before(from) - Number(isJoined);
    const behind = this.#before(until + 1);
    const start = isJoined ? first.from : from;
    const end = Math.max(until, spans[behind - 1]?.until ?? until);
    spans.splice(at, behind - at, { from: start, until: end });
  }

  /** Whether all of them are in it; of no places that is so. */
  covers(from: number, until: number): boolean {
    const span = this.#spans[this.#before(from + 1) - 1];
    return until <= Math.max(from, span?.until ?? from);
  }

  /** Whether any of them is in it. */
  touches(from: number, until: number): boolean {
    const span = this.#spans[this.#before(until) - 1];
    return from < until && span !== undefined && span.until > from;
  }

  /** How many of the spans begin before that place. */
  #before(place: number): number {
    let at = 0;
    let end = this.#spans.length;
    while (at < end) {
      const middle = (at + end) >>> 1;
      if ((this.#spans[middle] as Places).from < place) at = middle + 1;
      else end = middle;
    }
    return at;
  }
}
