import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

/** A run of Node's tests in a process of its own. */
export interface Job {
  readonly name: string;
  readonly options: readonly string[];
  /** Of files, below this folder. */
  readonly patterns: readonly string[];
  /** One that does not end, though each of its tests did or ran out of time, is ended. */
  readonly timeoutMs: number;
  /** Whose lines are shown when it has ended, instead of as they come. */
  readonly isShownWhole: boolean;
}

/** What became of one. */
export interface Ended {
  readonly name: string;
  readonly isGood: boolean;
  readonly counts: ReadonlyMap<string, number>;
  /** What the reporter says again at its end of tests that failed. */
  readonly failures: readonly string[];
}

const COUNTED = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'];
const COUNT = /^ℹ (\w+) (\d+)$/;
const FAILURES = '✖ failing tests:';
const FAILURE_LINES_MAX = 60;
const SECOND_MS = 1000;

/** Takes jobs in their order as there is room for them. */
export async function runJobs(
  jobs: readonly Job[],
  atOnce: number,
  environment: NodeJS.ProcessEnv,
): Promise<readonly Ended[]> {
  const waiting = [...jobs];
  const ended: Ended[] = [];
  const take = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      ended.push(await run(job, environment));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  return ended;
}

/** Says once more what failed, and counts all tests in one line; a failure becomes this program's. */
export function conclude(ended: readonly Ended[]): void {
  for (const { name, isGood, failures } of ended) {
    if (!isGood) console.log([`✖ ${name}: FAILED`, ...failures].join('\n'));
  }
  const sums = COUNTED.map((word) => {
    const sum = ended.reduce((so, { counts }) => so + (counts.get(word) ?? 0), 0);
    return [word, sum] as const;
  });
  for (const [word, sum] of sums) console.log(`ℹ ${word} ${sum}`);
  console.log(`all: ${sums.map((sum) => sum.join(' ')).join(', ')}`);
  process.exitCode = ended.every(({ isGood }) => isGood) ? 0 : 1;
}

/** Shows a job's lines whole, but what it counts. */
function run(job: Job, environment: NodeJS.ProcessEnv): Promise<Ended> {
  const { name, options, patterns, timeoutMs, isShownWhole } = job;
  const counts = new Map<string, number>();
  const files = patterns.map((pattern) => join(import.meta.dirname, pattern));
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--test', '--test-isolation=none', '--test-reporter=spec', ...options, ...files],
      {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      },
    );
    let rest = '';
    let held = '';
    const failures: string[] = [];
    const show = (line: string) => {
      const isFailure = failures.length > 0 || line === FAILURES;
      if (isFailure && failures.length < FAILURE_LINES_MAX) failures.push(line);
      const [, word = '', count] = COUNT.exec(line) ?? [];
      if (count !== undefined && COUNTED.includes(word)) counts.set(word, Number(count));
      else if (isShownWhole) held += `${line}\n`;
      else process.stdout.write(`${line}\n`);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(show);
    });
    child.once('close', (exitCode, signal) => {
      if (rest !== '') show(rest);
      const how = signal === null ? 'FAILED' : `ENDED BY ${signal}`;
      const seconds = Math.round((performance.now() - began) / SECOND_MS);
      const end = exitCode === 0 ? `done in ${seconds} s` : how;
      process.stdout.write(`${held}${name}: ${end}\n`);
      resolve({ name, isGood: exitCode === 0, counts, failures });
    });
  });
}
