import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PASSPHRASE_CHARS_MIN } from '@sallyport/certs/operator-key.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import { jsonText } from '../files/planned-file.ts';
import { writeNewFile } from '../files/whole-file.ts';
import { causeOf, remedyOf } from '../outcome.ts';

/** A kind of file that holds a sealed key: how one is told from another, and what is said of one that is of no use. */
export interface KeyFileKind<Field extends string> {
  /** What its first line says that it is. */
  readonly format: string;
  /** The rest of it, texts all. */
  readonly fields: readonly Field[];
  readonly refusalCode: string;
  /** `is no operator’s key file` */
  readonly isNone: string;
  readonly next: string;
}

const FILE_BYTES_MAX = 16_384;
const OTHERS_MAY = 0o077;

/** What a refusal says of a passphrase that nobody may choose. */
export const PASSPHRASE_TOO_SHORT: CommandRefusal = {
  code: 'passphrase-too-short',
  message: `a passphrase has at least ${PASSPHRASE_CHARS_MIN} characters`,
  next: 'choose a longer one: four or five words',
};

/** Reads a key file; one that others may read is not used. */
export function readKeyFile<Field extends string>(
  path: string,
  kind: KeyFileKind<Field>,
): Result<Readonly<Record<Field, string>>, CommandRefusal> {
  try {
    const { size, mode } = statSync(path);
    if ((mode & OTHERS_MAY) !== 0) {
      return err(unusable(kind, path, 'can be read by others', `chmod 600 ${path}`));
    }
    const value: unknown = size > FILE_BYTES_MAX ? null : JSON.parse(readFileSync(path, 'utf8'));
    return isOfKind(value, kind) ? ok(value) : err(unusable(kind, path, kind.isNone));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? kind.isNone : causeOf(cause);
    return err(unusable(kind, path, why));
  }
}

/** Writes a key file, never over another; only its owner may read it. */
export function writeKeyFile<Field extends string>(
  path: string,
  kind: KeyFileKind<Field>,
  content: Readonly<Record<Field, string>>,
): Result<undefined, CommandRefusal> {
  const text = jsonText({ format: kind.format, ...content });
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeNewFile(path, text, 0o600);
    return ok(undefined);
  } catch (cause) {
    return err(unusable(kind, path, causeOf(cause), remedyOf(cause, 'name another file')));
  }
}

function isOfKind<Field extends string>(
  value: unknown,
  { format, fields }: KeyFileKind<Field>,
): value is Readonly<Record<Field, string>> {
  if (typeof value !== 'object' || value === null) return false;
  const content = value as Readonly<Record<string, unknown>>;
  return content['format'] === format && fields.every((name) => typeof content[name] === 'string');
}

function unusable(
  { refusalCode, next }: KeyFileKind<string>,
  path: string,
  what: string,
  instead = next,
): CommandRefusal {
  return { code: refusalCode, message: `${path}: ${what}`, next: instead };
}
