import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { publicKeyOfRaw } from '@sallyport/shared/audit/raw-key.ts';
import { type AuditRecord, decodeRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import {
  AUDIT_FIELDS,
  type FieldRule,
  type FieldValues,
} from '@sallyport/shared/audit/record-fields.ts';
import { readSeal, verifySeal } from '@sallyport/shared/audit/seal.ts';

interface Vector extends Pick<AuditRecord, 'type' | 'timeMs' | 'seq'> {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | number | readonly string[]>>;
  readonly hex: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/audit/records.json', import.meta.url), 'utf8'),
) as Vector[];
const kinds = new Map((AUDIT_FIELDS as readonly FieldRule[]).map(({ name, kind }) => [name, kind]));

function fieldsOf({ fields }: Vector): FieldValues {
  const entries = Object.entries(fields).map(([name, value]) => {
    const kind = kinds.get(name);
    if (kind === 'u64') return [name, BigInt(value as string)];
    if (kind === 'bytes') return [name, new Uint8Array(Buffer.from(value as string, 'hex'))];
    return [name, value];
  });
  return Object.fromEntries(entries) as FieldValues;
}

describe('records of the ledger, made once', () => {
  for (const vector of vectors) {
    it(vector.name, () => {
      const { type, timeMs, seq, hex } = vector;
      const record: AuditRecord = { type, timeMs, seq, fields: fieldsOf(vector) };
      const bytes = Buffer.from(hex, 'hex');
      assert.deepEqual(decodeRecord(bytes, 0, bytes.length), { ok: true, value: record });
      assert.equal(encodeRecord(record).toString('hex'), hex);
    });
  }

  it('the seal seals the first record, by the key of RFC 8032 §7.1 test 1', () => {
    const first = Buffer.from(vectors[0]?.hex ?? '', 'hex');
    const seal = Buffer.from(vectors.at(-1)?.hex ?? '', 'hex');
    const raw = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    const key = publicKeyOfRaw('Ed25519', Buffer.from(raw, 'hex'));
    assert.equal(verifySeal(key, seal, 0, seal.length), true);
    assert.deepEqual(
      readSeal(seal, 0, seal.length)?.recordsHash,
      createHash('sha256').update(first).digest(),
    );
  });
});
