import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Case } from './cases.ts';
import { partnerArguments } from './load.ts';
import { LOAD_CORE } from './pinned-process.ts';
import type { ResultRow, RunningSystem, System } from './system.ts';
import { at, type Workplace } from './workplace.ts';

const READY_SECONDS = '60';
const SETTLE_MS = 300;
const CALM_MS = 300;

/** Runs one case against a fresh instance of a system, and stops it whatever happens. */
export async function measure(
  place: Workplace,
  system: System,
  caseName: string,
  run: Case,
  seconds: number,
): Promise<ResultRow> {
  const row = { system: system.name, case: caseName, at: new Date().toISOString() };
  system.prepare?.(place);
  const startedAtMs = performance.now();
  const running = system.start(place, caseName);
  try {
    if (!(await firstHandshake(place, running))) {
      return { ...row, measured: {}, note: 'did not start' };
    }
    const startMs = performance.now() - startedAtMs;
    await delay(SETTLE_MS);
    const { measured, complaints } = await run({ place, system, running, seconds, startMs });
    const note = complaints.slice(0, 3).join(' | ');
    return { ...row, measured, ...(note === '' ? {} : { note }) };
  } finally {
    await running.stop();
    await delay(CALM_MS);
  }
}

/** Tries until one handshake with certificates on both sides has finished. */
export async function firstHandshake(place: Workplace, running: RunningSystem): Promise<boolean> {
  const command = ['-c', LOAD_CORE, at(place, 'bin', 'sipload'), 'ping'];
  const words = ['-a', `127.0.0.1:${running.port}`, ...partnerArguments(place)];
  const ping = spawn('taskset', [...command, ...words, '-t', READY_SECONDS], { stdio: 'ignore' });
  await once(ping, 'exit');
  return ping.exitCode === 0;
}
