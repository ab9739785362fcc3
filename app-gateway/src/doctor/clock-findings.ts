import { CLOCK_DIFFERS_MS, CLOCK_TOO_FAR_MS } from '@sallyport/shared/channel/clock-offset.ts';
import { type Finding, fine, judged, unknown } from './finding.ts';
import { pidsOf } from './own-processes.ts';
import type { SystemView } from './system-view.ts';

/** What a time server of the plan said: how far its clock is ahead of this one’s. */
export interface TimeAnswer {
  readonly server: string;
  /** Undefined: it did not answer. */
  readonly aheadMs: number | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Before this the program did not exist, and no certificate of ours lives so long. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
const FUTURE_MAX_MS = 300_000;
const TIMESYNC = '/run/systemd/timesync/synchronized';
const SERVICES: ReadonlySet<string> = new Set(['chronyd', 'ntpd', 'openntpd', 'ptp4l', 'phc2sys']);

/**
 * Whether this clock can be believed.
 *
 * How far the kernel itself thinks it is off (adjtimex) no file tells, so a service that runs is not taken for a clock
 * that is right; what a time server says is.
 */
export function clockFindings(
  system: SystemView,
  bundle: string,
  nowMs: number,
  answers: readonly TimeAnswer[],
): readonly Finding[] {
  return [
    plausible(nowMs),
    notBehindFiles(system, bundle, nowMs),
    ...answers.map(answerFinding),
    synchronised(system, nowMs),
  ];
}

function plausible(nowMs: number): Finding {
  return judged(
    nowMs >= EARLIEST_MS && nowMs < LATEST_MS,
    { id: 'clock-year', where: 'clock', what: new Date(nowMs).toISOString() },
    {
      level: 'fault',
      next: 'set the clock; a hardware clock without its battery starts in the past',
    },
  );
}

/** Files are copied with their times, and the configuration’s version is made of them. */
function notBehindFiles(system: SystemView, bundle: string, nowMs: number): Finding {
  const id = 'clock-behind-files';
  const newestMs = Math.max(
    0,
    ...system.names(bundle).map((name) => system.facts(`${bundle}/${name}`)?.changedMs ?? 0),
  );
  const behindS = Math.round((newestMs - nowMs) / 1000);
  if (newestMs <= nowMs + FUTURE_MAX_MS) return fine(id, bundle, 'no file is from the future');
  return {
    id,
    level: 'fault',
    what: `a file of the bundle was changed ${behindS} s in the future`,
    where: bundle,
    next: 'correct this clock, or that of the host where the bundle was written',
  };
}

function answerFinding({ server, aheadMs }: TimeAnswer): Finding {
  const id = 'clock-offset';
  if (aheadMs === undefined) {
    return unknown(id, server, 'the time server did not answer', 'see whether it is reached');
  }
  const off = Math.abs(aheadMs);
  const what = `this clock is ${Math.round(off)} ms ${aheadMs > 0 ? 'behind' : 'ahead'}`;
  return judged(
    off < CLOCK_DIFFERS_MS,
    { id, where: server, what },
    { level: off < CLOCK_TOO_FAR_MS ? 'warning' : 'fault', next: 'let a time service set it' },
  );
}

function synchronised(system: SystemView, nowMs: number): Finding {
  const id = 'clock-service';
  const stamp = system.facts(TIMESYNC);
  if (stamp !== undefined) {
    const hours = Math.floor((nowMs - stamp.changedMs) / HOUR_MS);
    return judged(
      nowMs - stamp.changedMs < DAY_MS,
      { id, where: TIMESYNC, what: `synchronised ${hours} h ago` },
      { level: 'warning', next: 'see "timedatectl timesync-status"' },
    );
  }
  const running = pidsOf(system)
    .map((pid) => system.text(`/proc/${pid}/comm`)?.trim() ?? '')
    .find((name) => SERVICES.has(name));
  if (running !== undefined) {
    const what = `${running} runs; whether it is synchronised is not known from here`;
    return { id, level: 'notice', what, where: 'clock', next: 'ask it: chronyc tracking, ntpq -p' };
  }
  return unknown(
    id,
    'clock',
    'no time service was seen; in a container it runs on the host',
    'run systemd-timesyncd or chrony',
  );
}
