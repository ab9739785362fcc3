import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordFault } from '@sallyport/shared/audit/record-check.ts';
import {
  readSeal,
  type SealContent,
  sealHash,
  sealRecord,
  verifySeal,
} from '@sallyport/shared/audit/seal.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const content: SealContent = {
  timeMs: 1_795_248_000_000,
  seq: 7,
  firstSeq: 3,
  lastSeq: 6,
  recordsHash: createHash('sha256').update('records').digest(),
  previousSeal: createHash('sha256').update('seal').digest(),
};

describe('seal', () => {
  for (const previousSeal of [content.previousSeal, undefined]) {
    it(`says what was put in, ${previousSeal ? 'behind another' : 'as the first'}`, () => {
      const seal = sealRecord({ ...content, previousSeal }, privateKey);
      assert.equal(recordFault(seal, 0, seal.length), undefined);
      assert.deepEqual(readSeal(seal, 0, seal.length), { ...content, previousSeal });
      assert.equal(verifySeal(publicKey, seal, 0, seal.length), true);
    });
  }

  it('covers every byte of itself', () => {
    const seal = sealRecord(content, privateKey);
    for (let at = 0; at < seal.length; at++) {
      const changed = Buffer.from(seal);
      changed[at] = (changed[at] as number) ^ 1;
      const isGood =
        recordFault(changed, 0, changed.length) === undefined &&
        verifySeal(publicKey, changed, 0, changed.length);
      assert.equal(isGood, false, `byte ${at}`);
    }
  });

  it('is found in the middle of other bytes', () => {
    const seal = sealRecord(content, privateKey);
    const around = Buffer.concat([Buffer.alloc(5), seal, Buffer.alloc(5)]);
    assert.equal(verifySeal(publicKey, around, 5, 5 + seal.length), true);
    assert.deepEqual(readSeal(around, 5, 5 + seal.length), content);
  });

  it('is of one node only', () => {
    const other = generateKeyPairSync('ed25519').publicKey;
    const seal = sealRecord(content, privateKey);
    assert.equal(verifySeal(other, seal, 0, seal.length), false);
  });

  it('is no other record, and no bytes', () => {
    const record = encodeRecord({ type: 'message-admitted', timeMs: 1, seq: 1, fields: {} });
    assert.equal(readSeal(record, 0, record.length), undefined);
    assert.equal(verifySeal(publicKey, record, 0, record.length), false);
    assert.equal(readSeal(Buffer.alloc(0), 0, 0), undefined);
    assert.equal(verifySeal(publicKey, Buffer.alloc(0), 0, 0), false);
  });

  it('has a hash, by which the next one names it', () => {
    const seal = sealRecord(content, privateKey);
    assert.deepEqual(sealHash(seal), createHash('sha256').update(seal).digest());
  });
});
