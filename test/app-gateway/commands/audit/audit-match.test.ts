import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { auditMatch } from '@sallyport/app-gateway/commands/audit/audit-match.ts';
import { dayKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';
import { BodyDesk } from '@sallyport/app-gateway/ledger/bodies/body-desk.ts';
import { DayKeys } from '@sallyport/app-gateway/ledger/bodies/day-keys.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { memoryStore } from '../../ledger/memory-ledger.ts';
import { unwrap } from '../../ports/unwrap.ts';
import { AuditBench } from './audit-bench.ts';

const SALT = randomBytes(32);
const BODY = 'see you at ten';
const REASON = 'complaint of 2026-11-24';
type Answer = Parameters<typeof auditMatch.text>[0];

describe('audit match', { timeout: 60_000 }, () => {
  let audit: AuditBench;
  let store: SqlStateStore;
  let isWritable = true;
  const noted: (readonly [type: string, fields: FieldValues])[] = [];
  const asked = (text: string, given: object = {}) => ({
    record: 0,
    body: { name: 'said.txt', base64: Buffer.from(text).toString('base64') },
    reason: REASON,
    ...given,
  });
  before(async () => {
    audit = await AuditBench.open();
    store = await memoryStore();
    const bodyHash = createHash('sha256').update(SALT).update(BODY).digest();
    const records = [{ partner: 'globex', callId: 'c1', bodyHash }, { partner: 'globex' }].map(
      (fields, seq) => encodeRecord({ type: 'message-admitted', timeMs: 1, seq, fields }),
    );
    const source = { node: 'proxy-1', worker: 0, epoch: 1n };
    unwrap(await store.ledger.append([{ source, records: Buffer.concat(records) }], 1));
    const keys = new DayKeys({
      store: store.bodies,
      seal: dayKeySeal(randomBytes(32)),
      random: randomBytes,
    });
    const bodies = new BodyDesk({
      store: store.bodies,
      keys,
      bodyHashSalt: SALT,
      note: async (type, of) => {
        if (isWritable) noted.push([type, of]);
        return isWritable;
      },
    });
    audit.useLedger({ reader: store.ledger, keys: audit.site.publicKeys, bodies });
    await audit.bench.people('ann', 'bob');
  });
  after(async () => {
    await audit.close();
    await store.close();
  });

  for (const [what, text, isSame, words] of [
    ['the body', BODY, true, /octet by octet/],
    ['the body from a file of lines', `${BODY}\n`, true, /but for the line end/],
    ['another text', 'see you at two', false, /another text/],
  ] as const) {
    it(`${what}: ${isSame ? 'the same' : 'another'}, and it is on record who asked`, async () => {
      const answer = await audit.bench.done<Answer>(['audit', 'match'], asked(text), 'bob');
      assert.equal(answer.isSame, isSame);
      assert.match(auditMatch.text(answer), words);
      assert.equal(auditMatch.isBad?.(answer), !isSame);
      const [type, fields] = noted.at(-1) ?? [];
      assert.equal(type, 'body-compared');
      assert.deepEqual(
        [fields?.author, fields?.note, fields?.recordIndex, fields?.verdict],
        ['bob', REASON, 0n, isSame ? 'same' : 'different'],
      );
      assert.equal(fields?.signedText, undefined, 'what was signed has a hash of the text');
    });
  }

  for (const [what, given, code] of [
    ['without a good reason', { reason: 'because' }, 'match-without-reason'],
    ['of a record without a hash', { record: 1 }, 'match-no-hash'],
    ['of no record', { record: 9 }, 'match-no-hash'],
  ] as const) {
    it(`compares nothing ${what}`, async () => {
      const before = noted.length;
      const refused = await audit.bench.refused(['audit', 'match'], asked(BODY, given), 'bob');
      assert.equal(refused, code);
      assert.equal(noted.length, before);
    });
  }

  it('says nothing that cannot be put on record', async () => {
    isWritable = false;
    const refused = await audit.bench.refused(['audit', 'match'], asked(BODY), 'bob');
    assert.equal(refused, 'not-on-record');
  });
});
