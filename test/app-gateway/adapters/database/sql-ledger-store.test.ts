import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SqlLedgerStore } from '@sallyport/app-gateway/adapters/database/sql-ledger-store.ts';
import { NOON_MS, sourceOf, span } from '../../ports/audit-records.ts';
import { ledgerStoreContract } from '../../ports/ledger-store-contract.ts';
import { ledgerTamperContract } from '../../ports/ledger-tamper-contract.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { openLedger, openOwned } from './owned-ledger.ts';

ledgerStoreContract('embedded, in memory', async () => {
  const { db, ledger } = await openLedger();
  return { ledger, another: async () => new SqlLedgerStore(db), close: () => db.destroy() };
});

ledgerTamperContract('embedded, in memory', openOwned);

it('a ledger that is tidied takes the room of its records and little else', async () => {
  const { pglite, db, ledger } = await openLedger();
  const room = async () => {
    const { rows } = await pglite.query<{ bytes: number }>(
      "select pg_total_relation_size('audit_tile') + pg_total_relation_size('audit_head') as bytes",
    );
    return rows[0]?.bytes ?? 0;
  };
  const fillTile = async (tile: number) => {
    for (let at = tile * 256; at < tile * 256 + 256; at += 4) {
      unwrap(await ledger.append([span(sourceOf('edge-1'), at, at + 4)], NOON_MS));
    }
    unwrap(await ledger.tidy());
    return room();
  };
  const first = await fillTile(0);
  await fillTile(1);
  const third = await fillTile(2);
  assert.ok(third < first * 1.5, `${first} bytes, then ${third}`);
  unwrap(await ledger.append([span(sourceOf('edge-1'), 768, 800)], NOON_MS));
  await db.destroy();
});
