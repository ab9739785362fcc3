import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AUDIT_SPOOL_HEAD_BYTES,
  type AuditAck,
  decodeAuditAck,
  decodeAuditCosigned,
  decodeAuditRecords,
  decodeAuditSpool,
  decodeAuditSpooled,
  encodeAuditAck,
  encodeAuditCosigned,
  encodeAuditSpooled,
  putAuditSpoolHead,
} from '@sallyport/shared/channel/audit-frames.ts';
import type { Result } from '@sallyport/shared/result.ts';

type Decode = (bytes: Buffer, start: number, end: number) => Result<unknown, string>;

const EPOCH = 0xfedc_ba98_7654_3210n;
/** Any other version than the one there is. */
const NEWER = Buffer.alloc(AUDIT_SPOOL_HEAD_BYTES + 14, 2);

//  what it is                       decoder              payload                      understood
const lengths: readonly (readonly [string, Decode, Buffer, boolean])[] = [
  ['records with the shortest one', decodeAuditRecords, Buffer.alloc(22), true],
  ['records without a whole one', decodeAuditRecords, Buffer.alloc(21), false],
  ['no records', decodeAuditRecords, Buffer.alloc(8), false],
  ['a blob of one byte', decodeAuditSpooled, Buffer.alloc(9), true],
  ['an empty blob', decodeAuditSpooled, Buffer.alloc(8), false],
  ['an acknowledged blob', decodeAuditAck, Buffer.alloc(8), true],
  ['acknowledged records', decodeAuditAck, Buffer.alloc(12), true],
  ['an acknowledgement between both', decodeAuditAck, Buffer.alloc(10), false],
  ['an acknowledgement that is too long', decodeAuditAck, Buffer.alloc(13), false],
  ['an empty acknowledgement', decodeAuditAck, Buffer.alloc(0), false],
  ['a status alone', decodeAuditCosigned, Buffer.from('0199', 'hex'), true],
  ['half a status', decodeAuditCosigned, Buffer.from('01', 'hex'), false],
  ['a status and no UTF-8', decodeAuditCosigned, Buffer.from('00c8ff', 'hex'), false],
];

const acks: readonly AuditAck[] = [
  { of: 'records', epoch: EPOCH, seq: 0 },
  { of: 'records', epoch: 0n, seq: 0xff_ff_ff_ff },
  { of: 'blob', blob: EPOCH },
];

describe('payloads of audit frames', () => {
  for (const [what, decode, payload, isUnderstood] of lengths) {
    it(`${what}: ${isUnderstood ? 'taken' : 'refused'}`, () => {
      const within = Buffer.concat([Buffer.from('ab'), payload, Buffer.from('c')]);
      assert.equal(decode(within, 2, 2 + payload.length).ok, isUnderstood);
    });
  }

  for (const ack of acks) {
    it(`acknowledges ${ack.of} and is read again`, () => {
      const payload = encodeAuditAck(ack);
      assert.deepEqual(decodeAuditAck(payload, 0, payload.length), { ok: true, value: ack });
    });
  }

  it('tells the run and where its records start', () => {
    const payload = Buffer.alloc(30);
    payload.writeBigUInt64BE(EPOCH, 5);
    assert.deepEqual(decodeAuditRecords(payload, 5, 30), {
      ok: true,
      value: { epoch: EPOCH, recordsStart: 13 },
    });
  });

  it('carries a blob under its number', () => {
    const payload = encodeAuditSpooled(7n, Buffer.from('sealed'));
    assert.equal(
      payload.toString('hex'),
      `0000000000000007${Buffer.from('sealed').toString('hex')}`,
    );
    assert.deepEqual(decodeAuditSpooled(payload, 0, payload.length), {
      ok: true,
      value: { blob: 7n, boxStart: 8 },
    });
  });

  it('says in a blob whose run it is', () => {
    const plain = Buffer.alloc(AUDIT_SPOOL_HEAD_BYTES + 14);
    putAuditSpoolHead(plain, 3, EPOCH);
    assert.equal(plain.toString('hex', 0, 10), '0103fedcba9876543210');
    assert.deepEqual(decodeAuditSpool(plain), {
      ok: true,
      value: { worker: 3, epoch: EPOCH, recordsStart: 10 },
    });
    assert.equal(decodeAuditSpool(plain.subarray(0, plain.length - 1)).ok, false);
    assert.equal(decodeAuditSpool(NEWER).ok, false);
  });

  it('answers a checkpoint with a status and a text', () => {
    const answer = { status: 409, text: '4711\n' };
    const payload = encodeAuditCosigned(answer);
    assert.equal(payload.toString('latin1'), '\x01\x994711\n');
    assert.deepEqual(decodeAuditCosigned(payload, 0, payload.length), { ok: true, value: answer });
  });
});
