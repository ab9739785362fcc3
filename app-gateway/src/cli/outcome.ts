import { errorCode } from '@sallyport/shared/error-code.ts';
/** What a command has to say when it is done; the terminal prints one of the two forms. */
export interface Outcome {
  readonly exitCode: 0 | 1;
  /** The text is what was asked for although the code is 1: it goes where answers go. */
  readonly isAnswer?: true;
  /** Lines for a person, without the last line break. */
  readonly text: string;
  /** The same for a program (`--json`). */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Something that did not work: what, where, and what to do next. */
export function failure(message: string, next: string): Outcome {
  return {
    exitCode: 1,
    text: `error: ${message}\n  next: ${next}`,
    json: { ok: false, error: { message, next } },
  };
}

/** An error from the file system in an operator's words. */
export function causeOf(cause: unknown): string {
  const code = errorCode(cause);
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOSPC') return 'no space left on the disk';
  if (code === 'EROFS') return 'the file system is read-only';
  return cause instanceof Error ? cause.message : String(cause);
}
