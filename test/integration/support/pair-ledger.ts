import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStateStore } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import type { LedgerEntry, LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { leafHash } from '@sallyport/shared/audit/merkle.ts';
import { parseNote } from '@sallyport/shared/audit/note.ts';
import { publicKeyOfRaw } from '@sallyport/shared/audit/raw-key.ts';
import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { type ChainFault, SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import { formatSource } from '@sallyport/shared/audit/source.ts';
import { TreeFrontier } from '@sallyport/shared/audit/tree-frontier.ts';

/** One record with where it stands. */
export interface Told {
  readonly entry: LedgerEntry;
  readonly record: AuditRecord;
}

/** The embedded ledger of a gateway that has ended, held against itself. */
export interface ReadLedger {
  readonly told: readonly Told[];
  /** By source: what is wrong with its chain of seals, and how many records nobody has sealed. */
  readonly chains: ReadonlyMap<
    string,
    { readonly faults: readonly ChainFault[]; unsealed: number }
  >;
  /** Newest checkpoint: its size, and who has cosigned it. */
  readonly signed: { readonly size: number; readonly witnesses: readonly string[] };
}

/** Reads all of it; fails where tree and records do not belong together, or a record is there twice. */
export async function readLedger(bundle: string): Promise<ReadLedger> {
  const opened = await openStateStore({ kind: 'embedded' }, bundle);
  assert.ok(opened.ok, JSON.stringify(opened));
  try {
    return await readStore(opened.value.ledger, bundle);
  } finally {
    await opened.value.close();
  }
}

/** The same, of a ledger wherever it is; `bundle` is of one of its gateways. */
export async function readStore(ledger: LedgerStore, bundle: string): Promise<ReadLedger> {
  const head = await ledger.head();
  assert.ok(head.ok);
  const told: Told[] = [];
  const tree = new TreeFrontier();
  const seen = new Set<string>();
  while (told.length < head.value.size) {
    const page = await ledger.entries(told.length, head.value.size);
    assert.ok(page.ok && page.value.length > 0);
    for (const entry of page.value) {
      const record = decodeRecord(entry.record, 0, entry.record.length);
      const name = `${formatSource(entry.source)} ${entry.seq}`;
      assert.ok(record.ok, name);
      assert.equal(seen.has(name), false, `${name} is there twice`);
      seen.add(name);
      told.push({ entry, record: record.value });
      tree.append(leafHash(entry.record));
    }
  }
  assert.deepEqual(tree.root(), head.value.root);
  const checkpoints = await ledger.checkpoints({ limit: 1 });
  assert.ok(checkpoints.ok);
  const [newest] = checkpoints.value;
  assert.equal(parseNote(Buffer.from(newest?.note ?? '')).ok, true);
  return {
    told,
    chains: chainsOf(told, bundle),
    signed: { size: newest?.size ?? 0, witnesses: Object.keys(newest?.cosignatures ?? {}) },
  };
}

function chainsOf(told: readonly Told[], bundle: string): ReadLedger['chains'] {
  const keys = JSON.parse(readFileSync(join(bundle, 'witnesses.json'), 'utf8')) as Record<
    string,
    string
  >;
  const bySource = Map.groupBy(told, ({ entry }) => formatSource(entry.source));
  return new Map(
    [...bySource].map(([name, records]) => {
      const [node = ''] = name.split('/');
      const chain = new SealChain(
        publicKeyOfRaw('Ed25519', Buffer.from(keys[node] ?? '', 'base64')),
      );
      const faults = records
        .toSorted((one, other) => one.entry.seq - other.entry.seq)
        .flatMap(({ entry }) => chain.take(entry.record, 0, entry.record.length));
      return [name, { faults, unsealed: chain.unsealedRecords }];
    }),
  );
}
