import { readFile } from 'node:fs/promises';
import { PASSPHRASE_CHARS_MIN } from '@sallyport/certs/operator-key.ts';
import { createPassphrase } from '@sallyport/certs/site-root.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { failure, type Outcome } from '../outcome.ts';

/** Where the passphrase of a root lies that was made with it, in the site's folder: until somebody moves it offline. */
export const ROOT_PASSPHRASE_FILE = 'ca/root.passphrase';

const PASSPHRASE_CHARS_MAX = 1000;

/** For a new root: given in a file, or made, 192 random bits that nobody has to remember. Throws what the file system throws. */
export async function newRootPassphrase(
  file: string | undefined,
): Promise<Result<string, Outcome>> {
  if (file === undefined) return ok(createPassphrase());
  const passphrase = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  const { length } = [...passphrase];
  if (length >= PASSPHRASE_CHARS_MIN && length <= PASSPHRASE_CHARS_MAX) return ok(passphrase);
  return err(
    failure(
      `the passphrase in ${file} has ${length} characters`,
      `use ${PASSPHRASE_CHARS_MIN} to ${PASSPHRASE_CHARS_MAX}, or leave the option out: one is made`,
    ),
  );
}
