import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AdminAnswer } from '../../commands/admin-protocol.ts';
import type { AnswerPages } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Parameters } from '../../commands/signed-parameters.ts';
import { whileUnfinished } from '../files/unfinished.ts';
import { causeOf, remedyOf } from '../outcome.ts';

/** Where pages come from, and where they go. */
export interface PageWays {
  ask(parameters: Parameters): Promise<AdminAnswer>;
  /** Hears of each page but the last, where pages are not joined. */
  show(page: unknown): void;
  /** File for the pieces of pages. */
  readonly path: string | undefined;
}

/** Asks until there is nothing more. A file that could not be completed is taken away again. */
export async function allPages(
  pages: AnswerPages<unknown, unknown>,
  parameters: Parameters,
  first: unknown,
  ways: PageWays,
): Promise<Result<unknown, CommandRefusal>> {
  const file = openFile(ways.path, pages);
  if (!file.ok) return file;
  const { value: target } = file;
  const work = () => wholeAnswer(pages, parameters, first, ways, target);
  return target === undefined || ways.path === undefined
    ? await work()
    : await whileUnfinished(ways.path, work);
}

async function wholeAnswer(
  pages: AnswerPages<unknown, unknown>,
  parameters: Parameters,
  first: unknown,
  ways: PageWays,
  target: number | undefined,
): Promise<Result<unknown, CommandRefusal>> {
  try {
    const whole = await readPages(pages, parameters, first, ways, target);
    if (target !== undefined) fsyncSync(target);
    if (!whole.ok) takeAway(ways.path);
    return whole;
  } catch (cause) {
    takeAway(ways.path);
    return err(notWritten(ways.path, cause));
  } finally {
    if (target !== undefined) closeSync(target);
  }
}

async function readPages(
  pages: AnswerPages<unknown, unknown>,
  parameters: Parameters,
  first: unknown,
  { ask, show }: PageWays,
  target: number | undefined,
): Promise<Result<unknown, CommandRefusal>> {
  let asked: unknown = parameters;
  let page = kept(pages, first, target);
  let whole = page;
  for (;;) {
    const next = pages.next(asked, page);
    if (next === undefined) return ok(whole);
    if (pages.joined === undefined) show(page);
    if (next.afterMs > 0) await wait(next.afterMs);
    asked = next.parameters;
    const answer = await ask(next.parameters as Parameters);
    if (!answer.ok) return err(answer.error);
    page = kept(pages, answer.answer, target);
    whole = pages.joined?.(whole, page) ?? page;
  }
}

/** Puts the page's piece into the file. */
function kept(
  pages: AnswerPages<unknown, unknown>,
  answer: unknown,
  target: number | undefined,
): unknown {
  if (pages.piece === undefined || target === undefined) return answer;
  const { bytes, rest } = pages.piece(answer);
  for (let at = 0; at < bytes.length; ) at += writeSync(target, bytes, at);
  return rest;
}

function openFile(
  path: string | undefined,
  { piece }: AnswerPages<unknown, unknown>,
): Result<number | undefined, CommandRefusal> {
  if (piece === undefined || path === undefined) return ok(undefined);
  try {
    return ok(openSync(path, 'wx', 0o600));
  } catch (cause) {
    return err(notWritten(path, cause));
  }
}

function takeAway(path: string | undefined): void {
  if (path === undefined) return;
  try {
    unlinkSync(path);
  } catch {
    // What cannot be taken away is incomplete, and every reader of it says so.
  }
}

function notWritten(path: string | undefined, cause: unknown): CommandRefusal {
  return {
    code: 'file-not-written',
    message: `${path}: ${causeOf(cause)}`,
    next: remedyOf(cause, 'give the command once more, and another file'),
  };
}
