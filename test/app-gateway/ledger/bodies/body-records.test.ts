import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  bodyRecorded,
  bodyRevealed,
  type Reveal,
} from '@sallyport/app-gateway/ledger/bodies/body-records.ts';
import { bodyKeyOf, openBody, sealBody } from '@sallyport/app-gateway/ledger/bodies/seal-body.ts';
import {
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  verifyInclusion,
} from '@sallyport/shared/audit/merkle.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { type AuditRecord, decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';

const { privateKey } = generateKeyPairSync('x25519');
const AUDITORS = [{ name: 'anna', publicKey: rawPublicKey(privateKey) }];
const DAY = { day: '2026-11-21', key: randomBytes(32) };
const BODY = Buffer.from('the words that were said');
const SEALED = sealBody(BODY, AUDITORS, DAY, randomBytes);
const ORIGIN = {
  partner: 'globex',
  callId: 'c1@globex.example',
  from: 'bob@globex.example',
  to: 'alice@acme.example',
  contentType: 'text/plain',
};
const RECORDED = decoded(
  encodeRecord({
    type: 'body-recorded',
    timeMs: 1,
    seq: 5,
    fields: bodyRecorded(SEALED, AUDITORS, 'traders', ORIGIN),
  }),
);
const WISH: Reveal = { author: 'otto', reason: 'court order 7/2026', recordIndex: 5 };

function decoded(bytes: Buffer): AuditRecord {
  const record = decodeRecord(bytes, 0, bytes.length);
  assert.ok(record.ok);
  return record.value;
}

describe('records of bodies', () => {
  it('say which body of which message, who can read it and by which rule, and nothing of the body', () => {
    const { fields } = RECORDED;
    assert.equal(fields.rule, 'traders');
    assert.equal(fields.day, '2026-11-21');
    assert.equal(fields.sealedBodySize, SEALED.length);
    assert.deepEqual(fields.recipients, ['anna']);
    assert.ok(!encodeRecord(RECORDED).includes('words'));
  });

  it('of a reading say who, why and which', () => {
    const revealed = bodyRevealed(WISH, RECORDED, SEALED);
    assert.ok(revealed.ok);
    const { fields } = decoded(
      encodeRecord({ type: 'body-revealed', timeMs: 2, seq: 6, fields: revealed.value }),
    );
    assert.equal(fields.author, 'otto');
    assert.equal(fields.note, 'court order 7/2026');
    assert.equal(fields.recordIndex, 5n);
    assert.equal(fields.callId, ORIGIN.callId);
  });

  const other: AuditRecord = { type: 'gap', timeMs: 1, seq: 1, fields: {} };
  const otherBody = sealBody(BODY, AUDITORS, DAY, randomBytes);
  for (const [what, wish, record, sealed, fault] of [
    ['without a reason', { ...WISH, reason: '' }, RECORDED, SEALED, 'reveal-without-reason'],
    [
      'with blanks for a reason',
      { ...WISH, reason: '         ' },
      RECORDED,
      SEALED,
      'reveal-without-reason',
    ],
    [
      'with too short a reason',
      { ...WISH, reason: 'because' },
      RECORDED,
      SEALED,
      'reveal-without-reason',
    ],
    ['of a record without body', WISH, other, SEALED, 'reveal-no-body'],
    ['of a body that is not the recorded one', WISH, RECORDED, otherBody, 'reveal-other-body'],
  ] as const) {
    it(`are not made for a reading ${what}`, () => {
      const revealed = bodyRevealed(wish, record, sealed);
      assert.equal(!revealed.ok && revealed.error, fault);
    });
  }

  it('and every proof stay as they are when the day’s key is erased, and the body is gone for everybody', () => {
    const leaves = [encodeRecord(RECORDED), Buffer.from('another'), Buffer.from('third')].map(
      leafHash,
    );
    const hashAt = (level: number, index: number): Uint8Array =>
      level === 0
        ? (leaves[index] as Buffer)
        : nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1));
    const root = rootAt(3, hashAt);
    const proof = inclusionProof(0, 3, hashAt);
    DAY.key.fill(0);
    assert.equal(openBody(SEALED, privateKey, bodyKeyOf(SEALED, DAY) ?? DAY.key).ok, false);
    assert.equal(verifyInclusion(0, 3, leafHash(encodeRecord(RECORDED)), proof, root), true);
    assert.equal(bodyRevealed(WISH, RECORDED, SEALED).ok, true);
  });
});
