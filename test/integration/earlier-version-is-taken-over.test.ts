import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openStateStore } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import { Run } from '@sallyport/app-gateway/adapters/files/epoch-file.ts';
import { readGatewayBundle } from '@sallyport/app-gateway/adapters/files/gateway-bundle.ts';
import { FileJournal } from '@sallyport/app-gateway/adapters/files/journal.ts';
import { auditVerifyCommand } from '@sallyport/app-gateway/cli/audit-verify-command.ts';
import { restoreCommand } from '@sallyport/app-gateway/cli/backup/restore-command.ts';
import { auditSpoolKey } from '@sallyport/app-gateway/domain/ledger-keys.ts';
import { Appender } from '@sallyport/app-gateway/ledger/appender.ts';
import { Intake } from '@sallyport/app-gateway/ledger/intake.ts';
import { takeEpoch } from '@sallyport/dmz-proxy/audit/epoch-file.ts';
import { Spool } from '@sallyport/dmz-proxy/audit/spool.ts';
import { WitnessFile } from '@sallyport/dmz-proxy/audit/witness-file.ts';
import { encodeAuditSpooled } from '@sallyport/shared/channel/audit-frames.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { surroundingsOf } from '../app-gateway/cli/test-surroundings.ts';
import { unwrap } from '../app-gateway/ports/unwrap.ts';
import { readLedger } from './support/pair-ledger.ts';

const VECTOR = join(import.meta.dirname, '../vectors/earlier-version');
const PASSPHRASE = 'in full: four words of a sentence';
const MESSAGES = 27;
const REFUSED = 8;

describe('what an earlier version left', { timeout: 120_000 }, () => {
  let folder: string;
  let bundle: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'earlier-version-'));
    cpSync(VECTOR, folder, { recursive: true });
    bundle = join(folder, 'gateway-1');
    writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\n`);
    const options = { bundle, passphraseFile: 'passphrase' };
    const done = await restoreCommand('gateway-1.backup', options, around());
    assert.equal(done.exitCode, 0, done.text);
    cpSync(join(VECTOR, 'journal'), join(bundle, 'run/audit'), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const around = () => surroundingsOf(folder, { nowMs: Date.now });

  it('a file of its ledger is proved with keys and checkpoint from then', async () => {
    const kept = { keys: 'ledger-keys.json', checkpoint: 'ledger-checkpoint.txt', strict: true };
    const { exitCode, text } = await auditVerifyCommand('ledger.pack', kept, around());
    assert.equal(exitCode, 0, text);
  });

  it('its partners, keys and people are as they were, half an exchange included', async () => {
    const state = unwrap(await openStateStore({ kind: 'embedded' }, bundle));
    const { partners, identities, operators } = unwrap(await state.load());
    await state.close();
    const told = partners.map(({ id, severed, trustSets }) => [
      id,
      severed !== undefined,
      ...trustSets.map(({ state: step, verifications }) => `${step} ${verifications.length}`),
    ]);
    assert.deepEqual(told, [
      ['globex', false, 'active 0'],
      ['initech', false, 'received 1'],
      ['umbrella', true],
    ]);
    const keys = identities[0]?.keys.map(({ state: step }) => step);
    assert.deepEqual(keys, ['active', 'requested']);
    assert.deepEqual(
      operators.map(({ name }) => name),
      ['ann', 'bob'],
    );
  });

  it('its journal and what its proxy had not got rid of come into the ledger, each record once', async () => {
    const state = unwrap(await openStateStore({ kind: 'embedded' }, bundle));
    const journalFolder = join(bundle, 'run/audit');
    const run = await Run.begin(journalFolder, 1n);
    assert.ok(run.before?.lastSeal !== undefined, 'the run before, with its seal');
    const faults: string[] = [];
    const fault = (...what: readonly unknown[]) => faults.push(what.map(String).join(' '));
    const journal = await FileJournal.open({
      folder: journalFolder,
      bytesMax: 268_435_456,
      events: {
        failing: fault,
        recovered: fault,
        tailCut: fault,
        damaged: fault,
        news: () => undefined,
      },
    });
    const intake = new Intake({
      journal,
      spoolKey: auditSpoolKey(unwrap(readGatewayBundle(bundle)).clusterKey),
      witnessKey: () => undefined,
      events: {
        malformed: (_, reason) => fault(reason),
        blobUnreadable: (_, blob, reason) => assert.fail(`${blob}: ${reason}`),
        chainBroken: (_, seq, reason) => fault(seq, reason),
        witnessUnknown: () => undefined,
        slowed: fault,
      },
      waitingBytesMax: 16_777_216,
      bytesPerSecond: () => 16_777_216,
      clock: systemClock,
    });
    await bringSpool(intake);
    const appender = new Appender({
      journal,
      store: state.ledger,
      clock: systemClock,
      events: {
        appended: () => undefined,
        failing: fault,
        recovered: fault,
        setBack: fault,
      },
    });
    await appender.stop();
    await journal.close();
    await state.close();
    assert.deepEqual(faults, []);
    const { told, chains } = await readLedger(bundle);
    const callIds = (type: string) =>
      told.filter(({ record }) => record.type === type).map(({ record }) => record.fields.callId);
    assert.deepEqual(
      [...callIds('message-admitted'), ...callIds('message-refused')],
      Array.from({ length: MESSAGES }, (_, number) => `m${number}@globex.example`),
    );
    assert.equal(callIds('message-refused').length, REFUSED);
    for (const [source, { faults: broken }] of chains) assert.deepEqual(broken, [], source);
  });

  it('its proxy knows its last run, and the ledger that it gave its word for', () => {
    const before = takeEpoch(join(folder, 'spool/audit-0'), 2n);
    assert.ok(before?.lastSeal !== undefined);
    const witnessed = new WitnessFile(join(folder, 'spool/audit-witness')).read();
    assert.ok(witnessed !== 'unreadable' && witnessed.size > 0);
  });

  /** All blobs of the proxy's worker, until the journal has them. */
  async function bringSpool(intake: Intake): Promise<void> {
    const spool = new Spool({
      folder: join(folder, 'spool/audit-0'),
      failed: (...what) => assert.fail(what.join(' ')),
      damaged: () => assert.fail(),
    });
    assert.equal(spool.open(), true);
    const waiting = [...spool.waiting()];
    assert.ok(waiting.length > 0);
    for (const { id } of waiting) {
      const taken = Promise.withResolvers<void>();
      const box = spool.read(id);
      assert.ok(box instanceof Buffer);
      const payload = encodeAuditSpooled(id, box);
      const peer = {
        node: 'edge-1',
        worker: 0,
        acknowledge: () => taken.resolve(),
        pause: () => undefined,
        resume: () => undefined,
        close: (reason: string) => taken.reject(new Error(reason)),
      };
      intake.spooled(peer, payload, 0, payload.length);
      await taken.promise;
    }
  }
});
