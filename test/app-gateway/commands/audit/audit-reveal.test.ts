import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { auditReveal } from '@sallyport/app-gateway/commands/audit/audit-reveal.ts';
import { dayKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';
import { BodyDesk } from '@sallyport/app-gateway/ledger/bodies/body-desk.ts';
import { bodyRecorded } from '@sallyport/app-gateway/ledger/bodies/body-records.ts';
import { DayKeys } from '@sallyport/app-gateway/ledger/bodies/day-keys.ts';
import { sealBody, sealedBodyHash } from '@sallyport/app-gateway/ledger/bodies/seal-body.ts';
import type { Note } from '@sallyport/app-gateway/ledger/own-stream.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { memoryStore } from '../../ledger/memory-ledger.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { AuditBench } from './audit-bench.ts';

const DAY = '2020-02-29';
const BODY = 'the words\u001b[2J that were said\r\nbadly';
const REASON = 'court order 7/2026';
const ANNA = generateKeyPairSync('x25519').privateKey;
const OTHER = generateKeyPairSync('x25519').privateKey;
type Answer = Parameters<typeof auditReveal.text>[0];

describe('audit reveal and erase-day', { timeout: 60_000 }, () => {
  let audit: AuditBench;
  let store: SqlStateStore;
  let isWritable = true;
  const noted: (readonly [type: string, fields: FieldValues])[] = [];
  const reveal = (given: object = {}) => ({ record: 0, reason: REASON, ...given });
  before(async () => {
    audit = await AuditBench.open();
    store = await memoryStore();
    const seal = dayKeySeal(randomBytes(32));
    const keys = new DayKeys({ store: store.bodies, seal, random: randomBytes });
    const key = unwrap(await keys.take(DAY));
    assert.ok(key);
    const auditors = [{ name: 'anna', publicKey: rawPublicKey(ANNA) }];
    const octets = sealBody(Buffer.from(BODY), auditors, key, randomBytes);
    unwrap(await store.bodies.addBodies([{ hash: sealedBodyHash(octets), day: DAY, octets }]));
    const origin = { partner: 'globex', callId: 'c1', from: 'a', to: 'b' };
    const fields = bodyRecorded(octets, auditors, 'traders', origin);
    const gone = { ...fields, sealedBodyHash: Buffer.alloc(32) };
    const source = { node: 'gateway-1', worker: 0, epoch: 1n };
    const records = [fields, gone].map((of, seq) =>
      encodeRecord({ type: 'body-recorded', timeMs: 1, seq, fields: of }),
    );
    const other = encodeRecord({
      type: 'clock-stepped',
      timeMs: 1,
      seq: 2,
      fields: { expectedMs: 1n },
    });
    const spans = [{ source, records: Buffer.concat([...records, other]) }];
    unwrap(await store.ledger.append(spans, 1));
    const note: Note = async (type, of) => {
      if (isWritable) noted.push([type, of]);
      return isWritable;
    };
    const bodies = new BodyDesk({ store: store.bodies, keys, bodyHashSalt: randomBytes(32), note });
    audit.useLedger({ reader: store.ledger, keys: audit.site.publicKeys, bodies });
    await audit.bench.people('ann', 'bob');
  });
  after(async () => {
    await audit.close();
    await store.close();
  });

  it('gives the body out sealed, after it was put on record who reads it and why', async () => {
    const answer = await audit.bench.done<Answer>(['audit', 'reveal'], reveal(), 'bob');
    const [type, fields] = noted.at(-1) ?? [];
    assert.equal(type, 'body-revealed');
    assert.deepEqual([fields?.author, fields?.note, fields?.recordIndex], ['bob', REASON, 0n]);
    assert.equal(fields?.authorSignature?.length, 64);
    assert.ok(!JSON.stringify(answer).includes(Buffer.from(BODY).toString('base64')));
    const opened = auditReveal.opened?.(answer, ANNA);
    assert.ok(opened?.ok);
    assert.match(
      auditReveal.text(opened.value),
      /the words\\u\{1b\}\[2J that were said\n {2}badly/,
    );
    assert.equal(auditReveal.opened?.(answer, OTHER).ok, false);
  });

  it('writes the octets as they came where a file is wanted', async () => {
    const given = reveal({ out: true });
    const answer = await audit.bench.done<Answer>(['audit', 'reveal'], given, 'bob');
    const opened = auditReveal.opened?.(answer, ANNA);
    assert.ok(opened?.ok);
    assert.deepEqual(auditReveal.files?.(opened.value)[0]?.octets, Buffer.from(BODY));
    assert.doesNotMatch(auditReveal.text(opened.value), /the words/);
  });

  for (const [what, given, code] of [
    ['without a good reason', { reason: 'because' }, 'reveal-without-reason'],
    ['of another record', { record: 2 }, 'reveal-no-body'],
    ['of no record', { record: 9 }, 'reveal-no-body'],
    ['that is not stored', { record: 1 }, 'body-gone'],
  ] as const) {
    it(`gives out no body ${what}`, async () => {
      const before = noted.length;
      assert.equal(await audit.bench.refused(['audit', 'reveal'], reveal(given), 'bob'), code);
      assert.equal(noted.length, before);
    });
  }

  it('gives nothing out, and erases nothing, that cannot be put on record', async () => {
    isWritable = false;
    assert.equal(await audit.bench.refused(['audit', 'reveal'], reveal(), 'bob'), 'not-on-record');
    const given = { day: DAY, reason: REASON };
    assert.equal(await audit.bench.refused(['audit', 'erase-day'], given, 'ann'), 'not-on-record');
    isWritable = true;
    await audit.bench.done(['audit', 'reveal'], reveal(), 'bob');
  });

  it('erases a day once, by an officer, and then nobody reads it', async () => {
    const given = { day: DAY, reason: REASON };
    const erase = (change: object, who: 'ann' | 'bob') =>
      audit.bench.refused(['audit', 'erase-day'], { ...given, ...change }, who);
    assert.equal(await erase({}, 'bob'), 'role-too-low');
    assert.equal(await erase({ day: '2999-01-01' }, 'ann'), 'day-not-over');
    assert.equal(await erase({ day: '2020-02-28' }, 'ann'), 'day-key-none');
    await audit.bench.done(['audit', 'erase-day'], given, 'ann');
    const [type, { signedText, authorSignature, ...fields } = {}] = noted.at(-1) ?? [];
    assert.deepEqual([type, fields], ['day-key-erased', { day: DAY, author: 'ann', note: REASON }]);
    assert.match(signedText ?? '', /erase-day/);
    assert.equal(authorSignature?.length, 64);
    assert.equal(await audit.bench.refused(['audit', 'reveal'], reveal(), 'bob'), 'body-erased');
    assert.equal(await erase({}, 'ann'), 'day-key-none');
    assert.equal(unwrap(await store.ledger.entries(0, 9)).length, 3);
  });

  it('is refused where auditing is off', async () => {
    audit.useLedger({ reader: store.ledger, keys: audit.site.publicKeys });
    assert.equal(await audit.bench.refused(['audit', 'reveal'], reveal(), 'bob'), 'ledger-off');
  });
});
