import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  type HealthFacts,
  health,
  type Pair,
  startPair,
  untilHealth,
} from '../integration/support/pair.ts';
import { readLedger } from '../integration/support/pair-ledger.ts';
import type { PairProcess } from '../integration/support/pair-process.ts';
import { EMBEDDED } from '../integration/support/pair-site.ts';
import { AccountablePartner } from './support/accountable-partner.ts';
import { arrivalsIn, lostIn, verdict } from './support/live-ledger.ts';
import { needsPostgres, PostgresServer } from './support/postgres-server.ts';
import { needsMounts, SmallDisk } from './support/small-disk.ts';
import { until } from './support/wait.ts';

const PARTNERS = 4;
const UNLIMITED = { messagesPerSecond: 100_000, messagesBurst: 100_000 };
const DISK_MIB = 96;
const STEP_MS = 40_000;
/** Answers that show that traffic flows, or that it does not. */
const SOME = 200;
/** Of messages that are missing. */
const SHOWN_MAX = 20;
/** The least that can be set: full soon. */
const SMALL = { memoryBytesMax: 1_048_576, spoolBytesMax: 1_048_576 };

const { skip } = needsMounts();
const { skip: skipServer } = needsPostgres();

/** Both programs with PostgreSQL, partners that keep writing, and disks that can be filled. */
interface Scene {
  readonly pair: Pair;
  readonly gateway: PairProcess;
  readonly database: PostgresServer;
  readonly partners: readonly AccountablePartner[];
  readonly journalDisk: SmallDisk;
  readonly spoolDisk: SmallDisk;
}

async function scene(t: TestContext, audit: object, gateways: 1 | 2 = 1): Promise<Scene> {
  const [journalDisk, spoolDisk] = [SmallDisk.mount(DISK_MIB), SmallDisk.mount(DISK_MIB)];
  const database = await PostgresServer.open();
  t.after(async () => {
    journalDisk.unmount();
    spoolDisk.unmount();
    await database.close();
  });
  const pair = await startPair(t, {
    partner: UNLIMITED,
    gateways,
    audit,
    database: {
      kind: 'postgresql',
      host: database.socketFolder,
      port: database.port,
      user: 'sallyport',
      tls: 'off',
    },
    prepare: ({ folder }) => {
      journalDisk.holds(join(folder, 'hosts/gateway-1/run/audit'));
      spoolDisk.holds(join(folder, 'hosts/edge-1/spool/audit-0'));
    },
  });
  const partners = writers(t, pair);
  const [gateway] = pair.gateways;
  assert.ok(gateway !== undefined);
  await moreAnswers(partners, 200);
  return { pair, gateway, database, partners, journalDisk, spoolDisk };
}

describe('the ledger on a full disk', { skip: skip || skipServer }, () => {
  it('of a gateway: nothing is acknowledged, proxies spool and then refuse, and all comes back by itself', async (t) => {
    const { pair, gateway, database, partners, journalDisk } = await scene(t, SMALL);
    journalDisk.fill();
    assert.equal((await gateway.line('audit-journal-failing'))['reason'], 'ENOSPC');
    await gatewayIs(pair, { audit: 'journal-failing', status: 'down' });
    assert.match(await metrics(pair), /^sallyport_gateway_audit_journal_failing 1$/m);
    await pair.proxy.line('audit-full');
    await proxyIs(pair, { status: 'down', reason: 'audit-full' });
    await moreAnswers(partners, 503);
    journalDisk.free();
    await gateway.line('audit-journal-writes-again');
    await pair.proxy.line('audit-has-room');
    await gatewayIs(pair, { audit: 'ok', status: 'up' });
    await proxyIs(pair, { status: 'up' });
    await moreAnswers(partners, 200);
    await everythingIsRecorded(t, pair, database, partners);
  });

  it('of a proxy as well: it refuses when its memory is full, until there is room for its spool', async (t) => {
    const { pair, gateway, database, partners, journalDisk, spoolDisk } = await scene(t, {
      memoryBytesMax: SMALL.memoryBytesMax,
    });
    spoolDisk.fill();
    journalDisk.fill();
    await gateway.line('audit-journal-failing');
    await pair.proxy.line('audit-spool-failed', (line) => line['code'] === 'ENOSPC');
    await pair.proxy.line('audit-full');
    await proxyIs(pair, { status: 'down', reason: 'audit-full' });
    await moreAnswers(partners, 503);
    spoolDisk.free();
    await pair.proxy.line('audit-has-room');
    await moreAnswers(partners, 200);
    journalDisk.free();
    await gateway.line('audit-journal-writes-again');
    await proxyIs(pair, { status: 'up' });
    await moreAnswers(partners, 200);
    await everythingIsRecorded(t, pair, database, partners);
  });

  it('of a gateway, and both programs are killed: what the proxy had spooled is all there', async (t) => {
    const { pair, gateway, database, partners, journalDisk } = await scene(t, {});
    journalDisk.fill();
    await gateway.line('audit-journal-failing');
    await moreAnswers(partners, 200);
    await Promise.all(partners.map((partner) => partner.stop()));
    await until('everything on the disk', STEP_MS, async () => {
      const kept = await keptBy(pair);
      return kept.memoryBytes === 0 && kept.spoolBytes > 0 ? true : undefined;
    });
    await Promise.all([pair.proxy.kill(), gateway.kill()]);
    const again = pair.restart(0);
    await pair.restartProxy();
    await (await again).line('audit-journal-failing');
    await gatewayIs(pair, { audit: 'journal-failing', status: 'down' });
    journalDisk.free();
    await gatewayIs(pair, { audit: 'ok', status: 'up' });
    await everythingIsRecorded(t, pair, database, partners);
  });

  it('of one of two gateways: the other one takes what that one does not acknowledge', async (t) => {
    const { pair, gateway, database, partners, journalDisk } = await scene(t, {}, 2);
    journalDisk.fill();
    // Whichever of them had the records, now the one with the full disk has.
    await pair.gateways[1]?.kill();
    await gateway.line('audit-journal-failing');
    await pair.restart(1);
    await moreAnswers(partners, 200);
    await Promise.all(partners.map((partner) => partner.stop()));
    await until('the other gateway to have everything', STEP_MS, async () => {
      const kept = await keptBy(pair);
      return kept.memoryBytes === 0 && kept.spoolBytes === 0 ? true : undefined;
    });
    assert.equal((await health(pair.site.gateways[0]?.healthPort ?? 0)).audit, 'journal-failing');
    journalDisk.free();
    await gatewayIs(pair, { audit: 'ok', status: 'up' });
    await everythingIsRecorded(t, pair, database, partners);
  });

  it('of PostgreSQL: the journal keeps what comes, traffic goes on, and all comes in by itself', async (t) => {
    const tableDisk = SmallDisk.mount(DISK_MIB);
    t.after(() => tableDisk.unmount());
    const { pair, gateway, database, partners } = await scene(t, {});
    database.moveTables('sallyport', tableDisk.folder);
    await moreAnswers(partners, 200);
    tableDisk.fill();
    const failed = await gateway.line('audit-append-failed');
    assert.match(String(failed['reason']), /No space left on device/);
    await gatewayIs(pair, { audit: 'append-failing', status: 'up' });
    await moreAnswers(partners, 200);
    tableDisk.free();
    await gateway.line('audit-appends-again');
    await gatewayIs(pair, { audit: 'ok', status: 'up' });
    await moreAnswers(partners, 200);
    await everythingIsRecorded(t, pair, database, partners);
  });
});

describe('the embedded ledger', { skip }, () => {
  it('on a full disk: the journal keeps what comes, traffic goes on, and all comes in by itself', async (t) => {
    const stateDisk = SmallDisk.mount(2 * DISK_MIB);
    t.after(() => stateDisk.unmount());
    const pair = await startPair(t, {
      partner: UNLIMITED,
      database: EMBEDDED,
      prepare: ({ folder }) => stateDisk.holds(join(folder, 'hosts/gateway-1/state')),
    });
    const [gateway] = pair.gateways;
    assert.ok(gateway !== undefined);
    const partners = writers(t, pair);
    await moreAnswers(partners, 200);
    stateDisk.fill();
    const failed = await gateway.line('audit-append-failed');
    assert.match(String(failed['reason']), /No space left on device/);
    await gatewayIs(pair, { audit: 'append-failing', status: 'up' });
    await moreAnswers(partners, 200);
    stateDisk.free();
    await gateway.line('audit-appends-again');
    await moreAnswers(partners, 200);
    await Promise.all(partners.map((partner) => partner.stop()));
    assert.equal(await pair.proxy.stop(), 0);
    assert.equal(await gateway.stop(), 0);
    const { told, chains } = await readLedger(join(pair.site.folder, 'hosts/gateway-1'));
    const callIds = told.flatMap(({ record }) =>
      record.type === 'message-admitted' ? [record.fields.callId] : [],
    );
    const answered = partners.flatMap(({ answered: seen }) => [...seen.keys()]);
    assert.deepEqual(callIds.toSorted(), answered.toSorted());
    for (const [source, { faults }] of chains) assert.deepEqual(faults, [], source);
    t.diagnostic(`${answered.length} answered, ${told.length} records`);
    await pair.stop();
  });
});

/** Partners that write all the time. */
function writers(t: TestContext, pair: Pair): readonly AccountablePartner[] {
  const partners = Array.from(
    { length: PARTNERS },
    (_, at) => new AccountablePartner(pair, `p${at}`),
  );
  t.after(() => Promise.all(partners.map((partner) => partner.close())));
  return partners;
}

/** Waits until the partners have seen so many more answers with that status. */
async function moreAnswers(partners: readonly AccountablePartner[], status: number) {
  const count = () =>
    partners.reduce(
      (sum, { answered }) => sum + [...answered.values()].filter((one) => one === status).length,
      0,
    );
  const before = count();
  await until(`${SOME} more ${status}`, STEP_MS, () => count() >= before + SOME || undefined);
}

async function gatewayIs({ site }: Pair, facts: HealthFacts): Promise<void> {
  await untilHealth(site.gateways[0]?.healthPort ?? 0, (said) => hasAll(said, facts), STEP_MS);
}

async function proxyIs({ site }: Pair, facts: HealthFacts): Promise<void> {
  await untilHealth(site.proxyHealthPort, (said) => hasAll(said, facts), STEP_MS);
}

function hasAll(said: HealthFacts, facts: HealthFacts): boolean {
  const found = new Map(Object.entries(said));
  return Object.entries(facts).every(([name, value]) => found.get(name) === value);
}

async function metrics({ site }: Pair): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${site.gateways[0]?.healthPort}/metrics`);
  return await answer.text();
}

/** What the proxy keeps that no gateway has acknowledged. */
async function keptBy({ site }: Pair) {
  const said = new Map(Object.entries(await health(site.proxyHealthPort, '/metrics')));
  return {
    memoryBytes: Number(said.get('auditMemoryBytes')),
    spoolBytes: Number(said.get('auditSpoolBytes')),
  };
}

/** What was let in has its record, once; what was refused has one or is counted; and the verifier finds no fault. */
async function everythingIsRecorded(
  t: TestContext,
  { site, stop }: Pair,
  database: PostgresServer,
  partners: readonly AccountablePartner[],
): Promise<void> {
  await Promise.all(partners.map((partner) => partner.stop()));
  const answered = new Map(partners.flatMap(({ answered: seen }) => [...seen]));
  let recorded = new Map<string, number>();
  const missing = () =>
    [...answered].filter(([callId, status]) => status !== 503 && !recorded.has(callId));
  await until('the ledger to have every message', STEP_MS, () => {
    recorded = arrivalsIn(database);
    return missing().length === 0 || undefined;
  }).catch(() => assert.deepEqual(missing().slice(0, SHOWN_MAX), []));
  const repeated = [...recorded].filter(([, count]) => count !== 1);
  assert.deepEqual(repeated, []);
  const size = Number(database.sql('sallyport', 'select size from audit_head'));
  const report = await until('a cosigned checkpoint over all of it', STEP_MS, async () => {
    const said = await verdict(join(site.folder, 'hosts/gateway-1'));
    const isCosigned = said?.findings.every(({ code }) => code !== 'cosignatures-missing');
    return said !== undefined && said.records >= size && isCosigned ? said : undefined;
  });
  const unrecorded = [...answered].filter(([callId]) => !recorded.has(callId)).length;
  const codes = [...new Set(report.findings.map(({ code }) => code))];
  t.diagnostic(
    `${answered.size} answered, ${unrecorded} of them refused without a record of their own`,
  );
  t.diagnostic(`the verifier took ${report.records} records; doubts: ${codes.join(', ')}`);
  assert.ok(report.isGood, JSON.stringify(report.findings.slice(0, SHOWN_MAX)));
  assert.ok(lostIn(database) >= unrecorded, `${lostIn(database)} counted as left out`);
  assert.equal(codes.includes('gap-declared'), unrecorded > 0);
  await stop();
}
