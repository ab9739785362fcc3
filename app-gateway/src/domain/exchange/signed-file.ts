import { hash } from 'node:crypto';

/** A file as a signed command names it: the content goes beside the payload, bound by its hash. */
export interface SignedFile {
  readonly name: string;
  /** Hexadecimal, lower case. */
  readonly sha256: string;
  readonly bytes: number;
}

const NAME_CHARS_MAX = 255;
const SHA256 = /^[0-9a-f]{64}$/;

/** What to sign for a file; the folder it lies in is nobody's business. */
export function signedFile(path: string, content: Uint8Array): SignedFile {
  const name = (/[^/\\]*$/.exec(path)?.[0] ?? '').slice(-NAME_CHARS_MAX);
  return { name, sha256: hash('sha256', content, 'hex'), bytes: content.length };
}

/** Whether a parameter names exactly this content. */
export function isSignedFile(parameter: unknown, content: Uint8Array): boolean {
  if (typeof parameter !== 'object' || parameter === null) return false;
  const { name, sha256, bytes, ...rest } = parameter as Record<string, unknown>;
  return (
    Object.keys(rest).length === 0 &&
    typeof name === 'string' &&
    name.length <= NAME_CHARS_MAX &&
    bytes === content.length &&
    typeof sha256 === 'string' &&
    SHA256.test(sha256) &&
    sha256 === hash('sha256', content, 'hex')
  );
}
