import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Why a file does not hold the key-encryption key. */
export type KeyFileFault = 'key-file-missing' | 'key-file-open-to-others' | 'key-file-malformed';

const FILE_CHARS_MAX = 200;
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=\s*$/;
const OTHERS = 0o077;

/** Reads the key, and refuses a file that others than its owner may read or write. */
export function readKeyFile(path: string): Result<Buffer, KeyFileFault> {
  let file: number;
  try {
    // Without waiting, should somebody have put a pipe there.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return err('key-file-missing');
  }
  try {
    // What was opened is judged, so that nobody swaps the file in between.
    const { mode, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return err('key-file-malformed');
    if ((mode & OTHERS) !== 0) return err('key-file-open-to-others');
    if (size > FILE_CHARS_MAX) return err('key-file-malformed');
    const text = readFileSync(file, 'latin1');
    return BASE64_KEY.test(text) ? ok(Buffer.from(text, 'base64')) : err('key-file-malformed');
  } finally {
    closeSync(file);
  }
}
