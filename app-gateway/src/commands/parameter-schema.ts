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

/** A day or an instant, as an operator types it. */
export const time = z
  .string()
  .max(40)
  .refine((text) => Number.isFinite(Date.parse(text)), 'is no date such as 2027-01-31');

export const name = shortName;

/** The content of a sent file. */
export function bytesOf({ base64 }: Pick<SentFile, 'base64'>): Buffer {
  return Buffer.from(base64, 'base64');
}
