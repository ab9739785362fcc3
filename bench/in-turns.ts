import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CASES, type CaseContext } from './src/cases.ts';
import { firstHandshake } from './src/measure.ts';
import { haproxy, kamailio } from './src/peers.ts';
import { startBeforeStub, startPairAlone } from './src/sallyport.ts';
import { makeBenchSite, OTHER_PROXY_PORTS } from './src/sallyport-site.ts';
import { spread } from './src/spread.ts';
import type { Measurement, RunningSystem, System } from './src/system.ts';
import { openWorkplace } from './src/workplace.ts';

// One of our systems and a peer that stand side by side and take short loads in turns, so that both meet the same noise.
// Printed: medians of CPU microseconds a message or handshake and of their ratio within a turn, with their quartiles.
// node bench/in-turns.ts OURS PEER CASES [--turns 10] [--seconds 1] [--source IP] [--folder .perf]

const OURS = ['proxy', 'proxy-audit', 'pair'] as const;
const PEERS = [
  kamailio('kamailio', 'stateless'),
  kamailio('kamailio-stateful', 'stateful'),
  haproxy,
];
const IN_TURNS = ['w1', 'w4', 'w32', 'r2k', 'r10k', 'hs', 'hsres'];

/** Compilers have done their work after these. */
const FIRST_SECONDS = 4;
const FIRST_HANDSHAKES = 3000;
const WARM_UP_SECONDS = 0.2;
const HANDSHAKES = 500;
const SETTLE_MS = 300;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '1' },
    source: { type: 'string' },
    folder: { type: 'string', default: '.perf' },
  },
});
const [oursName = '', peerName = '', caseNames = ''] = positionals;
const ours = OURS.find((name) => name === oursName);
const peer = PEERS.find(({ name }) => name === peerName);
const cases = caseNames.split(',').filter((name) => IN_TURNS.includes(name));

if (ours === undefined || peer === undefined || cases.length < caseNames.split(',').length) {
  process.stderr.write(
    `usage: node bench/in-turns.ts OURS PEER CASES\nours: ${OURS.join(',')}\npeers: ${PEERS.map(({ name }) => name).join(',')}\ncases: ${IN_TURNS.join(',')}\n`,
  );
  process.exitCode = 2;
} else {
  for (const name of cases) await compare(ours, peer, name);
}

async function compare(name: (typeof OURS)[number], system: System, caseName: string) {
  const place = openWorkplace(values.folder, values.source);
  const site = makeBenchSite(place, 'files', OTHER_PROXY_PORTS);
  const theirs = system.start(place, caseName);
  const mine =
    name === 'pair'
      ? startPairAlone(place, site)
      : startBeforeStub(place, site, name === 'proxy' ? [] : ['audit']);
  const context = (running: RunningSystem) => ({ place, system, running, startMs: 0 });
  try {
    const both = [theirs, mine].map(context);
    for (const one of both) {
      if (!(await firstHandshake(place, one.running))) throw new Error('a system did not start');
      await delay(SETTLE_MS);
      await load(caseName, { ...one, seconds: FIRST_SECONDS, handshakes: FIRST_HANDSHAKES });
    }
    const turns: { theirs: Measurement; ours: Measurement }[] = [];
    for (let turn = 0; turn < Number(values.turns); turn++) {
      const seen: Measurement[] = [];
      // Forth and back: what has just had load is warm.
      for (const one of turn % 2 === 0 ? both : both.toReversed()) {
        seen.push(
          await load(caseName, {
            ...one,
            seconds: Number(values.seconds),
            warmUpSeconds: WARM_UP_SECONDS,
            handshakes: HANDSHAKES,
          }),
        );
      }
      const [first = {}, last = {}] = turn % 2 === 0 ? seen : seen.toReversed();
      turns.push({ theirs: first, ours: last });
    }
    process.stdout.write(`${caseName}: ${lineOf(system.name, name, turns)}\n`);
  } finally {
    await mine.stop();
    await theirs.stop();
  }
}

async function load(caseName: string, context: CaseContext): Promise<Measurement> {
  const result = await CASES[caseName]?.(context);
  if (result === undefined || result.complaints.length > 0) {
    throw new Error(result?.complaints.join(' | '));
  }
  return result.measured;
}

function lineOf(
  peerName: string,
  ourName: string,
  turns: readonly { readonly theirs: Measurement; readonly ours: Measurement }[],
): string {
  const cost = (measured: Measurement) =>
    measured['cpu_us_per_msg'] ?? measured['cpu_us_per_hs'] ?? Number.NaN;
  const median = (one: Measurement) => (one['p50'] ?? Number.NaN) / 1000;
  return [
    `${peerName} ${spread(turns.map(({ theirs }) => cost(theirs)))} µs`,
    `${ourName} ${spread(turns.map(({ ours: mine }) => cost(mine)))} µs`,
    `ratio ${spread(turns.map(({ theirs, ours: mine }) => cost(mine) / cost(theirs)))}`,
    `median latency ${spread(turns.map(({ theirs }) => median(theirs)))} ms, ${spread(turns.map(({ ours: mine }) => median(mine)))} ms`,
  ].join('; ');
}
