import { hash } from 'node:crypto';

/** A file as a signed command names it: the content goes beside the payload, bound by its hash. */
export interface SignedFile {
  readonly name: string;
  /** Hexadecimal, lower case. */
  readonly sha256: string;
  readonly bytes: number;
}

const NAME_CHARS_MAX = 255;

/** What to sign for a file; the folder it lies in is nobody's business. */
export function signedFile(path: string, content: Uint8Array): SignedFile {
  const name = (/[^/\\]*$/.exec(path)?.[0] ?? '').slice(-NAME_CHARS_MAX);
  return { name, sha256: hash('sha256', content, 'hex'), bytes: content.length };
}
