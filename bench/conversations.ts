import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Auditor } from './src/auditor.ts';
import { Otherwise, SCRIPTS, type Script } from './src/conversation-scripts.ts';
import { ConversationSite } from './src/conversation-site.ts';
import { DATABASE_MISFORTUNES, MISFORTUNES } from './src/misfortunes.ts';
import { SipParty } from './src/sip-party.ts';
import { SipSums } from './src/sip-sums.ts';

// node bench/conversations.ts [--seconds 60] [--rate 50] [--at-once 500] [--workers 1] [--proxies 1] [--postgresql] [--seed N] [--misfortunes NAMES|all|none] [--every 20] [--logs FOLDER]
// Calls and subscriptions in both directions through proxies and two gateways, while things go wrong. Ends with 1 where a
// request had two final answers, reached the wrong user or came out of order, an inner name got out, or something ended otherwise than its story says while nothing was wrong.
// With --postgresql gateways share a server with partners, operators and ledger: keys are rolled, an auditor looks meanwhile, and at the end each answer that the partner saw must be on record, once.

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50' },
    'at-once': { type: 'string', default: '500' },
    workers: { type: 'string', default: '1' },
    proxies: { type: 'string', default: '1' },
    postgresql: { type: 'boolean', default: false },
    logs: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    misfortunes: { type: 'string', default: 'all' },
    every: { type: 'string', default: '20' },
  },
});

/** After a misfortune what is told otherwise is counted, and no complaint. */
const DISTURBED_MS = 45_000;
/** A phone that nobody calls any more stops ringing within that. */
const RINGING_MS = 8000;
/** Timers H, L and M, the last look and a little. */
const REST_MS = 40_000;
const TICK_MS = 10;

const seed = Number(values.seed);
const chance = chanceFrom(seed);
const sums = new SipSums();
const endMs = performance.now() + Number(values.seconds) * 1000;
let [began, underWay, wasWrongMs, wrong] = [0, 0, Number.NEGATIVE_INFINITY, ''];

process.stdout.write(`seed ${seed}\n`);
const site = await ConversationSite.open(
  {
    workers: Number(values.workers),
    proxies: values.proxies === '2' ? 2 : 1,
    hasDatabase: values.postgresql,
  },
  sums,
);
const auditor = site.database && new Auditor(site.people, sums);
try {
  report('before', await site.gauges());
  await Promise.all([talkOn(), goWrong(), auditor?.lookOn(endMs, () => wasWrongMs)]);
  while (underWay > 0) await delay(TICK_MS);
  report('all have ended', await site.gauges());
  await delay(REST_MS);
  report('later', await site.gauges());
  await auditor?.verify();
  await site.stopPrograms();
  await site.compareWithRecord(sums);
} finally {
  if (values.logs !== undefined) site.writeLogs(values.logs);
  await site.stop();
}
for (const [what, count] of [...sums.counts].sort()) process.stdout.write(`${count} ${what}\n`);
for (const complaint of sums.complaints) process.stdout.write(`complaint: ${complaint}\n`);
process.stdout.write(`${began} conversations, ${sums.messages} messages\n`);
process.stdout.write(sums.complained === 0 ? 'all ended as they may\n' : 'SOMETHING WENT WRONG\n');
if (sums.complained > 0) {
  for (const [line, count] of [...site.logged].sort()) process.stdout.write(`${count} ${line}\n`);
  process.exitCode = 1;
}

async function talkOn(): Promise<void> {
  const rate = Number(values.rate);
  const startMs = performance.now();
  while (performance.now() < endMs) {
    const due = ((performance.now() - startMs) / 1000) * rate;
    while (began < due && underWay < Number(values['at-once'])) void talk(++began);
    if (began < due) sums.count('ticks with all places taken');
    await delay(TICK_MS);
  }
}

async function goWrong(): Promise<void> {
  const asked = values.misfortunes;
  // What partners are stands in the database there.
  const { 'partner changed': inFiles, ...others } = MISFORTUNES;
  const all = values.postgresql ? { ...others, ...DATABASE_MISFORTUNES } : MISFORTUNES;
  const names = asked === 'all' ? Object.keys(all) : asked.split(',');
  for (let turn = 0; asked !== 'none'; turn++) {
    await delay(Number(values.every) * 1000);
    if (performance.now() > endMs) return;
    const name = names[turn % names.length] ?? '';
    wrong = name;
    wasWrongMs = Number.POSITIVE_INFINITY;
    await all[name]?.(site, Math.floor(turn / names.length));
    wasWrongMs = performance.now();
    report(name, await site.gauges());
  }
}

async function talk(number: number): Promise<void> {
  underWay++;
  const [name, , script] = drawn();
  const isInward = chance() < 0.5;
  const [from, to] = isInward ? [site.partner, site.inner] : [site.inner, site.partner];
  const [callerName, calleeName] = [`c${number}`, `u${number}`];
  const caller = new SipParty(from, number, callerName, `sip:${calleeName}@${to.options.domain}`);
  const callee = new SipParty(to, number, calleeName, `sip:${callerName}@${from.options.domain}`);
  const way = `${name} ${isInward ? 'inward' : 'outward'}`;
  try {
    await (script as Script)({ caller, callee, chance });
    sums.count(`ok: ${way}`);
  } catch (cause) {
    if (!(cause instanceof Otherwise)) throw cause;
    if (performance.now() - wasWrongMs < DISTURBED_MS) {
      sums.count(`after "${wrong}": ${way}: ${cause.message}`);
    } else sums.complain(`${way} ${number}: ${cause.message}`);
    await untilSilent(callee, isInward);
  } finally {
    caller.close();
    callee.close();
    underWay--;
  }
}

/** Whoever was called and is not any more must not be left ringing. */
async function untilSilent(callee: SipParty, isInward: boolean): Promise<void> {
  if (!callee.isRinging) return;
  if (await callee.until(() => !callee.isRinging, RINGING_MS)) return;
  sums.count(`LEFT RINGING ${isInward ? 'inside' : 'outside'} after "${wrong}"`);
}

function drawn(): (typeof SCRIPTS)[number] {
  let left = chance() * 100;
  const found = SCRIPTS.find(([, share]) => {
    left -= share;
    return left < 0;
  });
  return found ?? (SCRIPTS[0] as (typeof SCRIPTS)[number]);
}

function report(what: string, gauges: Readonly<Record<string, number>>): void {
  const figures = Object.entries(gauges).map(([name, figure]) => `${name} ${figure}`);
  const seconds = (performance.now() / 1000).toFixed(0).padStart(4);
  process.stdout.write(
    `${seconds} s ${what.padEnd(20)} begun ${began}, under way ${underWay}; ${figures.join(', ')}\n`,
  );
}

/** Mulberry32: the same talks for the same seed, as far as time allows. */
function chanceFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
