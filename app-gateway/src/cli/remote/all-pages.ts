import { setTimeout as wait } from 'node:timers/promises';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AdminAnswer } from '../../commands/admin-protocol.ts';
import type { AnswerPages } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Parameters } from '../../commands/signed-parameters.ts';
import { FileDraft } from '../files/file-draft.ts';
import { whileUnfinished } from '../files/unfinished.ts';
import { causeOf, remedyOf } from '../outcome.ts';

/** Where pages come from, and where they go. */
export interface PageWays {
  ask(parameters: Parameters): Promise<AdminAnswer>;
  /** Hears of each page but the last, where pages are not joined. */
  show(page: unknown): void;
  /** Hears how far it has come. */
  progress(done: number, total: number): void;
  /** File for the pieces of pages. */
  readonly path: string | undefined;
}

/** Asks until there is nothing more. A file has its name once all of it is on the disk; one that could not be completed is taken away. */
export async function allPages(
  pages: AnswerPages<unknown, unknown>,
  parameters: Parameters,
  first: unknown,
  ways: PageWays,
): Promise<Result<unknown, CommandRefusal>> {
  const file = openFile(ways.path, pages);
  if (!file.ok) return file;
  const { value: draft } = file;
  if (draft === undefined) return await readPages(pages, parameters, first, ways, undefined);
  return await whileUnfinished(draft.path, () => wholeFile(pages, parameters, first, ways, draft));
}

async function wholeFile(
  pages: AnswerPages<unknown, unknown>,
  parameters: Parameters,
  first: unknown,
  ways: PageWays,
  draft: FileDraft,
): Promise<Result<unknown, CommandRefusal>> {
  try {
    const whole = await readPages(pages, parameters, first, ways, draft);
    if (whole.ok) draft.publish();
    else draft.drop();
    return whole;
  } catch (cause) {
    draft.drop();
    return err(notWritten(ways.path, cause));
  }
}

async function readPages(
  pages: AnswerPages<unknown, unknown>,
  parameters: Parameters,
  first: unknown,
  { ask, show, progress }: PageWays,
  draft: FileDraft | undefined,
): Promise<Result<unknown, CommandRefusal>> {
  let asked: unknown = parameters;
  let page = kept(pages, first, draft);
  let whole = page;
  for (;;) {
    const next = pages.next(asked, page);
    if (next === undefined) return ok(whole);
    if (pages.joined === undefined) show(page);
    const come = pages.progress?.(page);
    if (come !== undefined) progress(come.done, come.total);
    if (next.afterMs > 0) await wait(next.afterMs);
    asked = next.parameters;
    const answer = await ask(next.parameters as Parameters);
    if (!answer.ok) return err(answer.error);
    page = kept(pages, answer.answer, draft);
    whole = pages.joined?.(whole, page) ?? page;
  }
}

/** Puts the page's piece into the file. */
function kept(
  pages: AnswerPages<unknown, unknown>,
  answer: unknown,
  draft: FileDraft | undefined,
): unknown {
  if (pages.piece === undefined || draft === undefined) return answer;
  const { bytes, rest } = pages.piece(answer);
  draft.write(bytes);
  return rest;
}

function openFile(
  path: string | undefined,
  { piece }: AnswerPages<unknown, unknown>,
): Result<FileDraft | undefined, CommandRefusal> {
  if (piece === undefined || path === undefined) return ok(undefined);
  try {
    return ok(FileDraft.ofNew(path, 0o600));
  } catch (cause) {
    return err(notWritten(path, cause));
  }
}

function notWritten(path: string | undefined, cause: unknown): CommandRefusal {
  return {
    code: 'file-not-written',
    message: `${path}: ${causeOf(cause)}`,
    next: remedyOf(cause, 'give the command once more, and another file'),
  };
}
