import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runLoad } from './src/load.ts';
import { firstHandshake } from './src/measure.ts';
import { haproxy } from './src/peers.ts';
import { startBeforeStub } from './src/sallyport.ts';
import { makeBenchSite, OTHER_PROXY_PORTS } from './src/sallyport-site.ts';
import { spread } from './src/spread.ts';
import type { RunningSystem } from './src/system.ts';
import { openWorkplace } from './src/workplace.ts';

// Handshakes with HAProxy and with dmz-proxy, which stand side by side and take turns, so that both meet the same noise.
// Printed: medians of CPU microseconds a handshake and of their ratio within a turn, with their quartiles.
// node bench/handshakes.ts [--turns 10] [--count 500] [--full] [--source IP] [--folder .perf]

const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '10' },
    count: { type: 'string', default: '500' },
    full: { type: 'boolean', default: false },
    source: { type: 'string' },
    folder: { type: 'string', default: '.perf' },
  },
});
/** Compilers have done their work after so many. */
const WARM_UP_COUNT = '3000';
const SETTLE_MS = 300;

const place = openWorkplace(values.folder, values.source);
const ours = startBeforeStub(place, makeBenchSite(place, 'files', OTHER_PROXY_PORTS), []);
const theirs = haproxy.start(place, 'hs');
try {
  for (const system of [theirs, ours]) {
    if (!(await firstHandshake(place, system))) throw new Error('a system did not start');
    await delay(SETTLE_MS);
    await cost(system, WARM_UP_COUNT);
  }
  const seen = { theirs: [] as number[], ours: [] as number[] };
  for (let turn = 0; turn < Number(values.turns); turn++) {
    // Forth and back: what has just had load is warm.
    const order = [['theirs', theirs] as const, ['ours', ours] as const];
    for (const [name, system] of turn % 2 === 0 ? order : order.toReversed()) {
      seen[name].push(await cost(system, values.count));
    }
  }
  const ratios = seen.ours.map((us, turn) => us / (seen.theirs[turn] ?? Number.NaN));
  process.stdout.write(
    `${values.full ? 'full' : 'resumed'}: HAProxy ${spread(seen.theirs)}; ours ${spread(seen.ours)}; ratio ${spread(ratios)}\n`,
  );
} finally {
  await ours.stop();
  await theirs.stop();
}

/** CPU of the whole process tree per handshake, in microseconds. */
async function cost({ port, roots }: RunningSystem, count: string): Promise<number> {
  const words = ['hs', '-n', '8', '-m', count, '-t', '30', ...(values.full ? [] : ['-R'])];
  const { measured, complaints } = await runLoad(place, port, roots, words);
  if (complaints.length > 0) throw new Error(complaints.join(' | '));
  return measured['cpu_us_per_hs'] ?? Number.NaN;
}
