import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

/*
 * Everything that needs no server installed: node test/run.ts
 * Tests of one program's parts share a process, one process for each core of a small machine; then the programs as
 * they run. Ends with one line that counts all tests.
 */

interface Group {
  readonly name: string;
  readonly options: readonly string[];
  readonly patterns: readonly string[];
}

interface Ended {
  readonly exitCode: number;
  readonly counts: ReadonlyMap<string, number>;
}

const PARTS = ['--test-isolation=none', '--test-timeout=60000'];
const TOGETHER: readonly Group[] = [
  {
    name: 'gateway',
    options: PARTS,
    patterns: ['app-gateway/*.test.ts', 'app-gateway/!(cli)/**/*.test.ts'],
  },
  {
    name: 'others',
    options: PARTS,
    patterns: [
      '{shared,certs,dmz-proxy,architecture,deploy}/**/*.test.ts',
      'app-gateway/cli/**/*.test.ts',
    ],
  },
];
const AFTERWARDS: Group = {
  name: 'integration',
  options: ['--test-timeout=120000', '--test-concurrency=2'],
  patterns: ['integration/**/*.test.ts'],
};
const COUNTED = ['tests', 'pass', 'fail', 'cancelled', 'skipped'];
const COUNT = /^ℹ (\w+) (\d+)$/;

const ended = [...(await Promise.all(TOGETHER.map(run))), await run(AFTERWARDS)];
const sums = COUNTED.map((word) => {
  const sum = ended.reduce((so, { counts }) => so + (counts.get(word) ?? 0), 0);
  return `${word} ${sum}`;
});
console.log(`all: ${sums.join(', ')}`);
process.exitCode = ended.every(({ exitCode }) => exitCode === 0) ? 0 : 1;

/** Shows a group's lines as they come, whole. */
function run({ name, options, patterns }: Group): Promise<Ended> {
  const counts = new Map<string, number>();
  return new Promise((resolve) => {
    const files = patterns.map((pattern) => join(import.meta.dirname, pattern));
    const child = spawn(
      process.execPath,
      ['--test', '--test-reporter=spec', ...options, ...files],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let rest = '';
    const show = (line: string) => {
      const [, word = '', count] = COUNT.exec(line) ?? [];
      if (count !== undefined && COUNTED.includes(word)) counts.set(word, Number(count));
      process.stdout.write(`${line}\n`);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(show);
    });
    child.once('close', (exitCode) => {
      if (rest !== '') show(rest);
      console.log(`${name}: ${exitCode === 0 ? 'done' : 'FAILED'}`);
      resolve({ exitCode: exitCode ?? 1, counts });
    });
  });
}
