import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runLoad } from './src/load.ts';
import { firstHandshake } from './src/measure.ts';
import { startBeforeStub } from './src/sallyport.ts';
import { makeBenchSite, OTHER_PROXY_PORTS } from './src/sallyport-site.ts';
import { spread } from './src/spread.ts';
import type { RunningSystem } from './src/system.ts';
import { openWorkplace, type Workplace } from './src/workplace.ts';

// What auditing costs the proxy: two proxies, one audited, stand side by side and take short loads in turns, so that
// both meet the same noise. Printed: the median of the paired differences and ratios, with their quartiles.
// node bench/audit-cost.ts [--starts 3] [--pairs 6] [--windows 4,32] [--seconds 0.5] [--folder .perf]

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '6' },
    windows: { type: 'string', default: '4,32' },
    seconds: { type: 'string', default: '0.5' },
    folder: { type: 'string', default: '.perf' },
  },
});
const CONNECTIONS = '20';
const WARM_UP_SECONDS = '0.15';
/** Compilers have done their work after so long. */
const FIRST_WARM_UP_SECONDS = '3';
const SETTLE_MS = 300;

interface Pair {
  readonly plain: number;
  readonly audited: number;
}

const place = openWorkplace(values.folder);
const plainSite = makeBenchSite(place);
const auditedSite = makeBenchSite(place, 'files', OTHER_PROXY_PORTS);
const windows = values.windows.split(',');
const seen = new Map<string, Pair[]>(windows.map((window) => [window, []]));
for (let start = 0; start < Number(values.starts); start++) await measureOnce();
for (const [window, pairs] of seen) report(`w${window} all`, pairs);

/** One start of both: how a process happens to be compiled and laid out is noise too. */
async function measureOnce(): Promise<void> {
  const plain = startBeforeStub(place, plainSite, []);
  const audited = startBeforeStub(place, auditedSite, ['audit']);
  try {
    for (const system of [plain, audited]) {
      if (!(await firstHandshake(place, system))) throw new Error('a proxy did not start');
      await delay(SETTLE_MS);
      await cost(place, system, windows.at(-1) ?? '', FIRST_WARM_UP_SECONDS);
    }
    for (const window of windows) {
      const pairs: Pair[] = [];
      for (let pair = 0; pair < Number(values.pairs); pair++) {
        pairs.push(await measurePair(plain, audited, window));
      }
      report(`w${window}`, pairs);
      seen.get(window)?.push(...pairs);
    }
  } finally {
    await plain.stop();
    await audited.stop();
  }
}

/**
 * Each of both twice, the second time in the other order: what has just had load is warm.
 */
async function measurePair(
  plain: RunningSystem,
  audited: RunningSystem,
  window: string,
): Promise<Pair> {
  const costs: number[] = [];
  for (const system of [plain, audited, audited, plain]) {
    costs.push(await cost(place, system, window, values.seconds));
  }
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN, last = Number.NaN] = costs;
  return { plain: (first + last) / 2, audited: (second + third) / 2 };
}

/** CPU of the whole process tree per answer, in microseconds. */
async function cost(
  where: Workplace,
  { port, roots }: RunningSystem,
  window: string,
  seconds: string,
): Promise<number> {
  const words = ['msg', '-n', CONNECTIONS, '-w', window, '-t', seconds, '-u', WARM_UP_SECONDS];
  const { measured, complaints } = await runLoad(where, port, roots, words);
  if (complaints.length > 0) throw new Error(complaints.join(' | '));
  return measured['cpu_us_per_msg'] ?? Number.NaN;
}

function report(name: string, pairs: readonly Pair[]): void {
  const line = [
    `plain ${spread(pairs.map(({ plain }) => plain))}`,
    `audited ${spread(pairs.map(({ audited }) => audited))}`,
    `difference ${spread(pairs.map(({ plain, audited }) => audited - plain))}`,
    `ratio ${spread(pairs.map(({ plain, audited }) => audited / plain))}`,
  ];
  process.stdout.write(`${name} (${pairs.length} pairs): ${line.join('; ')}\n`);
}
