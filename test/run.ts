import { spawn, spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environment } from './peers/support/environment.ts';

/*
 * Everything that needs no server installed: node test/run.ts
 * Tests of one program's parts share a process. The programs as they run have a process for each file; these are
 * taken as there is room, the longest first. Ends with what failed, and one line that counts all tests.
 */

interface Job {
  readonly name: string;
  readonly options: readonly string[];
  readonly patterns: readonly string[];
  /** One that does not end, though each of its tests did or ran out of time, is ended. */
  readonly timeoutMs: number;
  /** Whose lines are shown when it has ended, instead of as they come. */
  readonly isShownWhole: boolean;
}

interface Ended {
  readonly name: string;
  readonly isGood: boolean;
  readonly counts: ReadonlyMap<string, number>;
  /** What the reporter says again at its end of tests that failed. */
  readonly failures: readonly string[];
}

const HERE = import.meta.dirname;
const PROXY = dirname(
  dirname(fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/bin/compile.ts'))),
);
const PARTS: readonly Job[] = [
  part('gateway', ['app-gateway/*.test.ts', 'app-gateway/!(cli)/**/*.test.ts']),
  part('others', [
    '{shared,certs,dmz-proxy,architecture,deploy}/**/*.test.ts',
    'app-gateway/cli/**/*.test.ts',
  ]),
];
/** What takes longest of the programs as they run, so that none of it is what all wait for in the end. */
const LONGEST = [
  'pair-channel-is-cut',
  'pair-renews-channel-certificates',
  'proxy-speaks-plain-tcp',
  'gateway-turns-removed-proxies-away',
  'pair-checks-a-partner',
  'pair-drains',
  'pair-logs',
  'pair-rolling-restart',
  'pair-speaks-plain-tcp',
];
const AT_ONCE_MAX = 5;
const COUNTED = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'];
const COUNT = /^ℹ (\w+) (\d+)$/;
const FAILURES = '✖ failing tests:';
const FAILURE_LINES_MAX = 60;

const ownEnvironment = { ...environment, NODE_COMPILE_CACHE: compiledCode() };
const jobs = [...PARTS, ...programs()];
const ended: Ended[] = [];
// One more than there are cores: programs as they run are waited for as long as they work.
const atOnce = Math.min(AT_ONCE_MAX, 1 + Math.max(PARTS.length, availableParallelism()));
await Promise.all(Array.from({ length: atOnce }, takeJobs));
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

async function takeJobs(): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) ended.push(await run(job));
}

function part(name: string, patterns: readonly string[]): Job {
  const options = [
    `--import=${pathToFileURL(join(HERE, 'light-scrypt.ts')).href}`,
    '--test-timeout=60000',
  ];
  return { name, options, patterns, timeoutMs: 600_000, isShownWhole: false };
}

function programs(): Job[] {
  const rank = (name: string) => {
    const place = LONGEST.indexOf(name);
    return place === -1 ? LONGEST.length : place;
  };
  return globSync('integration/**/*.test.ts', { cwd: HERE })
    .map((path) => ({ path, place: rank(path.replace(/^.*\/|\.test\.ts$/g, '')) }))
    .sort((a, b) => a.place - b.place || a.path.localeCompare(b.path))
    .map(({ path }) => ({
      name: path,
      options: ['--test-timeout=120000'],
      patterns: [path],
      timeoutMs: 180_000,
      isShownWhole: true,
    }));
}

/**
 * Where the many processes find their code compiled, instead of each stripping types and parsing for itself; gives
 * the folder for all but the proxy, which reads its own and no other. Node holds each entry against its source.
 */
function compiledCode(): string {
  const compile = spawnSync(process.execPath, [join(PROXY, 'bin/compile.ts')]);
  if (compile.status !== 0) rmSync(join(PROXY, 'compiled'), { recursive: true, force: true });
  return join(HERE, '../node_modules/.cache/sallyport-tests');
}

/** Shows a job's lines whole, but what it counts. */
function run({ name, options, patterns, timeoutMs, isShownWhole }: Job): Promise<Ended> {
  const counts = new Map<string, number>();
  const files = patterns.map((pattern) => join(HERE, pattern));
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--test', '--test-isolation=none', '--test-reporter=spec', ...options, ...files],
      {
        env: ownEnvironment,
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
      process.stdout.write(`${held}${name}: ${exitCode === 0 ? 'done' : how}\n`);
      resolve({ name, isGood: exitCode === 0, counts, failures });
    });
  });
}
