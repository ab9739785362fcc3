import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRecord, decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordFault } from '@sallyport/shared/audit/record-check.ts';
import {
  AUDIT_FIELDS,
  FIELD,
  type FieldName,
  type FieldRule,
  type FieldValues,
} from '@sallyport/shared/audit/record-fields.ts';
import {
  RECORD_BYTES_MAX,
  recordLengthAt,
  recordSeqAt,
  recordTimeAt,
  recordTypeAt,
} from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE, AUDIT_TYPES, fieldsOf } from '@sallyport/shared/audit/record-types.ts';
import fc from 'fast-check';

const TIME_MS_MAX = 2 ** 48 - 1;

/** Values within their limits; texts from the wire too, in which bytes are escaped. */
const wireText = (bytesMax: number) =>
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 8 }),
        fc.constantFrom('\udc80', '\r\n', '\0', '\u202e', '\udcff"|'),
      ),
    )
    .map((parts) => parts.join(' '))
    .filter((text) => Buffer.byteLength(text) <= bytesMax);

function anyValue(
  rule: FieldRule,
): fc.Arbitrary<string | number | bigint | Uint8Array | readonly string[]> {
  switch (rule.kind) {
    case 'text':
      return wireText(rule.bytesMax);
    case 'address':
      return fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::7', '2001:db8:1:2:3:4:5:6'));
    case 'u32':
      return fc.nat(0xff_ff_ff_ff);
    case 'u64':
      return fc.bigInt(0n, 2n ** 64n - 1n);
    case 'bytes':
      return fc.uint8Array({ minLength: rule.bytesMax, maxLength: rule.bytesMax });
    case 'list':
      return fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 4 });
  }
}

const rules: readonly (FieldRule & { readonly name: FieldName })[] = AUDIT_FIELDS;
const anyRecord: fc.Arbitrary<AuditRecord> = fc
  .constantFrom(...AUDIT_TYPES)
  .chain(({ name, required }) => {
    const fields = rules.filter(
      (rule) => rule.name !== 'cut' && fieldsOf(name).includes(rule.name),
    );
    return fc.record(
      {
        type: fc.constant(name),
        timeMs: fc.nat(TIME_MS_MAX),
        seq: fc.nat(0xff_ff_ff_ff),
        fields: fc.record(Object.fromEntries(fields.map((rule) => [rule.name, anyValue(rule)])), {
          requiredKeys: [...required],
          noNullPrototype: true,
        }) as fc.Arbitrary<FieldValues>,
      },
      { noNullPrototype: true },
    );
  });

function decoded(bytes: Buffer): AuditRecord {
  const result = decodeRecord(bytes, 0, bytes.length);
  if (!result.ok) assert.fail(result.error);
  return result.value;
}

describe('audit record', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const bytes = encodeRecord(record);
        assert.deepEqual(decoded(bytes), record);
        assert.deepEqual(encodeRecord(decoded(bytes)), bytes);
        assert.equal(recordLengthAt(bytes, 0), bytes.length);
        assert.equal(recordTypeAt(bytes, 0), AUDIT_TYPE[record.type]);
        assert.equal(recordTimeAt(bytes, 0), record.timeMs);
        assert.equal(recordSeqAt(bytes, 0), record.seq);
      }),
    );
  });

  it('has one spelling: a flipped byte is a fault, or another record that is written just so', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, place, flip) => {
        const bytes = encodeRecord(record);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] as number) ^ flip;
        const result = decodeRecord(bytes, 0, bytes.length);
        if (!result.ok) return;
        assert.notDeepEqual(result.value, record);
        assert.deepEqual(encodeRecord(result.value), bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('never grows over its limit, whatever is put in', () => {
    for (const { name } of AUDIT_TYPES) {
      const fields = Object.fromEntries(
        rules
          .filter((rule) => rule.name !== 'cut' && fieldsOf(name).includes(rule.name))
          .map((rule) => [rule.name, overlong(rule)]),
      ) as FieldValues;
      const bytes = encodeRecord({ type: name, timeMs: TIME_MS_MAX, seq: 0xff_ff_ff_ff, fields });
      assert.ok(bytes.length <= RECORD_BYTES_MAX, `${name}: ${bytes.length}`);
      assert.equal(recordFault(bytes, 0, bytes.length), undefined, name);
    }
  });
});

function cutIn({ fields }: AuditRecord): readonly number[] {
  return [...(fields.cut ?? [])];
}

function overlong(rule: FieldRule): string | number | bigint | Uint8Array | readonly string[] {
  switch (rule.kind) {
    case 'text':
      return 'x'.repeat(rule.bytesMax + 1);
    case 'address':
      return '2001:db8:1111:2222:3333:4444:5555:6666';
    case 'u32':
      return 0xff_ff_ff_ff;
    case 'u64':
      return 2n ** 64n - 1n;
    case 'bytes':
      return new Uint8Array(rule.bytesMax + 1);
    case 'list':
      return new Array<string>(rule.bytesMax).fill('x');
  }
}

//  what           value            kept                 cut
const cuts: readonly (readonly [string, string, string, boolean])[] = [
  ['at the limit', 'x'.repeat(16), 'x'.repeat(16), false],
  ['one more', 'x'.repeat(17), 'x'.repeat(16), true],
  ['two bytes over the edge', `${'x'.repeat(15)}é`, 'x'.repeat(15), true],
  ['two bytes at the edge', `${'x'.repeat(14)}é`, `${'x'.repeat(14)}é`, false],
  ['four bytes, three of them over', `${'x'.repeat(15)}😀`, 'x'.repeat(15), true],
  ['four bytes, one of them over', `${'x'.repeat(13)}😀`, 'x'.repeat(13), true],
  ['no UTF-8 at all', '\udc80'.repeat(17), '\udc80'.repeat(16), true],
];

describe('a value over its limit', () => {
  for (const [what, value, kept, isCut] of cuts) {
    it(what, () => {
      const fields: FieldValues = { direction: value };
      const bytes = encodeRecord({ type: 'message-admitted', timeMs: 0, seq: 0, fields });
      const record = decoded(bytes);
      assert.equal(record.fields.direction, kept);
      assert.deepEqual(cutIn(record), isCut ? [FIELD.direction] : []);
      assert.deepEqual(encodeRecord(record), bytes);
    });
  }

  it('a list keeps whole texts', () => {
    const names = new Array<string>(3).fill('x'.repeat(800));
    const record = decoded(
      encodeRecord({
        type: 'connection-opened',
        timeMs: 0,
        seq: 0,
        fields: { connection: 1, names },
      }),
    );
    assert.equal(record.fields.names?.length, 2);
    assert.deepEqual(cutIn(record), [FIELD.names]);
  });

  it('keeps what is said to be cut together with what is cut now', () => {
    const callId = 'c'.repeat(256);
    const record = decoded(
      encodeRecord({
        type: 'message-admitted',
        timeMs: 0,
        seq: 0,
        fields: { callId, method: 'M'.repeat(33), cut: Uint8Array.of(FIELD.callId) },
      }),
    );
    assert.deepEqual(cutIn(record), [FIELD.method, FIELD.callId]);
  });
});
