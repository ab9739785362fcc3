import { z } from 'zod';
import { filePath, shortName } from '../config/word-schema.ts';

const FILE_BYTES_MAX = 1_048_576;
/** Four characters for three bytes. */
const BASE64_CHARS_MAX = Math.ceil(FILE_BYTES_MAX / 3) * 4;

/** A file that the command line read: its name without folders, and its content. */
export const sentFile = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\p{Cc}/\\]+$/u, 'is no file name'),
  base64: z.base64().max(BASE64_CHARS_MAX, 'the file is larger than 1 MiB'),
});

/** A site's folder: each file by its path below it. */
export const sentFolder = z
  .array(z.strictObject({ ...sentFile.shape, name: filePath }))
  .min(1)
  .max(400);

export type SentFile = z.infer<typeof sentFile>;

/** What somebody is asked for: a password, a passphrase. */
export const secret = z.string().min(1).max(1000);

/** Why something is done; the decision checks it again. */
export const reason = z.string().max(500);

/** `t1`, `k2`. */
export const setId = z.string().regex(/^t[1-9]\d{0,8}$/, 'is no set such as t2');
export const keyId = z.string().regex(/^k[1-9]\d{0,8}$/, 'is no key such as k2');

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/**
 * A day or an instant, as an operator types it; without a zone it is UTC, as everything that is shown.
 *
 * No other spelling: what a date library makes of `11/12/2026`, or of a day that does not exist, is not what was meant.
 */
export const time = z
  .string()
  .max(40)
  .refine(
    (text) => Number.isFinite(instantMs(text)),
    'is no date such as 2027-01-31, nor a time such as 2027-01-31T08:00Z',
  );

/** What a `time` says, in milliseconds since 1970; not a number where it says none. */
export function instantMs(text: string): number {
  const [, day, clock = '00:00', zone = 'Z'] = INSTANT.exec(text) ?? [];
  if (day === undefined || !z.iso.date().safeParse(day).success) return Number.NaN;
  return Date.parse(`${day}T${clock}${zone.toUpperCase()}`);
}

interface Span {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Whether the span is one: for `refine`, with `SPAN_WRONG`. */
export function isSpan({ from, to }: Span): boolean {
  return from === undefined || to === undefined || instantMs(from) < instantMs(to);
}

export const SPAN_WRONG = { path: ['to'], error: 'is not after --from' };

export const name = shortName;

/** The content of a sent file. */
export function bytesOf({ base64 }: Pick<SentFile, 'base64'>): Buffer {
  return Buffer.from(base64, 'base64');
}
