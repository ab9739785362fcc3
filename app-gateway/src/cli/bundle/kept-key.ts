import { readFile } from 'node:fs/promises';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { writeNewFile } from '../files/whole-file.ts';

/**
 * The key in a file, which is `fresh` where there was none: a key whose fingerprint was read out, or that was handed out
 * before, is never written over. Throws what the file system throws.
 */
export async function keptKey(path: string, fresh: string): Promise<string> {
  try {
    writeNewFile(path, fresh, 0o600);
    return fresh;
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return await readFile(path, 'utf8');
    throw cause;
  }
}
