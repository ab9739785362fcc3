import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRebuild } from '@sallyport/app-gateway/commands/audit/audit-rebuild.ts';
import { RebuildDesk, type RebuildPage } from '@sallyport/app-gateway/ledger/search-rebuild.ts';
import { openOwned } from '../../adapters/database/owned-ledger.ts';
import { NOON_MS } from '../../ports/audit-records.ts';
import { type OwnedLedger, spanOf } from '../../ports/ledger-tamper-contract.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { AuditBench } from './audit-bench.ts';

const WORDS = ['audit', 'rebuild'] as const;
const WISH = { reason: 'columns changed' };

describe('audit rebuild', () => {
  let audit: AuditBench;
  let owned: OwnedLedger;
  const noted: string[] = [];
  const useDesk = (isOnRecord: boolean) => {
    const note = async (type: string, fields: { author?: string; signedText?: string }) => {
      noted.push(`${type} ${fields.author} ${fields.signedText?.includes('audit')}`);
      return isOnRecord;
    };
    const rebuild = new RebuildDesk({ store: owned.ledger, note });
    audit.useLedger({ reader: owned.ledger, keys: audit.site.publicKeys, rebuild });
  };
  before(async () => {
    audit = await AuditBench.open();
    owned = await openOwned();
    unwrap(await owned.ledger.append(audit.site.ledger.list.map(spanOf), NOON_MS));
    await audit.bench.people('ann', 'bob');
    useDesk(true);
  });
  after(async () => {
    await audit.close();
    await owned.close();
  });
  const change = (statement: string) =>
    owned.execute(`set session_replication_role = replica; ${statement};`);
  const rebuilt = async (): Promise<RebuildPage> => {
    const { pages } = auditRebuild;
    let page = await audit.bench.done<RebuildPage>(WORDS, WISH, 'bob');
    for (;;) {
      const next = pages?.next({ ...WISH }, page);
      if (next === undefined) return page;
      const later = await audit.bench.done<RebuildPage>(WORDS, { ...next.parameters }, 'bob');
      page = pages?.joined?.(page, later) ?? later;
    }
  };

  it('says how far it has come', () => {
    const page = {
      ...{ compared: 0, mended: 0, moved: 0 },
      recounted: [],
      findings: [],
      leftOut: 0,
    };
    const come = (place: RebuildPage['place']) =>
      auditRebuild.pages?.progress?.({ ...page, ...(place && { place }) });
    assert.deepEqual(come({ at: 2000, size: 2430 }), { done: 2000, total: 2430 });
    assert.deepEqual(come({ at: 2530, size: 2430 }), { done: 2430, total: 2430 });
    assert.equal(come(undefined), undefined);
  });

  it('says what was made anew, and that nothing is left', async () => {
    await change("update audit_entry set partner = 'x' where index in (7, 9)");
    const done = await rebuilt();
    assert.equal(
      auditRebuild.text(done),
      [
        '430 records: 2 rows made anew, 0 of them brought back into their day',
        'days counted anew: none',
        'nothing is left',
      ].join('\n'),
    );
    assert.equal(auditRebuild.isBad?.(done), false);
    const signed = 'configuration-changed bob true';
    assert.deepEqual(noted, [signed, signed]);
  });

  it('ends with 1 where something is left', async () => {
    await change('delete from audit_entry where index = 9');
    const done = await rebuilt();
    assert.match(auditRebuild.text(done), /row-missing.*index 9[\s\S]*no record tells/);
    assert.equal(auditRebuild.isBad?.(done), true);
  });

  it('wants a signature, and to be put on record', async () => {
    assert.equal(await audit.bench.refused(WORDS, WISH), 'unsigned');
    useDesk(false);
    assert.equal(await audit.bench.refused(WORDS, WISH, 'bob'), 'not-on-record');
    audit.useLedger({ reader: owned.ledger, keys: audit.site.publicKeys });
    assert.equal(await audit.bench.refused(WORDS, WISH, 'bob'), 'ledger-off');
    audit.useLedger(undefined);
    assert.equal(await audit.bench.refused(WORDS, WISH, 'bob'), 'ledger-off');
  });
});
