import { isDeepStrictEqual } from 'node:util';
import type { Author } from '../../domain/exchange/change-event.ts';

/** What an import needs beside the files. */
export interface ImportTools {
  readonly author: Author;
  readonly nowMs: number;
  /** Seals a private key under `<identity>/<key id>`. */
  readonly seal: (privateKeyPem: string, label: string) => string;
}

/** A setting before and after; what is absent is null. */
export interface FieldDifference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What an import does to one record. */
export interface RecordDifference {
  /** `partner/acme` or `identity/main`. */
  readonly subject: string;
  readonly kind: 'added' | 'changed' | 'removed';
  readonly fields: readonly FieldDifference[];
}

/** The fields in which two values of plain JSON differ, by name. */
export function fieldDifferences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly FieldDifference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
    .filter((one) => !isDeepStrictEqual(one.before, one.after));
}
