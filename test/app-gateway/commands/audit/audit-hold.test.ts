import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditHold } from '@sallyport/app-gateway/commands/audit/audit-hold.ts';
import { auditRelease } from '@sallyport/app-gateway/commands/audit/audit-release.ts';
import { HoldDesk } from '@sallyport/app-gateway/ledger/hold-desk.ts';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { memoryStore } from '../../ledger/memory-ledger.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { AuditBench } from './audit-bench.ts';

const CASE = { hold: 'case-7', from: '2026-11-01', to: '2026-11-30', reason: 'court order' };

describe('audit hold and release', () => {
  let audit: AuditBench;
  let store: LedgerStore;
  let close: () => Promise<void>;
  const noted: string[] = [];
  let isOnRecord = true;
  before(async () => {
    audit = await AuditBench.open();
    const opened = await memoryStore();
    store = opened.ledger;
    close = () => opened.close();
    const holds = new HoldDesk(
      store,
      async (type, { hold, author, signedText, authorSignature }) => {
        const isSigned = signedText?.includes('case-7') === true && authorSignature?.length === 64;
        noted.push(`${type} ${hold} ${author}${isSigned ? ', signed' : ''}`);
        return isOnRecord;
      },
    );
    audit.useLedger({ reader: store, keys: audit.site.publicKeys, holds });
    await audit.bench.people('ann', 'bob');
  });
  after(async () => {
    await audit.close();
    await close();
  });

  it('keeps days, says who wanted it and why, and is listed', async () => {
    const held = await audit.bench.done<never>(['audit', 'hold'], CASE, 'bob');
    assert.equal(auditHold.text(held), 'case-7: 2026-11-01 to 2026-11-30 are kept');
    const [hold] = unwrap(await store.holds());
    assert.deepEqual(
      [hold?.name, hold?.firstDay, hold?.lastDay, hold?.reason],
      ['case-7', '2026-11-01', '2026-11-30', 'court order'],
    );
    assert.deepEqual(noted, ['hold-set case-7 bob, signed']);
  });

  const wrong: readonly (readonly [string, object, string])[] = [
    ['a name that was used', {}, 'hold-exists'],
    ['days the wrong way round', { hold: 'other', from: '2026-12-01' }, 'parameters-wrong'],
    ['what is no day', { hold: 'other', to: '2026-11-31' }, 'parameters-wrong'],
  ];
  for (const [what, change, code] of wrong) {
    it(`refuses ${what}`, async () => {
      const given = { ...CASE, ...change };
      assert.equal(await audit.bench.refused(['audit', 'hold'], given, 'bob'), code);
    });
  }

  it('releases nothing that cannot be put on record', async () => {
    isOnRecord = false;
    const given = { hold: 'case-7', reason: 'settled' };
    assert.equal(await audit.bench.refused(['audit', 'release'], given, 'ann'), 'not-on-record');
    const other = { ...CASE, hold: 'other' };
    assert.equal(await audit.bench.refused(['audit', 'hold'], other, 'bob'), 'not-on-record');
    isOnRecord = true;
    noted.length = 1;
    const holds = unwrap(await store.holds());
    assert.deepEqual(
      holds.map(({ name, liftedAtMs }) => [name, liftedAtMs]),
      [
        ['case-7', undefined],
        ['other', undefined],
      ],
    );
  });

  it('lets an officer let days go again, once', async () => {
    const given = { hold: 'case-7', reason: 'settled' };
    assert.equal(await audit.bench.refused(['audit', 'release'], given, 'bob'), 'role-too-low');
    const released = await audit.bench.done<never>(['audit', 'release'], given, 'ann');
    assert.equal(auditRelease.text(released), 'case-7 is released');
    assert.equal(await audit.bench.refused(['audit', 'release'], given, 'ann'), 'hold-unknown');
    assert.equal(noted.length, 2);
  });

  it('is refused where auditing is off', async () => {
    audit.useLedger({ reader: store, keys: audit.site.publicKeys });
    assert.equal(await audit.bench.refused(['audit', 'hold'], CASE, 'bob'), 'ledger-off');
    audit.useLedger(undefined);
    const given = { hold: 'case-7', reason: 'settled' };
    assert.equal(await audit.bench.refused(['audit', 'release'], given, 'ann'), 'ledger-off');
  });
});
