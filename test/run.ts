import { spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { conclude, type Job, runJobs } from './jobs.ts';
import { environment } from './peers/support/environment.ts';

/*
 * Everything that needs no server installed: node test/run.ts
 * Tests of one program's parts share a process. The programs as they run have a process for each file; these are
 * taken as there is room, the longest first. Ends with what failed, and one line that counts all tests.
 */

const HERE = import.meta.dirname;
const PROXY = dirname(
  dirname(fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/bin/compile.ts'))),
);
const PARTS: readonly Job[] = [
  part('gateway', ['app-gateway/*.test.ts', 'app-gateway/!(cli)/**/*.test.ts']),
  part('others', [
    '{shared,certs,dmz-proxy,grammar,architecture,deploy}/**/*.test.ts',
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

const ownEnvironment = { ...environment, NODE_COMPILE_CACHE: compiledCode() };
// One more than there are cores: programs as they run are waited for as long as they work.
const atOnce = Math.min(AT_ONCE_MAX, 1 + Math.max(PARTS.length, availableParallelism()));
conclude(await runJobs([...PARTS, ...programs()], atOnce, ownEnvironment));

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
