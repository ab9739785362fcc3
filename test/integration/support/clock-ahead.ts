/**
 * Options of Node.js with which a program's calendar is ahead: what a day must be over for can be tried today.
 * Timers and TLS go by the machine's own clocks, as before.
 */
export function clockAhead(aheadMs: number): readonly string[] {
  const script = `const Real = Date;
globalThis.Date = class Date extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() + ${aheadMs});
    else super(...parts);
  }
  static now() {
    return Real.now() + ${aheadMs};
  }
};`;
  return ['--import', `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`];
}
