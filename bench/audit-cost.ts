import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CASES, type Case } from './src/cases.ts';
import { firstHandshake } from './src/measure.ts';
import { auditedProxy, type StubbedProxy, startBeforeStub } from './src/sallyport.ts';
import { makeBenchSite, OTHER_PROXY_PORTS } from './src/sallyport-site.ts';
import { spread } from './src/spread.ts';
import type { RunningSystem } from './src/system.ts';
import { openWorkplace } from './src/workplace.ts';

// What auditing costs the proxy: one proxy whose audit is turned on and off by its gateway takes short loads in turns. With
// `--apart` they are two, one audited, side by side: how a process happens to be compiled and laid out is in the figures then.
// Printed: the median of the paired differences and ratios, with their quartiles.
// node bench/audit-cost.ts [--apart] [--starts 3] [--pairs 6] [--cases w4,w32] [--seconds 0.5] [--folder .perf]

const { values } = parseArgs({
  options: {
    apart: { type: 'boolean', default: false },
    starts: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '6' },
    cases: { type: 'string', default: 'w4,w32' },
    seconds: { type: 'string', default: '0.5' },
    folder: { type: 'string', default: '.perf' },
  },
});
const WARM_UP_SECONDS = 0.15;
/** Compilers have done their work after so long. */
const FIRST_SECONDS = 3;
const SETTLE_MS = 300;
/** Cases that take loads in turns and count messages. */
const IN_TURNS = ['w1', 'w4', 'w32', 'r2k', 'r10k'];

interface Pair {
  readonly plain: number;
  readonly audited: number;
}

const place = openWorkplace(values.folder);
const plainSite = makeBenchSite(place);
const auditedSite = makeBenchSite(place, 'files', OTHER_PROXY_PORTS);
const loads = values.cases.split(',').map((name) => ({ name, run: knownCase(name) }));
const seen = new Map<string, Pair[]>(loads.map(({ name }) => [name, []]));
for (let start = 0; start < Number(values.starts); start++) await measureOnce();
for (const [name, pairs] of seen) report(`${name} all`, pairs);

function knownCase(name: string): Case {
  const known = IN_TURNS.includes(name) ? CASES[name] : undefined;
  if (known === undefined) throw new Error(`no such case: ${name}; cases: ${IN_TURNS.join(',')}`);
  return known;
}

/** Audit on or off, and who takes the load then. */
type Turn = (isAudited: boolean) => Promise<StubbedProxy>;

/** One start: how a process happens to be compiled and laid out is noise too. */
async function measureOnce(): Promise<void> {
  const audited = startBeforeStub(place, auditedSite, ['audit']);
  const plain = values.apart ? startBeforeStub(place, plainSite, []) : audited;
  const turn = values.apart ? turnAmong(plain, audited) : turnOf(audited);
  try {
    for (const isAudited of [true, false]) {
      const system = isAudited ? audited : plain;
      if (!(await firstHandshake(place, system))) throw new Error('a proxy did not start');
      await delay(SETTLE_MS);
      await cost(await turn(isAudited), knownCase('w32'), FIRST_SECONDS);
    }
    for (const { name, run } of loads) {
      const pairs: Pair[] = [];
      // A load that is new to the program has the compilers at work once more.
      await measurePair(turn, run);
      for (let pair = 0; pair < Number(values.pairs); pair++)
        pairs.push(await measurePair(turn, run));
      report(name, pairs);
      seen.get(name)?.push(...pairs);
    }
  } finally {
    if (values.apart) await plain.stop();
    await audited.stop();
  }
}

function turnAmong(plain: StubbedProxy, audited: StubbedProxy): Turn {
  return async (isAudited) => (isAudited ? audited : plain);
}

/** Its audit is on when it starts. */
function turnOf(proxy: StubbedProxy): Turn {
  let isOn = true;
  return async (isAudited) => {
    if (isAudited !== isOn) await proxy.turnAudit();
    isOn = isAudited;
    return proxy;
  };
}

/**
 * Each of both twice, the second time in the other order: what has just had load is warm.
 */
async function measurePair(turn: Turn, run: Case): Promise<Pair> {
  const costs: number[] = [];
  for (const isAudited of [false, true, true, false]) {
    costs.push(await cost(await turn(isAudited), run, Number(values.seconds)));
  }
  const [first = Number.NaN, second = Number.NaN, third = Number.NaN, last = Number.NaN] = costs;
  return { plain: (first + last) / 2, audited: (second + third) / 2 };
}

/** CPU of the whole process tree per answer, in microseconds. */
async function cost(running: RunningSystem, run: Case, seconds: number): Promise<number> {
  const context = { place, running, seconds, warmUpSeconds: WARM_UP_SECONDS, startMs: 0 };
  const { measured, complaints } = await run({ ...context, system: auditedProxy });
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
