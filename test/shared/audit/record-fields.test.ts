import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AUDIT_FIELDS,
  FIELD,
  type FieldRule,
  fieldById,
} from '@sallyport/shared/audit/record-fields.ts';

const rules: readonly FieldRule[] = AUDIT_FIELDS;

describe('fields of audit records', () => {
  it('have ascending numbers of one byte, and names of their own', () => {
    const ids = rules.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((one, other) => one - other),
    );
    assert.ok(ids.every((id) => id >= 1 && id <= 255));
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
  });

  it('have room for what their kind needs', () => {
    for (const { kind, bytesMax, name } of rules) {
      const fixed = {
        u32: 4,
        u64: 8,
        address: 16,
        text: bytesMax,
        bytes: bytesMax,
        list: bytesMax,
      };
      assert.equal(bytesMax, fixed[kind], name);
      assert.ok(bytesMax >= 4 && bytesMax <= 2048, name);
    }
  });

  it('name what was cut last, when it is known', () => {
    assert.equal(rules.at(-1)?.name, 'cut');
    assert.equal(FIELD.cut, 255);
  });

  it('are found by number and by name', () => {
    for (const rule of rules) assert.equal(fieldById(rule.id), rule);
    assert.equal(fieldById(0), undefined);
    assert.equal(fieldById(254), undefined);
    assert.equal(fieldById(FIELD.callId)?.name, 'callId');
  });
});
