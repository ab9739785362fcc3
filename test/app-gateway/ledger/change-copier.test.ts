import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import type { NewChangeEvent } from '@sallyport/app-gateway/domain/exchange/change-event.ts';
import { ChangeCopier } from '@sallyport/app-gateway/ledger/change-copier.ts';
import { type AuditRecord, decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import { NOON_MS } from '../ports/audit-records.ts';
import { unwrap } from '../ports/unwrap.ts';
import { memoryStore } from './memory-ledger.ts';

const byProgram = (subject: string, detail = {}): NewChangeEvent => ({
  atMs: NOON_MS,
  author: { kind: 'program', node: 'gateway-1' },
  kind: 'partner-changed',
  subject,
  detail,
});

describe('changes of the state in the ledger', () => {
  let store: SqlStateStore;
  let records: AuditRecord[];
  let said: string[];
  let isDurable: boolean;
  /** So many records the disk takes. */
  let roomFor: number;
  let nowMs: number;
  beforeEach(async () => {
    store = await memoryStore();
    records = [];
    said = [];
    isDurable = true;
    roomFor = Infinity;
    nowMs = NOON_MS;
  });
  afterEach(() => store.close());

  const copier = (node = 'gateway-1') =>
    new ChangeCopier({
      node,
      state: store,
      store: store.ledger,
      nowMs: () => nowMs,
      failed: (reason) => said.push(reason),
      note: async (type, fields, timeMs = 0) => {
        const bytes = encodeRecord({ type, fields, timeMs, seq: records.length });
        records.push(unwrap(decodeRecord(bytes, 0, bytes.length)));
        return isDurable && records.length <= roomFor;
      },
    });
  const commit = async (...events: [NewChangeEvent, ...NewChangeEvent[]]) => {
    const { revision } = unwrap(await store.load());
    unwrap(await store.commit(revision, { events }, nowMs));
  };
  const subjects = () => records.map(({ fields }) => fields.subject);

  it('have a kind of record for what was changed', async () => {
    const rows = [
      ['partner/acme', 'partner-changed'],
      ['identity/main', 'identity-changed'],
      ['operator/ann', 'operator-changed'],
      ['node/edge-1', 'node-changed'],
      ['site', 'configuration-changed'],
    ] as const;
    for (const [subject] of rows) await commit(byProgram(subject));
    await copier().copy();
    assert.deepEqual(
      records.map(({ type, fields, timeMs }) => [fields.subject, type, timeMs]),
      rows.map(([subject, type]) => [subject, type, NOON_MS]),
    );
  });

  it('of years are taken some at a time, and gone on with where the disk took no more', async () => {
    const all = Array.from({ length: 1200 }, (_, at) => byProgram(`partner/p${at}`));
    await commit(...(all as [NewChangeEvent, ...NewChangeEvent[]]));
    roomFor = 700;
    await copier().copy();
    assert.equal(records.length, 1000);
    roomFor = Infinity;
    nowMs += 60_001;
    await copier('gateway-2').copy();
    const twice = subjects().slice(500, 1000);
    assert.deepEqual(subjects(), [
      ...all.slice(0, 1000).map(({ subject }) => subject),
      ...twice,
      ...all.slice(1000).map(({ subject }) => subject),
    ]);
    assert.deepEqual(said, []);
  });

  it('tell who, what, and what it was before', async () => {
    await commit({
      atMs: NOON_MS,
      author: {
        kind: 'operator',
        approval: {
          operator: 'ann',
          payload: '{"command":"partner change"}',
          signature: Buffer.alloc(64, 5).toString('base64'),
        },
      },
      kind: 'partner-changed',
      subject: 'partner/acme',
      detail: { before: { b: 1, a: 2 }, after: { a: 3 }, note: 'why' },
    });
    await copier().copy();
    const { eventHash, ...fields } = records[0]?.fields ?? {};
    assert.deepEqual(fields, {
      author: 'ann',
      command: 'partner-changed',
      subject: 'partner/acme',
      before: '{"a":2,"b":1}',
      after: '{"after":{"a":3},"note":"why"}',
      eventSequence: 1n,
      signedText: '{"command":"partner change"}',
      authorSignature: new Uint8Array(64).fill(5),
    });
    assert.equal(eventHash?.length, 32);
  });

  it('come once, in order, however many there are', async () => {
    const both = copier();
    for (let at = 0; at < 3; at++) {
      const first = byProgram(`partner/${at}-0`);
      const rest = Array.from({ length: 399 }, (_, one) => byProgram(`partner/${at}-${one + 1}`));
      await commit(first, ...rest);
    }
    await Promise.all([both.copy(), both.copy()]);
    await copier().copy();
    assert.deepEqual(
      records.map(({ fields }) => fields.eventSequence),
      Array.from({ length: 1200 }, (_, at) => BigInt(at + 1)),
    );
    await commit(byProgram('partner/late'));
    await both.copy();
    assert.equal(subjects().at(-1), 'partner/late');
    assert.equal(records.length, 1201);
    assert.deepEqual(said, []);
  });

  it('are left to another gateway that is at it, for a minute', async () => {
    await commit(byProgram('partner/acme'));
    isDurable = false;
    await copier('gateway-1').copy();
    isDurable = true;
    await copier('gateway-2').copy();
    assert.equal(records.length, 1);
    nowMs += 60_001;
    await copier('gateway-2').copy();
    assert.deepEqual(subjects(), ['partner/acme', 'partner/acme']);
    await copier('gateway-1').copy();
    assert.equal(records.length, 2);
  });

  it('are none where nothing has changed', async () => {
    await copier().copy();
    assert.deepEqual([records, said], [[], []]);
  });

  it('wait where the database is away', async () => {
    await store.close();
    await copier().copy();
    assert.deepEqual(said, ['unavailable']);
    store = await memoryStore();
  });
});
