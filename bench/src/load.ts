import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LOAD_CORE } from './pinned-process.ts';
import { identityArguments } from './sip-sink.ts';
import type { Measurement } from './system.ts';
import { at, type Workplace } from './workplace.ts';

/** What one run of the load generator printed. */
export interface LoadResult {
  readonly measured: Measurement;
  readonly complaints: readonly string[];
}

/** A load that runs until it is stopped, such as idle connections beside a measured case. */
export interface BackgroundLoad {
  /** Its first line of figures. */
  readonly started: Promise<Measurement>;
  readonly finished: Promise<LoadResult>;
  stop(): void;
}

/** Arguments of the load generator that say who the partner is and where it comes from. */
export function partnerArguments(place: Workplace): readonly string[] {
  const from = place.source === undefined ? [] : ['-S', place.source];
  return [...identityArguments(place, 'partner'), ...from];
}

/** Runs the load generator to its end and reads its figures. */
export function runLoad(
  place: Workplace,
  port: number,
  roots: readonly number[],
  words: readonly string[],
): Promise<LoadResult> {
  return startLoad(place, port, roots, words).finished;
}

export function startLoad(
  place: Workplace,
  port: number,
  roots: readonly number[],
  words: readonly string[],
): BackgroundLoad {
  const [mode = 'msg', ...rest] = words;
  const child = spawn(
    'taskset',
    [
      ...['-c', LOAD_CORE, at(place, 'bin', 'sipload'), mode, '-a', `127.0.0.1:${port}`],
      ...partnerArguments(place),
      ...(roots.length > 0 ? ['-p', roots.join(',')] : []),
      ...rest,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const first = Promise.withResolvers<Measurement>();
  return {
    started: first.promise,
    finished: collect(child, first.resolve),
    stop: () => child.kill('SIGTERM'),
  };
}

async function collect(
  child: ChildProcess,
  first: (measured: Measurement) => void,
): Promise<LoadResult> {
  let measured: Measurement = {};
  const complaints: string[] = [];
  if (child.stdout === null || child.stderr === null) throw new Error('no output to read');
  createInterface(child.stdout).on('line', (line) => {
    measured = { ...measured, ...figuresOf(line) };
    first(measured);
  });
  createInterface(child.stderr).on('line', (line) => {
    if (!/^(tls:|tickets)/.test(line)) complaints.push(line);
  });
  await once(child, 'close');
  first(measured);
  return { measured, complaints };
}

/** `name=number` pairs of a line. */
export function figuresOf(line: string): Measurement {
  const pairs = [...line.matchAll(/(\w+)=(-?[\d.]+)/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name ?? '', Number(value)]));
}
