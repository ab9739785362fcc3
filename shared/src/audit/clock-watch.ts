/** What the wall clock may differ from the steady one between two looks. */
const STEP_MS = 1000;

/** Notices that a wall clock was set: it does not go with the steady one, and times before and after do not compare. */
export class ClockWatch {
  #wallMs: number | undefined;
  #steadyMs = 0;

  /**
   * What the wall clock should say, in milliseconds since 1970, where it was set since the last look. Looks are about a
   * minute apart at most: over hours no two clocks go alike.
   */
  look(wallMs: number, steadyMs: number): number | undefined {
    const lastMs = this.#wallMs;
    const expectedMs = Math.round((lastMs ?? wallMs) + steadyMs - this.#steadyMs);
    this.#wallMs = wallMs;
    this.#steadyMs = steadyMs;
    if (lastMs === undefined || Math.abs(wallMs - expectedMs) <= STEP_MS) return undefined;
    return Math.max(0, expectedMs);
  }
}
