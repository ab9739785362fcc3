import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { firstHandshake } from './src/measure.ts';
import { kamailio } from './src/peers.ts';
import { LOAD_CORE } from './src/pinned-process.ts';
import { processorSecondsOf } from './src/process-tree.ts';
import { startPairAlone } from './src/sallyport.ts';
import { makeBenchSite, OTHER_PROXY_PORTS } from './src/sallyport-site.ts';
import { SipCompany } from './src/sip-company.ts';
import { SipParty } from './src/sip-party.ts';
import { SINK_PORT } from './src/sip-sink.ts';
import { SipSums } from './src/sip-sums.ts';
import { spread } from './src/spread.ts';
import type { RunningSystem } from './src/system.ts';
import { at, openWorkplace } from './src/workplace.ts';

// What a whole call costs (INVITE 100 180 200 ACK BYE 200) at a steady rate: the pair and Kamailio, stateful and record-routing, take it in turns.
// node bench/calls-in-turns.ts [--rate 200] [--turns 10] [--seconds 3] [--folder .perf]
// Printed: medians of processor microseconds a call, and of their ratio within a turn, with their quartiles.

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    turns: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '3' },
    folder: { type: 'string', default: '.perf' },
  },
});
const rate = Number(values.rate);
/** Compilers have done their work after these. */
const FIRST_SECONDS = 20;
const LOOKS = 4;
const SOON_MS = 10_000;
const REST_MS = 300;
const TICK_MS = 5;
const CONNECTIONS = 8;

interface Side {
  readonly name: string;
  readonly running: RunningSystem;
  readonly callers: SipCompany;
}

spawnSync('taskset', ['-cp', LOAD_CORE, String(process.pid)]);
const place = openWorkplace(values.folder);
const sums = new SipSums();
let number = 0;
const callees = company('inner', 'inner.example.com', `127.0.0.1:${SINK_PORT}`);
await callees.listen(SINK_PORT);
const nothing = { stop: () => Promise.resolve() };
const theirs = kamailio('kamailio-stateful', 'stateful', () => nothing).start(place, 'calls');
const ours = startPairAlone(place, makeBenchSite(place, 'files', OTHER_PROXY_PORTS));
const sides = [side('kamailio-stateful', theirs), side('pair', ours)];
try {
  const turns = await inTurns();
  const [first = '', last = ''] = sides.map(
    ({ name }, index) =>
      `${name} ${spread(turns.map((turn) => turn[index] ?? Number.NaN))} µs a call`,
  );
  const ratio = spread(turns.map(([peer = Number.NaN, own = Number.NaN]) => own / peer));
  process.stdout.write(`${first}; ${last}; ratio ${ratio}; ${number} calls\n`);
} finally {
  for (const { running, callers } of sides) {
    callers.close();
    await running.stop();
  }
  callees.close();
}
for (const [what, count] of sums.counts) process.stdout.write(`${count} ${what}\n`);
if (sums.complained > 0) process.exitCode = 1;

async function inTurns(): Promise<readonly (readonly number[])[]> {
  for (const one of sides) {
    await started(one);
    one.callers.dial();
    await load(one, FIRST_SECONDS);
  }
  const turns: number[][] = [];
  for (let turn = 0; turn < Number(values.turns); turn++) {
    const costs = [Number.NaN, Number.NaN];
    // Forth and back: what has just had load is warm.
    for (const index of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      costs[index] = await load(sides[index] as Side, Number(values.seconds));
      await delay(REST_MS);
    }
    turns.push(costs);
  }
  return turns;
}

/** Kamailio takes its time where it touches all of its memory first. */
async function started({ name, running }: Side): Promise<void> {
  for (let look = 0; look < LOOKS; look++) if (await firstHandshake(place, running)) return;
  throw new Error(`${name} did not start`);
}

/** Processor microseconds a call. */
async function load({ running, callers }: Side, seconds: number): Promise<number> {
  const before = processorSecondsOf(running.roots);
  const [startMs, calls] = [performance.now(), [] as Promise<void>[]];
  while (performance.now() - startMs < seconds * 1000) {
    const due = ((performance.now() - startMs) / 1000) * rate;
    while (calls.length < due) calls.push(call(callers));
    await delay(TICK_MS);
  }
  await Promise.all(calls);
  return ((processorSecondsOf(running.roots) - before) * 1_000_000) / calls.length;
}

async function call(callers: SipCompany): Promise<void> {
  number++;
  const [one, other] = [`c${number}`, `u${number}`];
  const caller = new SipParty(callers, number, one, `sip:${other}@${callees.options.domain}`);
  const callee = new SipParty(callees, number, other, `sip:${one}@${callers.options.domain}`);
  const invite = await caller.asks.begin('INVITE');
  await callee.until(() => callee.offer !== undefined, SOON_MS);
  if (callee.offer !== undefined) {
    callee.reply(callee.offer, '180 Ringing');
    callee.reply(callee.offer, '200 OK');
  }
  const { status, answer } = await invite.outcome;
  if (answer !== undefined) caller.enter(answer);
  caller.asks.acknowledge(invite);
  const isHeard = await callee.acknowledged(SOON_MS);
  const bye = await caller.asks.ask('BYE');
  if (status !== 200 || !isHeard || bye.status !== 200)
    sums.complain(`call: ${status}, ${bye.status}`);
  caller.close();
  callee.close();
}

function side(name: string, running: RunningSystem): Side {
  return {
    name,
    running,
    callers: company('partner', 'partner.test', 'gw.partner.test', running.port),
  };
}

function company(
  who: 'inner' | 'partner',
  domain: string,
  sentBy: string,
  port?: number,
): SipCompany {
  const file = (suffix: string) => readFileSync(at(place, 'pki', `${who}.${suffix}`), 'utf8');
  return new SipCompany({
    domain,
    sentBy,
    identity: { certificatePem: file('crt'), privateKeyPem: file('key') },
    serverName: 'inner.example.com',
    doors: port === undefined ? [] : [{ name: domain, port, connections: CONNECTIONS }],
    forbidden: undefined,
    sums,
  });
}
