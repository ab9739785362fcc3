import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { firstPackPage, packPage } from '@sallyport/app-gateway/ledger/pack-pages.ts';
import { provableCheckpoint } from '@sallyport/app-gateway/ledger/provable-checkpoint.ts';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import { Verification } from '@sallyport/app-gateway/ledger/verify/verification.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import type { LedgerEntry, LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { formatNote, parseNote, signNote } from '@sallyport/shared/audit/note.ts';
import {
  type AuditedSite,
  busySite,
  exchange,
  ORIGIN,
  type RecordingSource,
} from '../ledger/audited-site.ts';
import { unwrap } from './unwrap.ts';

/** A ledger on a real database, and the way around it for who owns the database. */
export interface OwnedLedger {
  readonly ledger: LedgerStore;
  /** Statements as the database's owner, in one session. */
  execute(statements: string): Promise<void>;
  close(): Promise<void>;
}

/** Triggers guard against mistakes and lesser rights; the owner of the database is not stopped by them. */
const OWNER = 'set session_replication_role = replica;';
const TABLES = ['audit_entry', 'audit_tile', 'audit_checkpoint', 'audit_cosignature'];

/** What somebody with all rights in the database can do, and how it is noticed. */
export function ledgerTamperContract(name: string, open: () => Promise<OwnedLedger>): void {
  describe(`tampering with a ledger: ${name}`, () => {
    let owned: OwnedLedger;
    let site: AuditedSite;
    let sources: RecordingSource[];
    before(async () => {
      owned = await open();
      ({ site, sources } = busySite(200));
      await writeSite(owned.ledger, site, 0);
      const keep = TABLES.map((table) => `create table kept_${table} as select * from ${table};`);
      await owned.execute(keep.join(' '));
    });
    after(() => owned.close());

    const restore = async (): Promise<void> => {
      const order = [...TABLES].reverse().map((table) => `delete from ${table};`);
      const back = TABLES.map((table) => `insert into ${table} select * from kept_${table};`);
      await owned.execute([OWNER, ...order, ...back].join(' '));
    };

    it('a clean one passes', async () => {
      const report = await verified(owned.ledger, site);
      assert.deepEqual(report.findings, []);
      assert.deepEqual([report.records, report.provenSize], [427, 427]);
    });

    const otherKey = generateKeyPairSync('ed25519').privateKey;
    const resigned = (): string => {
      const stored = site.ledger.stored.at(-1);
      const note = parseNote(Buffer.from(stored?.note ?? ''));
      assert.ok(note.ok);
      const { text } = note.value;
      return formatNote({ text, signatures: [signNote(text, ORIGIN, otherKey)] });
    };

    const rows: readonly (readonly [string, () => string, FindingCode, number?])[] = [
      [
        'one changed byte',
        () =>
          'update audit_entry set record = set_byte(record, length(record) - 1, get_byte(record, length(record) - 1) # 1) where index = 123',
        'record-changed',
        123,
      ],
      ['dropped tail', () => 'delete from audit_entry where index >= 400', 'tail-missing', 400],
      [
        'dropped middle',
        () => 'delete from audit_entry where index between 100 and 109',
        'records-missing',
        100,
      ],
      [
        'two records swapped',
        () =>
          'update audit_entry a set record = b.record, seq = b.seq, stream = b.stream from audit_entry b where (a.index = 50 and b.index = 61) or (a.index = 61 and b.index = 50)',
        'records-swapped',
        50,
      ],
      [
        'a changed hash of the tree',
        () =>
          'update audit_tile set hashes = set_byte(hashes, 7 * 32, get_byte(hashes, 7 * 32) # 1) where level = 0 and tile = 0',
        'hash-changed',
        7,
      ],
      [
        'replaced key',
        () => `update audit_checkpoint set note = '${resigned()}'`,
        'ledger-key-wrong',
      ],
      ['cosignatures taken away', () => 'delete from audit_cosignature', 'cosignatures-missing'],
      [
        'a missing proxy',
        () =>
          "delete from audit_entry where stream in (select id from audit_stream where node = 'edge-2')",
        'source-missing',
      ],
    ];
    for (const [what, statement, code, index] of rows) {
      it(what, async () => {
        await owned.execute(`${OWNER} ${statement()};`);
        const report = await verified(owned.ledger, site);
        await restore();
        assert.equal(report.isGood, false);
        const finding = report.findings.find((one) => one.code === code);
        assert.ok(finding, `${code} among ${report.findings.map((one) => one.code).join(', ')}`);
        if (index !== undefined) assert.equal(finding.index, index);
      });
    }

    it('an old copy replayed, an unsealed tail, and a re-signed history', async () => {
      assert.deepEqual((await verified(owned.ledger, site)).findings, [], 'all is as it was');
      const old = await packOf(owned.ledger, site);
      const sizeBefore = site.ledger.list.length;
      const proxy = sources[1] as RecordingSource;
      exchange(proxy, 900);
      site.source('edge-1', 0, 0x12n).open().seal();
      const knownCheckpoint = site.checkpoint();
      await writeSite(owned.ledger, site, sizeBefore);
      const replayed = verdict(old, { keys: site.publicKeys, knownCheckpoint });
      assert.ok(replayed.findings.some(({ code }) => code === 'older-than-known'));
      const unsealed = await verified(owned.ledger, site);
      const tail = unsealed.findings.find(({ code }) => code === 'tail-unsealed');
      assert.equal(tail?.detail, '2 records');
      const forged = site.rebuilt(site.ledger.list.filter(({ index }) => index !== 60));
      const again = await open();
      await writeSite(again.ledger, forged, 0);
      const report = await verified(again.ledger, site);
      await again.close();
      const codes = report.findings.map(({ code }) => code);
      assert.ok(
        codes.includes('cosignatures-missing') && codes.includes('sequence-hole'),
        codes.join(),
      );
    });
  });
}

/** Brings what a site has recorded from that index on into the store, with its checkpoints. */
export async function writeSite(
  ledger: LedgerStore,
  site: AuditedSite,
  from: number,
): Promise<void> {
  const checkpoints = site.ledger.stored.filter(({ size }) => size > from);
  let at = from;
  for (const { size, note, atMs, cosignatures } of checkpoints) {
    const entries = site.ledger.list.slice(at, size);
    unwrap(await ledger.append(entries.map(spanOf), atMs));
    at = size;
    unwrap(await ledger.addCheckpoint(size, note, atMs));
    for (const [witness, line] of Object.entries(cosignatures)) {
      unwrap(await ledger.addCosignature(size, witness, line));
    }
  }
}

export function spanOf({ source, record }: LedgerEntry) {
  return { source, records: record };
}

async function packOf(ledger: LedgerStore, site: AuditedSite): Promise<Buffer> {
  const checkpoint = unwrap(await provableCheckpoint(ledger));
  const size = checkpoint?.size ?? 0;
  let page = unwrap(await firstPackPage(ledger, site.publicKeys, { from: 0, to: size, size }));
  const pieces = [page.bytes];
  while (page.next !== undefined) {
    page = unwrap(await packPage(ledger, page.next));
    pieces.push(page.bytes);
  }
  return Buffer.concat(pieces);
}

function verdict(
  pack: Buffer,
  options: ConstructorParameters<typeof Verification>[0],
): VerifyReport {
  const verification = new Verification(options);
  verification.push(pack);
  return verification.end();
}

/** The verdict on all that is signed. */
export async function verified(ledger: LedgerStore, site: AuditedSite): Promise<VerifyReport> {
  return verdict(await packOf(ledger, site), { keys: site.publicKeys });
}
