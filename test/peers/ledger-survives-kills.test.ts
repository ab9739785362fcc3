import assert from 'node:assert/strict';
import { join } from 'node:path';
import process from 'node:process';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '../fuzz/mutator.ts';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { workersOf } from '../integration/support/pair-process.ts';
import { AccountablePartner } from './support/accountable-partner.ts';
import { environment } from './support/environment.ts';
import { arrivalsIn, recordsIn, verdict } from './support/live-ledger.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';
import { until } from './support/wait.ts';

/*
 * More kills by hand:
 *   SALLYPORT_KILLS=200 node --test --test-timeout=3600000 test/peers/ledger-survives-kills.test.ts
 */

const KILLS = Number(environment['SALLYPORT_KILLS'] ?? 10);
const SEED = Number(environment['SALLYPORT_SEED'] ?? Date.now() % 2 ** 31);
const PARTNERS = 4;
const TRAFFIC_MS_MAX = 1200;
const CAUGHT_UP_MS = 30_000;
/** Of messages that are missing. */
const SHOWN_MAX = 20;

const { skip } = needsPostgres();

it(`whatever is killed, what a partner saw answered is in the ledger, once: ${KILLS} kills, seed ${SEED}`, {
  skip,
  timeout: 60_000 + KILLS * 15_000,
}, async (t) => {
  const random = new SeededRandom(SEED);
  const database = await PostgresServer.open();
  t.after(() => database.close());
  const pair = await startPair(t, {
    partner: { messagesPerSecond: 100_000, messagesBurst: 100_000 },
    database: {
      kind: 'postgresql',
      host: database.socketFolder,
      port: database.port,
      user: 'sallyport',
      tls: 'off',
    },
  });
  const partners = Array.from(
    { length: PARTNERS },
    (_, at) => new AccountablePartner(pair, `p${at}`),
  );
  t.after(() => Promise.all(partners.map((partner) => partner.close())));
  const killed = new Map<string, number>();
  for (let number = 0; number < KILLS; number++) {
    await delay(random.below(TRAFFIC_MS_MAX));
    const victim = random.pick(VICTIMS);
    killed.set(victim.name, (killed.get(victim.name) ?? 0) + 1);
    const seen = partners.reduce((sum, partner) => sum + partner.answered.size, 0);
    console.error(`kill ${number + 1}: ${victim.name}, after ${seen} answers`);
    await victim.kill(pair, database, random);
  }
  await delay(TRAFFIC_MS_MAX);
  await Promise.all(partners.map((partner) => partner.stop()));

  const answered = new Map(partners.flatMap(({ answered: seen }) => [...seen]));
  const good = [...answered.values()].filter((status) => status === 200).length;
  t.diagnostic(`killed: ${[...killed].map(([what, count]) => `${what} ${count}`).join(', ')}`);
  t.diagnostic(`${answered.size} answered, ${good} of them with 200`);
  assert.ok(good > KILLS * 10);
  let recorded = new Map<string, number>();
  const missing = () =>
    [...answered]
      .filter(([callId]) => !recorded.has(callId))
      .slice(0, SHOWN_MAX)
      .map(([callId, status]) => `${callId} ${status}`);
  await until('the ledger to have every message', CAUGHT_UP_MS, () => {
    recorded = arrivalsIn(database);
    return missing().length === 0 || undefined;
  }).catch(() => assert.deepEqual(missing(), []));
  const repeated = [...recorded].filter(([, count]) => count !== 1);
  assert.deepEqual(repeated, []);
  const there = recordsIn(database);
  // With kills close together it may be that no checkpoint has reached a proxy yet, or an old one alone.
  const report = await until('a checkpoint of it all, with a witness', CAUGHT_UP_MS, async () => {
    const found = await verdict(join(pair.site.folder, 'hosts/gateway-1'));
    return found?.witnessed === undefined || found.records < there ? undefined : found;
  });
  const { isGood, records, findings } = report;
  t.diagnostic(`the verifier took ${records} records, with ${findings.length} doubts`);
  assert.ok(isGood, JSON.stringify(findings.slice(0, SHOWN_MAX)));
  await pair.stop();
});

interface Victim {
  readonly name: string;
  /** Ends it as a crash would, and starts it again after a while. */
  kill(pair: Pair, database: PostgresServer, random: SeededRandom): Promise<void>;
}

const DOWN_MS_MAX = 800;

const VICTIMS: readonly Victim[] = [
  {
    name: 'worker',
    kill: async ({ proxy }) => {
      const since = proxy.lines.length;
      const [worker] = workersOf(proxy);
      assert.ok(worker !== undefined);
      process.kill(worker, 'SIGKILL');
      await proxy.line('ready', undefined, since);
    },
  },
  {
    name: 'proxy',
    kill: async (pair, _, random) => {
      const workers = workersOf(pair.proxy);
      await pair.proxy.kill();
      for (const worker of workers) endWorker(worker);
      await delay(random.below(DOWN_MS_MAX));
      await pair.restartProxy();
    },
  },
  {
    name: 'gateway',
    kill: async (pair, _, random) => {
      const [gateway] = pair.gateways;
      assert.ok(
        gateway?.isRunning,
        `ended by itself: ${gateway?.stdout.slice(-3000)}${gateway?.stderr}`,
      );
      await gateway.kill();
      await delay(random.below(DOWN_MS_MAX));
      await pair.restart(0);
    },
  },
  {
    name: 'PostgreSQL',
    kill: async (_, database, random) => {
      await database.kill();
      await delay(random.below(DOWN_MS_MAX));
      await database.start();
    },
  },
];

/** A host that crashes takes all processes; a worker may have ended with its launcher already. */
function endWorker(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}
