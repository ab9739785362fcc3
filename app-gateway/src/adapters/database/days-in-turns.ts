import { setImmediate } from 'node:timers/promises';
import { NotDone } from './ledger-attempt.ts';

/**
 * Days of the ledger that one statement reads. It locks their tables with all indexes, eight of each day, of which a server
 * as it comes has some 6,400 for all its connections; and while it is planned, up to a millisecond for a day, an embedded
 * database lets nothing else run.
 */
const DAYS_AT_ONCE = 16;

/** Whoever gives a command is answered after a minute, come what may: nobody is left to search for. */
const READ_MS_MAX = 50_000;

/** How much is read at most, and for how long. */
export interface TurnLimits {
  readonly rowsMax: number;
  readonly msMax?: number;
}

/** Reads days, or the tables of days, some at a time in their order, until there are rows enough. */
export async function inTurns<Day, Row>(
  days: readonly Day[],
  { rowsMax, msMax = READ_MS_MAX }: TurnLimits,
  read: (days: readonly Day[], rowsMax: number) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const endMs = performance.now() + msMax;
  const found: Row[] = [];
  for (let at = 0; at < days.length && found.length < rowsMax; at += DAYS_AT_ONCE) {
    if (at > 0) await setImmediate();
    if (at > 0 && performance.now() >= endMs) throw late(at, days.length);
    found.push(...(await read(days.slice(at, at + DAYS_AT_ONCE), rowsMax - found.length)));
  }
  return found;
}

function late(read: number, days: number): NotDone {
  const reason = `only ${read} of ${days} days were read in time; ask for a part of them`;
  return new NotDone({ code: 'unavailable', reason });
}
