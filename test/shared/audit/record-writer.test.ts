import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordFault } from '@sallyport/shared/audit/record-check.ts';
import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { RecordWriter, writtenFields } from '@sallyport/shared/audit/record-writer.ts';

const ADMITTED = AUDIT_TYPE['message-admitted'];

function filled(): Buffer {
  return Buffer.alloc(2 * RECORD_BYTES_MAX, 0xee);
}

describe('record writer', () => {
  it('writes byte for byte what the format says', () => {
    const into = filled();
    const writer = new RecordWriter(into, 5);
    writer.begin(AUDIT_TYPE['message-answered'], 0x01_02_03_04_05_06, 0xff_fe_fd_fc);
    writer.u32(FIELD.requestSeq, 0x80_00_00_01);
    writer.u32(FIELD.status, 200);
    writer.string(FIELD.answeredBy, 'edge');
    const end = writer.end();
    assert.equal(
      into.toString('hex', 5, end),
      '001d 02 15 010203040506 fffefdfc 33 04 80000001 36 01 c8 41 04 65646765'.replaceAll(' ', ''),
    );
    assert.equal(into[end], 0xee);
    assert.equal(into[4], 0xee);
  });

  it('writes all of an answer in one go as it does field by field', () => {
    const wire = Buffer.from('t'.repeat(200), 'latin1');
    const edges = [0, 1, 0xff, 0x1_00, 0xff_ff, 0x1_00_00, 0xff_ff_ff, 0x1_00_00_00, 0xff_ff_ff_ff];
    const rows = [
      ...edges.flatMap((number) => [
        { field: FIELD.requestSeq, number, tag: 6, size: number },
        { field: FIELD.connection, number, tag: 0, size: 1 },
      ]),
      // Around the length from which bytes are copied by a call, and the longest that is kept whole.
      ...[1, 47, 48, 49, 127, 128, 129].map((tag) => ({
        field: FIELD.requestSeq,
        number: 5,
        tag,
        size: 300,
      })),
    ] as const;
    for (const { field, number, tag, size } of rows) {
      const [one, other] = [filled(), filled()];
      const inOneGo = new RecordWriter(one, 3);
      inOneGo.begin(AUDIT_TYPE['message-answered'], 1_800_000_000_000, 9);
      inOneGo.answer(field, number, 603, wire, 20, 20 + tag, size);
      const singly = new RecordWriter(other, 3);
      singly.begin(AUDIT_TYPE['message-answered'], 1_800_000_000_000, 9);
      singly.u32(field, number);
      singly.u32(FIELD.status, 603);
      if (tag > 0) singly.text(FIELD.toTag, wire, 20, 20 + tag);
      singly.u32(FIELD.size, size);
      assert.equal(inOneGo.end(), singly.end());
      assert.deepEqual(one, other, JSON.stringify({ field, number, tag, size }));
      const record = decodeRecord(one, 3, inOneGo.at);
      assert.equal(record.ok && record.value.fields.status, 603);
      assert.equal(record.ok && record.value.fields.size, size);
    }
  });

  it('writes an answer into no other record, and behind no other field', () => {
    const writer = new RecordWriter(filled());
    const answer = () => writer.answer(FIELD.requestSeq, 1, 200, filled(), 0, 0, 1);
    writer.begin(ADMITTED, 1, 1);
    assert.throws(answer, RangeError);
    writer.begin(AUDIT_TYPE['message-answered'], 1, 1);
    writer.u32(FIELD.connection, 1);
    assert.throws(answer, RangeError);
  });

  for (const timeMs of [
    0,
    1,
    0x7f_ff_ff_ff,
    0x80_00_00_00,
    0xff_ff_ff_ff,
    1_800_000_000_000,
    2 ** 48 - 1,
  ]) {
    it(`writes the time ${timeMs}, whole or in halves`, () => {
      const writer = new RecordWriter(filled());
      const [one, other] = [filled(), filled()];
      writer.target(one, 0);
      writer.begin(ADMITTED, timeMs, 0xff_ff_ff_ff);
      const end = writer.end();
      writer.target(other, 0);
      writer.beginAt(ADMITTED, Math.floor(timeMs / 2 ** 32), timeMs | 0, 0xff_ff_ff_ff);
      assert.equal(writer.end(), end);
      assert.deepEqual(one, other);
      const record = decodeRecord(one, 0, end);
      assert.deepEqual(record.ok && [record.value.timeMs, record.value.seq], [timeMs, 2 ** 32 - 1]);
    });
  }

  it('writes record after record, and elsewhere when told', () => {
    const into = filled();
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    const first = writer.end();
    writer.begin(ADMITTED, 1, 2);
    assert.equal(writer.end(), 2 * first);
    writer.target(into, 100);
    writer.begin(ADMITTED, 1, 3);
    assert.equal(writer.end(), 100 + first);
    assert.equal(writer.at, 100 + first);
  });

  it('takes fields that were written before, and no field of theirs or before them again', () => {
    const scratch = filled();
    const common = new RecordWriter(scratch);
    common.begin(ADMITTED, 1, 1);
    common.u32(FIELD.connection, 7);
    common.string(FIELD.partner, 'globex');
    const bytes = scratch.subarray(RECORD_HEADER_BYTES, common.at);
    const prefix = writtenFields(bytes, FIELD.partner);
    const into = filled();
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    writer.fields(prefix);
    assert.throws(() => writer.fields(prefix), RangeError);
    assert.throws(() => writer.u32(FIELD.sourcePort, 1), RangeError);
    writer.u32(FIELD.size, 1);
    const record = decodeRecord(into, 0, writer.end());
    assert.deepEqual(record.ok && record.value.fields, {
      connection: 7,
      partner: 'globex',
      size: 1,
    });
  });

  it('leaves alone what stands behind the buffers it reads and writes', () => {
    const whole = Buffer.alloc(64, 0x61);
    const wire = whole.subarray(10, 40);
    const into = Buffer.alloc(14 + 2 + 30);
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    writer.text(FIELD.callId, wire, 0, wire.length);
    assert.equal(writer.end(), into.length);
    assert.equal(into.toString('latin1', 16), 'a'.repeat(30));
    into.fill(0);
    writer.target(into, 0);
    writer.begin(ADMITTED, 1, 1);
    writer.texts(wire, Int32Array.of(FIELD.callId, 0, 30), 3);
    assert.equal(writer.end(), into.length);
    assert.equal(into.toString('latin1', 16), 'a'.repeat(30));
  });

  it('takes as many texts at once as it is told, each cut at its own limit', () => {
    const wire = Buffer.from('M'.repeat(300));
    const into = filled();
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    writer.texts(wire, Int32Array.of(FIELD.method, 0, 33, FIELD.callId, 1, 2, FIELD.to, 0, 9), 6);
    const record = decodeRecord(into, 0, writer.end());
    assert.deepEqual(record.ok && record.value.fields, {
      method: 'M'.repeat(32),
      callId: 'M',
      cut: Uint8Array.of(FIELD.method),
    });
  });

  /** Around the lengths from which bytes are copied by a call, and from which the length takes two bytes. */
  for (const length of [0, 1, 8, 9, 16, 17, 47, 48, 49, 127, 128, 256]) {
    it(`takes ${length} bytes of the wire from the middle of a buffer`, () => {
      const wire = Buffer.from(Array.from({ length: 400 }, (_, at) => 0x21 + (at % 90)));
      const into = filled();
      const writer = new RecordWriter(into);
      writer.begin(ADMITTED, 1, 1);
      writer.text(FIELD.callId, wire, 7, 7 + length);
      writer.u32(FIELD.size, 1);
      const end = writer.end();
      const record = decodeRecord(into, 0, end);
      const callId = wire.toString('latin1', 7, 7 + length);
      assert.deepEqual(record.ok && record.value.fields, { callId, size: 1 });
      writer.begin(ADMITTED, 1, 1);
      writer.texts(wire, Int32Array.of(FIELD.callId, 7, 7 + length, FIELD.toTag, 7, 7), 6);
      writer.u32(FIELD.size, 1);
      const both = decodeRecord(into, end, writer.end());
      assert.deepEqual(both.ok && both.value.fields, { callId, toTag: '', size: 1 });
    });
  }

  it('writes strings that are not ASCII in UTF-8', () => {
    const into = filled();
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    writer.string(FIELD.callId, 'a-münchen-😀-\udcff');
    const end = writer.end();
    assert.equal(recordFault(into, 0, end), undefined);
    assert.equal(into.toString('hex', end - 1, end), 'ff');
    const record = decodeRecord(into, 0, end);
    assert.equal(record.ok && record.value.fields.callId, 'a-münchen-😀-\udcff');
  });

  for (const value of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    it(`writes ${value} alike as number and as bigint`, () => {
      const one = filled();
      const other = filled();
      for (const [into, number] of [
        [one, value],
        [other, BigInt(value)],
      ] as const) {
        const writer = new RecordWriter(into);
        writer.begin(AUDIT_TYPE['clock-stepped'], 1, 1);
        writer.u64(FIELD.expectedMs, number);
        writer.end();
      }
      assert.deepEqual(one, other);
      const record = decodeRecord(one, 0, one.readUInt16BE());
      assert.equal(record.ok && record.value.fields.expectedMs, BigInt(value));
    });
  }

  const numbers = [0, 1, 0xff, 0x1_00, 0xff_ff, 0x1_00_00, 0xff_ff_ff, 0x1_00_00_00, 0xff_ff_ff_ff];
  for (const value of numbers) {
    it(`writes ${value} in as few bytes as it needs`, () => {
      const into = filled();
      const writer = new RecordWriter(into);
      writer.begin(ADMITTED, 1, 1);
      writer.u32(FIELD.size, value);
      const end = writer.end();
      const digits = value === 0 ? '' : value.toString(16);
      const bytes = Math.ceil(digits.length / 2);
      const expected = digits.padStart(2 * bytes, '0');
      assert.equal(into.toString('hex', RECORD_HEADER_BYTES, end), `3f0${bytes}${expected}`);
      const record = decodeRecord(into, 0, end);
      assert.equal(record.ok && record.value.fields.size, value);
    });
  }

  it('writes addresses in 4 or 16 bytes, and nothing that is none', () => {
    const into = filled();
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    writer.address(FIELD.source, '::ffff:192.0.2.1');
    writer.address(FIELD.destination, '2001:DB8::1');
    assert.throws(() => writer.address(FIELD.balancer, 'localhost'), RangeError);
    assert.equal(
      into.toString('hex', RECORD_HEADER_BYTES, writer.end()),
      '1504c00002011710'.concat('20010db8', '00'.repeat(11), '01'),
    );
  });

  it('throws for a field out of order, twice, or not of the type', () => {
    const writer = new RecordWriter(filled());
    writer.begin(ADMITTED, 1, 1);
    writer.string(FIELD.callId, 'x');
    assert.throws(() => writer.string(FIELD.callId, 'x'), RangeError);
    assert.throws(() => writer.string(FIELD.method, 'x'), RangeError);
    assert.throws(() => writer.string(FIELD.rule, 'x'), RangeError);
    assert.throws(() => writer.u32(0, 1), RangeError);
    const wire = Buffer.from('x');
    for (const field of [FIELD.callId, FIELD.method, FIELD.rule]) {
      assert.throws(() => writer.texts(wire, Int32Array.of(field, 0, 1), 3), RangeError);
    }
    assert.throws(() => writer.keepCut(new Uint8Array(65).map((_, at) => at)), RangeError);
  });

  it('forgets what was cut with the next record', () => {
    const into = filled();
    const writer = new RecordWriter(into);
    writer.begin(ADMITTED, 1, 1);
    writer.string(FIELD.method, 'M'.repeat(33));
    const first = writer.end();
    writer.begin(ADMITTED, 1, 2);
    writer.string(FIELD.method, 'M');
    const plain = encodeRecord({
      type: 'message-admitted',
      timeMs: 1,
      seq: 2,
      fields: { method: 'M' },
    });
    assert.deepEqual(into.subarray(first, writer.end()), plain);
  });
});
