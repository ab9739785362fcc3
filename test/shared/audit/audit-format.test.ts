import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { AUDIT_FIELDS, type FieldRule } from '@sallyport/shared/audit/record-fields.ts';
import { AUDIT_TYPES, fieldsOf, type TypeRule } from '@sallyport/shared/audit/record-types.ts';

const rows = readFileSync(new URL('../../../docs/audit-format.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line));

describe('docs/audit-format.md', () => {
  it('has every type with its fields, and every field, as they are', () => {
    const types = (AUDIT_TYPES as readonly (TypeRule & (typeof AUDIT_TYPES)[number])[]).map(
      ({ id, name, required }) => {
        const must = new Set<string>(required);
        const fields = fieldsOf(name)
          .filter((field) => field !== 'cut')
          .map((field) => (must.has(field) ? `**${field}**` : field));
        return `| ${id} | \`${name}\` | ${fields.join(', ')} |`;
      },
    );
    const fields = (AUDIT_FIELDS as readonly FieldRule[]).map(
      ({ id, name, kind, bytesMax }) => `| ${id} | ${name} | ${kind} | ${bytesMax} |`,
    );
    assert.deepEqual(rows, [...types, ...fields]);
  });
});
