import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { makeBenchSite } from './src/sallyport-site.ts';
import { spread } from './src/spread.ts';
import { openWorkplace } from './src/workplace.ts';

// How long a proxy of one worker takes from the command to waiting for its gateway, in ms; several commands in turns.
// node bench/start.ts [--starts 12] [--folder .perf] [COMMAND...]
// COMMAND: dmz-proxy/bin/sallyport-dmz-proxy of this repository, or that of another version or an installed package.

const READY = 'waiting-for-snapshot';
const STAGES = ['launched', READY];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    starts: { type: 'string', default: '12' },
    folder: { type: 'string', default: '.perf' },
  },
});
const place = openWorkplace(values.folder);
const { proxyBundle } = makeBenchSite(place);
const own = join(place.repository, 'dmz-proxy/bin/sallyport-dmz-proxy');
const commands = positionals.length > 0 ? positionals : [own];
const seen = new Map(commands.map((command) => [command, [] as (readonly number[])[]]));
for (let start = 0; start < Number(values.starts); start++) {
  for (const [command, times] of seen) times.push(await startOnce(command));
}
for (const [command, times] of seen) {
  for (const [index, stage] of STAGES.entries()) {
    const stageMs = times.map((of) => of[index] ?? Number.NaN);
    const fastest = Math.min(...stageMs).toFixed(0);
    process.stdout.write(`${command}: ${stage} ${spread(stageMs)}, fastest ${fastest}\n`);
  }
}

/** When each stage was reached. */
async function startOnce(command: string): Promise<readonly number[]> {
  const startedAtMs = performance.now();
  const child = spawn(command, [proxyBundle], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const reached = new Map<unknown, number>();
  for await (const line of createInterface({ input: child.stdout })) {
    const { event } = JSON.parse(line) as { event?: unknown };
    if (!reached.has(event)) reached.set(event, performance.now() - startedAtMs);
    if (event === READY) break;
  }
  child.kill();
  await ended;
  if (!reached.has(READY)) throw new Error(`${command} did not start`);
  return STAGES.map((stage) => reached.get(stage) ?? Number.NaN);
}
