/**
 * Options of Node.js with which a program's calendar is ahead: what a day must be over for can be tried today.
 * Timers and TLS go by the machine's own clocks, as before.
 */
export function clockAhead(aheadMs: number): readonly string[] {
  return imported(`const aheadMs = ${aheadMs};${CALENDAR}`);
}

/** The same for a calendar that is set while the program runs, when it gets SIGUSR2; then its log has `clock-set`. */
export function clockSetBy(stepMs: number): readonly string[] {
  const step = `let aheadMs = 0;
process.on('SIGUSR2', () => {
  aheadMs += ${stepMs};
  console.log('{"event":"clock-set"}');
});`;
  return imported(`${step}${CALENDAR}`);
}

const CALENDAR = `const Real = Date;
globalThis.Date = class Date extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() + aheadMs);
    else super(...parts);
  }
  static now() {
    return Real.now() + aheadMs;
  }
};`;

function imported(script: string): readonly string[] {
  return ['--import', `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`];
}
