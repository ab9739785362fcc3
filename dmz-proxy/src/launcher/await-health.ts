import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { ownAddressOf } from '@sallyport/shared/net/every-address.ts';
import { http } from '../health/node-http.ts';

/** How long a start may take, and how often it is looked at. */
export interface Patience {
  readonly tries: number;
  readonly everyMs: number;
}

export const START_PATIENCE: Patience = { tries: 300, everyMs: 200 };
const ANSWER_TIMEOUT_MS = 2000;

/**
 * Whether a proxy is up: its health port answers, be it that it can serve nobody yet, for its gateways may come later.
 *
 * For whoever starts it and can be told nothing by it. `isAlive` is asked before each try: one that has ended is not
 * waited for.
 */
export async function awaitHealth(
  { host, port }: { readonly host: string; readonly port: number },
  isAlive: () => boolean,
  { tries, everyMs }: Patience = START_PATIENCE,
): Promise<'up' | 'ended' | 'silent'> {
  for (let at = 0; at < tries; at++) {
    if (!isAlive()) return 'ended';
    if (await answers(ownAddressOf(host), port)) return 'up';
    await delay(everyMs);
  }
  return 'silent';
}

/** Whether the process that systemd names as the program's own is there; without one nothing is known of it. */
export function isMainAlive(mainPid: string | undefined): boolean {
  const pid = Number(mainPid);
  if (mainPid === undefined || !Number.isInteger(pid) || pid <= 1) return true;
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return errorCode(cause) === 'EPERM';
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = http.request({
      host,
      port,
      path: '/health',
      timeout: ANSWER_TIMEOUT_MS,
      agent: false,
    });
    asked.once('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200 || response.statusCode === 503);
    });
    asked.once('timeout', () => asked.destroy(new Error('silent')));
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
