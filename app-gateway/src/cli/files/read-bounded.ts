import { readFileSync, statSync } from 'node:fs';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { causeOf } from '../outcome.ts';

/** A file as bytes, unless it is larger than whoever reads it can use. */
export function readBounded(path: string, bytesMax: number): Result<Buffer, string> {
  try {
    if (statSync(path).size > bytesMax) return err(`is larger than ${bytesMax} bytes`);
    return ok(readFileSync(path));
  } catch (cause) {
    return err(`cannot be read: ${causeOf(cause)}`);
  }
}
