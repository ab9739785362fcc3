import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { CASES } from './src/cases.ts';
import { measure } from './src/measure.ts';
import { haproxy, kamailio } from './src/peers.ts';
import { auditedProxy, dmzProxy, pair } from './src/sallyport.ts';
import type { ResultRow, System } from './src/system.ts';
import { at, openWorkplace } from './src/workplace.ts';

// node bench/run.ts SYSTEMS CASES [--rounds 3] [--seconds 3] [--folder .perf] [--source IP]
// --source: first of 250 local addresses that the load comes from. What comes from this very host (127.0.0.0/8) may be a
// balancer's look at the port, and is not given to TLS before its first byte: partners never come from there.
// Names joined by commas. Each case gets a fresh server; systems take turns within a round.

const SYSTEMS: readonly System[] = [
  kamailio('kamailio', 'stateless'),
  kamailio('kamailio-stateful', 'stateful'),
  haproxy,
  dmzProxy,
  auditedProxy,
  pair,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    folder: { type: 'string', default: '.perf' },
    source: { type: 'string' },
  },
});
const [systemNames = '', caseNames = ''] = positionals;
const systems = systemNames
  .split(',')
  .map((name) => SYSTEMS.find((system) => system.name === name));
const cases = caseNames.split(',').map((name) => [name, CASES[name]] as const);

if (systems.includes(undefined) || cases.some(([, run]) => run === undefined)) {
  process.stderr.write('usage: node bench/run.ts SYSTEMS CASES [--rounds 3] [--seconds 3]\n');
  process.stderr.write(`systems: ${SYSTEMS.map(({ name }) => name).join(',')}\n`);
  process.stderr.write(`cases: ${Object.keys(CASES).join(',')}\n`);
  process.exitCode = 2;
} else {
  await runAll();
}

async function runAll(): Promise<void> {
  const place = openWorkplace(values.folder, values.source);
  const results = at(place, 'results.jsonl');
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, run] of cases) {
      for (const system of systems) {
        if (system === undefined || run === undefined) continue;
        const row = await measure(place, system, name, run, Number(values.seconds));
        appendFileSync(results, `${JSON.stringify(row)}\n`);
        process.stdout.write(`${lineOf(row)}\n`);
      }
    }
  }
}

function lineOf({ system, case: name, measured, note }: ResultRow): string {
  const figures = Object.entries(measured).map(([key, value]) => `${key}=${+value.toFixed(2)}`);
  return [system, name, ...figures, ...(note === undefined ? [] : [`NOTE ${note}`])].join(' ');
}
