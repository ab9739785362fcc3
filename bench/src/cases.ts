import { setTimeout as delay } from 'node:timers/promises';
import { type LoadResult, runLoad, startLoad } from './load.ts';
import { memoryOf } from './process-tree.ts';
import { SINK_PORT } from './sip-sink.ts';
import type { RunningSystem, System } from './system.ts';
import type { Workplace } from './workplace.ts';

/** What a case is given: a system that answers, and for how long to measure. */
export interface CaseContext {
  readonly place: Workplace;
  readonly system: System;
  readonly running: RunningSystem;
  readonly seconds: number;
  /** Before anything is measured; two where it is not said. */
  readonly warmUpSeconds?: number;
  /** Instead of the case's own number. */
  readonly handshakes?: number;
  /** From spawning the system to its first finished handshake. */
  readonly startMs: number;
}

/** A way to measure a system. */
export type Case = (context: CaseContext) => Promise<LoadResult>;

const IDLE_CONNECTIONS = 10_000;
const SETTLE_MS = 3000;
const WARM_UP_SECONDS = 2;

/** Closed loop: so many connections, each with so many requests under way. */
function closedLoop(connections: number, window: number): Case {
  return (context) => messages(context, ['-n', String(connections), '-w', String(window)]);
}

/** Open loop: Poisson arrivals over 50 connections, latency from the intended time. */
function fixedRate(perSecond: number): Case {
  return (context) => messages(context, ['-n', '50', '-r', String(perSecond)]);
}

/** The same of a server that has been busy: two seconds at a low rate are no warm-up for a compiler. */
function afterBusyTimes(then: Case): Case {
  return async (context) => {
    await closedLoop(20, 4)({ ...context, seconds: 1 });
    return then(context);
  };
}

function handshakes(count: number, ...more: readonly string[]): Case {
  return ({ place, running, handshakes: asked = count }) =>
    runLoad(place, running.port, running.roots, [
      ...['hs', '-n', '8', '-m', String(asked), '-t', '30', ...more],
    ]);
}

const start: Case = async ({ running, startMs }) => ({
  measured: { start_ms: startMs, base_mib: memoryOf(running.roots).pssKiB / 1024 },
  complaints: [],
});

/** Memory per connection: of the whole process tree, after minus before. */
const idle: Case = async ({ place, running, system }) => {
  const before = memoryOf(running.roots).pssKiB;
  const count = Math.min(IDLE_CONNECTIONS, system.connectionsMax);
  const load = startLoad(place, running.port, running.roots, [
    ...['idle', '-n', String(count), '-t', '6'],
  ]);
  const { ready = 0 } = await load.started;
  await delay(SETTLE_MS);
  const after = memoryOf(running.roots).pssKiB;
  const { measured, complaints } = await load.finished;
  const kib_per_connection = ready > 0 ? (after - before) / ready : Number.NaN;
  return { measured: { ...measured, kib_per_connection, base_mib: before / 1024 }, complaints };
};

/** Ten thousand messages a second while nine thousand other connections are open and silent. */
const idleAndTraffic: Case = async (context) => {
  const { place, running } = context;
  const others = startLoad(place, running.port, [], ['idle', '-n', '9000', '-t', '120']);
  const { ready = 0 } = await others.started;
  const result = await fixedRate(10_000)(context);
  others.stop();
  await others.finished;
  return { ...result, measured: { ...result.measured, others: ready } };
};

/** What the system adds to the 99th percentile at half of what it can carry of that load. */
function atHalfOf(saturated: Case): Case {
  return async (context) => {
    const { place, seconds } = context;
    const { measured: full, complaints } = await saturated(context);
    const rate = Math.round((full['rate'] ?? 0) / 2);
    const words = ['msg', '-n', '50', '-r', String(rate), '-t', String(seconds), '-u', '1'];
    const direct = await runLoad(place, SINK_PORT, [], words);
    const through = await fixedRate(rate)(context);
    const added = (quantile: string) =>
      (through.measured[quantile] ?? Number.NaN) - (direct.measured[quantile] ?? Number.NaN);
    return {
      measured: { ...through.measured, added_p50: added('p50'), added_p99: added('p99') },
      complaints: [...complaints, ...direct.complaints, ...through.complaints],
    };
  };
}

function messages(context: CaseContext, words: readonly string[]): Promise<LoadResult> {
  const { place, running, seconds, warmUpSeconds = WARM_UP_SECONDS } = context;
  return runLoad(place, running.port, running.roots, [
    ...['msg', ...words, '-t', String(seconds), '-u', String(warmUpSeconds)],
  ]);
}

/** All cases by name. */
export const CASES: Readonly<Record<string, Case>> = {
  w1: closedLoop(100, 1),
  w4: closedLoop(20, 4),
  w32: closedLoop(20, 32),
  r2k: fixedRate(2000),
  'r2k-warm': afterBusyTimes(fixedRate(2000)),
  r10k: fixedRate(10_000),
  hs: handshakes(3000),
  hsres: handshakes(4000, '-R'),
  idle,
  'idle9k+r10k': idleAndTraffic,
  start,
  // Where messages come one by one, each is a read and a write of its own: half of the one is not half of the other.
  'lat-half': atHalfOf(closedLoop(20, 4)),
  'lat-half-w1': atHalfOf(closedLoop(100, 1)),
};
