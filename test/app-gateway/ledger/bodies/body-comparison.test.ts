import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  type Compared,
  compareBody,
} from '@sallyport/app-gateway/ledger/bodies/body-comparison.ts';
import { type AuditRecord, decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';

const SALT = Buffer.from('a salt of thirty-two octets, just');
const WISH = { author: 'bob', reason: 'complaint of 2026-11-24', recordIndex: 7 };

function recorded(body: string, fields: object = {}): AuditRecord {
  const bodyHash = createHash('sha256').update(SALT).update(body, 'latin1').digest();
  return {
    type: 'message-admitted',
    timeMs: 1,
    seq: 3,
    fields: { partner: 'globex', callId: 'c1', bodyHash, ...fields },
  };
}

function compared(text: string, body: string): Compared {
  const result = compareBody({ ...WISH, body: Buffer.from(text, 'latin1') }, recorded(body), SALT);
  assert.ok(result.ok);
  return result.value;
}

describe('a text beside what is on record of a body', () => {
  for (const [text, body, reading] of [
    ['see you at ten', 'see you at ten', 'as-it-is'],
    ['see you at ten\n', 'see you at ten\n', 'as-it-is'],
    ['see you at ten\n', 'see you at ten', 'without-last-line-end'],
    ['see you at ten\r\n', 'see you at ten', 'without-last-line-end'],
    ['one\ntwo', 'one\r\ntwo', 'crlf'],
    ['one\ntwo\n', 'one\r\ntwo\r\n', 'crlf'],
    ['one\ntwo\n', 'one\r\ntwo', 'crlf-without-last-line-end'],
    ['octets \xff\xfe\n', 'octets \xff\xfe', 'without-last-line-end'],
    ['see you at ten', 'see you at two', undefined],
    ['see you at ten', 'see you at ten.', undefined],
    ['see you at ten\n\n', 'see you at ten', undefined],
    ['', 'see you at ten', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} beside ${JSON.stringify(body)}: ${reading ?? 'another'}`, () => {
      const { reading: seen, fields } = compared(text, body);
      assert.equal(seen, reading);
      assert.equal(fields.verdict, reading === undefined ? 'different' : 'same');
    });
  }

  it('is another where a proxy wrote a hash of another length', () => {
    const odd = recorded('words', { bodyHash: Buffer.alloc(5) });
    const result = compareBody({ ...WISH, body: Buffer.from('words') }, odd, SALT);
    assert.ok(result.ok);
    assert.deepEqual([result.value.reading, result.value.fields.verdict], [undefined, 'different']);
  });

  it('leaves a record of who asked what and why, and nothing of the text', () => {
    const { fields } = compared('words\n', 'words');
    const bytes = encodeRecord({ type: 'body-compared', timeMs: 2, seq: 4, fields });
    assert.ok(!bytes.includes('words'));
    const record = decodeRecord(bytes, 0, bytes.length);
    assert.ok(record.ok);
    assert.deepEqual(record.value.fields, {
      author: 'bob',
      note: WISH.reason,
      recordIndex: 7n,
      verdict: 'same',
      partner: 'globex',
      callId: 'c1',
    });
  });

  it('needs a reason, and a record with a hash', () => {
    const body = Buffer.from('words');
    const brief = compareBody({ ...WISH, reason: '   because', body }, recorded('words'), SALT);
    assert.deepEqual(brief, { ok: false, error: 'match-without-reason' });
    const none = { ...recorded('words'), fields: { partner: 'globex' } };
    const without = compareBody({ ...WISH, body }, none, SALT);
    assert.deepEqual(without, { ok: false, error: 'match-no-hash' });
  });
});
