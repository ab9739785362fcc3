import { spawn } from 'node:child_process';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';

/** What systemd says to a service that it watches (sd_watchdog_enabled, sd_notify). */
export interface WatchdogWish {
  readonly socket: string;
  /** How often it wants to hear, at the latest. */
  readonly withinMs: number;
}

/** What systemd is told, in its own words (sd_notify). */
export type Sign = 'READY=1' | 'WATCHDOG=1';

/** What it is told with: whether systemd took the message. */
export type Notify = (socket: string, sign: Sign) => Promise<boolean>;

const PROGRAM = '/usr/bin/systemd-notify';
const WITHIN_MS_MIN = 2000;

/** The wish that stands in the environment, if it is meant for this very process. */
export function watchdogWish(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): WatchdogWish | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: meant } = environment;
  const withinMs = Math.floor(Number(usec) / 1000);
  if (socket === undefined || socket === '' || !(withinMs >= WITHIN_MS_MIN)) return undefined;
  return meant === undefined || Number(meant) === pid ? { socket, withinMs } : undefined;
}

/**
 * Tells systemd that this program's turns come round, twice in the time that it allows.
 *
 * The message starts in a timer of the one thread that does all the work: when that hangs, silence follows.
 */
export function tellWatchdog(
  { socket, withinMs }: WatchdogWish,
  notify: Notify,
  clock: Clock,
  log: Logger,
): { stop(): void } {
  let isTelling = false;
  let wasTold = true;
  const tell = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    const isTold = await notify(socket, 'WATCHDOG=1');
    isTelling = false;
    if (!isTold && wasTold) log.error('watchdog-not-told', { command: PROGRAM });
    wasTold = isTold;
  };
  void tell();
  return clock.every(withinMs / 2, () => void tell());
}

/** Tells systemd that this program is up, if it listens: a start or restart by an operator ends with that. */
export async function tellReady(
  { NOTIFY_SOCKET: socket }: Readonly<Record<string, string | undefined>>,
  notify: Notify,
  log: Logger,
): Promise<void> {
  if (socket === undefined || socket === '') return;
  if (!(await notify(socket, 'READY=1'))) log.error('readiness-not-told', { command: PROGRAM });
}

/**
 * Says it through systemd's own program: Node opens no datagram sockets of the Unix kind.
 *
 * It ends when systemd has read the message, so that it is still known who sent it.
 */
export function systemdNotify(socket: string, sign: Sign): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(PROGRAM, [sign], {
      stdio: 'ignore',
      env: { NOTIFY_SOCKET: socket },
    });
    child.once('error', () => resolve(false));
    child.once('exit', (status) => resolve(status === 0));
  });
}
