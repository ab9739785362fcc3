import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { OperatedSite } from './src/operated-site.ts';
import { type LoadSums, NO_SUMS, WatchedLoad } from './src/watched-load.ts';
import { openWorkplace } from './src/workplace.ts';

// node bench/roll-over.ts [--rate 2000] [--connections 50] [--step-seconds 5] [--folder .perf]
// Changes the partner's keys and ours under load; ends with 1 unless every message was answered well.

/** What became of messages while one step was taken, over all loads. */
interface StepRow extends Pick<LoadSums, 'sent' | 'answered' | 'failed' | 'stuck'> {
  readonly step: string;
  readonly seconds: number;
  readonly slowestMs: number;
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '50' },
    'step-seconds': { type: 'string', default: '5' },
    folder: { type: 'string', default: '.perf' },
  },
});
const place = openWorkplace(values.folder);
const load = { connections: Number(values.connections), perSecond: Number(values.rate) };
const stepMs = Number(values['step-seconds']) * 1000;

const loads: WatchedLoad[] = [];
const rows: StepRow[] = [];
let before = { ...NO_SUMS };

const site = await OperatedSite.open(place);
process.stdout.write(
  `${''.padEnd(40)}${['seconds', 'sent', 'answered', 'failed', 'stuck'].map((word, at) => word.padStart(at === 0 ? 7 : 9)).join('')}  slowest ms\n`,
);
try {
  await rollOver();
} finally {
  for (const each of loads) each.kill();
  await site.stop();
}
report();

/** The partner's keys first, then ours; each step lasts as long as the others at least. */
async function rollOver(): Promise<void> {
  let carrying = await begin('partner');
  await step('nothing changes', async () => {
    await site.untilShown('t1 used', ({ accepts }) =>
      accepts.some(({ state }) => state === 'seen'),
    );
    await site.activate();
  });

  let second = '';
  await step('partner: receive', async () => {
    second = await site.receive('next-ca');
  });
  await step('partner: verify, by two', () => site.verify('next-ca'));
  await step('partner: stage', () => site.stage());
  const withOldCertificate = carrying;
  await step('partner: its new certificate takes over', async () => {
    carrying = await begin('next-partner');
    await withOldCertificate.fallSilent();
    await site.untilShown('the new set used', ({ accepts }) =>
      accepts.some(({ id, state }) => id === second && state === 'seen'),
    );
  });
  await step('partner: activate', () => site.activate());
  await step('partner: retire the old set', async () => {
    await site.retire('t1');
    await withOldCertificate.untilLeftAlone();
  });

  let next = '';
  await step('ours: request, issue, install', async () => {
    next = await site.installNextKey();
  });
  await step('ours: offer, activate', async () => {
    await site.offerOurKeys();
    await site.activateOwn(next);
  });
  const withOurOldKey = carrying;
  await step('ours: new connections take over', async () => {
    carrying = await begin('next-partner');
    await withOurOldKey.fallSilent();
    await site.untilShown(
      'connections with the new key',
      ({ connections }) =>
        connections.filter(({ ownKey }) => ownKey.endsWith(`/${next}`)).length >= load.connections,
    );
  });
  await step('ours: retire the old key', () => site.retireOwn('k1'));
  await step('nothing changes', () => Promise.resolve());
  await step('the end: answers under way', () => carrying.fallSilent(), 0);
  for (const each of loads) await each.end();
}

/** A load that sends by the time that this returns. */
async function begin(who: 'partner' | 'next-partner'): Promise<WatchedLoad> {
  const begun = new WatchedLoad(place, who, load);
  loads.push(begun);
  await begun.until('answers', ({ answered }) => answered > 0);
  return begun;
}

async function step(name: string, work: () => Promise<void>, leastMs = stepMs): Promise<void> {
  const startMs = performance.now();
  for (const each of loads) each.takeSlowestUs();
  await work();
  await delay(Math.max(0, leastMs - (performance.now() - startMs)));
  await loads.at(-1)?.until('sums');
  const now = sumsOfAll();
  rows.push({
    step: name,
    seconds: (performance.now() - startMs) / 1000,
    sent: now.sent - before.sent,
    answered: now.answered - before.answered,
    failed: now.failed - before.failed,
    stuck: now.stuck,
    slowestMs: Math.max(...loads.map((each) => each.takeSlowestUs())) / 1000,
  });
  before = now;
  process.stdout.write(`${lineOf(rows.at(-1) as StepRow)}\n`);
}

function sumsOfAll(): LoadSums {
  return loads.reduce(
    (all, { sums }) => ({
      sent: all.sent + sums.sent,
      answered: all.answered + sums.answered,
      failed: all.failed + sums.failed,
      stuck: all.stuck + sums.stuck,
      underWay: all.underWay + sums.underWay,
      connections: all.connections + sums.connections,
    }),
    NO_SUMS,
  );
}

function lineOf({
  step: name,
  seconds,
  sent,
  answered,
  failed,
  stuck,
  slowestMs,
}: StepRow): string {
  const figures = [sent, answered, failed, stuck].map((figure) => String(figure).padStart(9));
  return `${name.padEnd(40)}${seconds.toFixed(1).padStart(7)}${figures.join('')}${slowestMs.toFixed(1).padStart(12)}`;
}

function report(): void {
  const { sent, answered, failed, underWay } = sumsOfAll();
  const stuck = Math.max(0, ...rows.map((row) => row.stuck)) + underWay;
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const slowestMs = Math.max(...rows.map((row) => row.slowestMs));
  const all = { step: 'all', seconds, sent, answered, failed, stuck, slowestMs };
  process.stdout.write(`${lineOf(all)}\n`);
  for (const complaint of loads.flatMap(({ complaints }) => complaints).slice(0, 5)) {
    process.stdout.write(`complaint: ${complaint}\n`);
  }
  const isWell = failed === 0 && stuck === 0 && answered === sent;
  process.stdout.write(isWell ? 'no message was lost\n' : 'MESSAGES WERE LOST\n');
  if (!isWell) process.exitCode = 1;
}
