import { errorCode } from '@sallyport/shared/error-code.ts';
import type { CommandRefusal } from '../commands/command-refusal.ts';
/** What a command has to say when it is done; the terminal prints one of the two forms. */
export interface Outcome {
  readonly exitCode: 0 | 1;
  /** Nothing of what was asked for came about: the text goes where complaints go. A verdict, good or bad, is an answer. */
  readonly isComplaint?: true;
  /** Lines for a person, without the last line break. */
  readonly text: string;
  /** The same for a program (`--json`). */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What was asked for is done. */
export function success(lines: readonly string[], facts: Outcome['json']): Outcome {
  return verdict(true, lines, facts);
}

/** Something was looked at, and is good or is not. */
export function verdict(
  isGood: boolean,
  lines: readonly string[],
  facts: Outcome['json'],
): Outcome {
  return { exitCode: isGood ? 0 : 1, text: lines.join('\n'), json: { ok: isGood, ...facts } };
}

/** Something that did not work: what, where, and what to do next. */
export function failure(message: string, next: string): Outcome {
  return {
    exitCode: 1,
    isComplaint: true,
    text: `error: ${message}\n  next: ${next}`,
    json: { ok: false, error: { message, next } },
  };
}

/** A refusal as the terminal and scripts see it. */
export function refusedOutcome(error: CommandRefusal): Outcome {
  return {
    exitCode: 1,
    isComplaint: true,
    text: `refused: ${error.message}\n  next: ${error.next}`,
    json: { ok: false, error },
  };
}

/** An error from the file system in an operator's words. */
export function causeOf(cause: unknown): string {
  const code = errorCode(cause);
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOSPC') return 'no space left on the disk';
  if (code === 'EDQUOT') return 'the quota of the disk is used up';
  if (code === 'EEXIST') return 'is there already';
  if (code === 'ENOTDIR') return 'there is a file where a folder is needed';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EROFS') return 'the file system is read-only';
  return cause instanceof Error ? cause.message : String(cause);
}

/** What to do about an error from the file system while something was written; `otherwise` where the disk is not to blame. */
export function remedyOf(cause: unknown, otherwise = 'check the path and its permissions'): string {
  const code = errorCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return 'make room there, and give the command once more: nothing was left half done';
  }
  return code === 'EROFS' ? 'mount it for writing, or name another place' : otherwise;
}
