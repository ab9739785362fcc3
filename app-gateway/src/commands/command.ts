import type { KeyObject } from 'node:crypto';
import type { Result } from '@sallyport/shared/result.ts';
import type { z } from 'zod';
import type { Author } from '../domain/exchange/change-event.ts';
import type { OperatorRole } from '../domain/exchange/operator/operator-record.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandRefusal } from './command-refusal.ts';

/** An argument or option of the command line; its name is the parameter's name in the request. */
export interface CommandParameter {
  /** camelCase; an option is spelled `--kebab-case`. */
  readonly name: string;
  readonly description: string;
  /** In the order of the definition. */
  readonly isPositional?: boolean;
  readonly isRequired?: boolean;
  /**
   * `flag`: no value. `list`: may be repeated. `file`: the command line reads it and sends `{ name, base64 }`. `files`: may be repeated, a list of such.
   * `folder`: the command line reads a site's folder and sends a list of such, named by path. `secret`: asked for on the terminal or read from `--<name>-file`, never in argv and never signed.
   * `output`: the command line keeps the path, sends `true`, and writes the answer's only file there.
   */
  readonly kind:
    | 'text'
    | 'number'
    | 'flag'
    | 'list'
    | 'file'
    | 'files'
    | 'folder'
    | 'secret'
    | 'output';
  readonly valueName?: string;
  /** What to do about a file that is longer than a request may have; absent: none that is meant is. */
  readonly ifTooLarge?: string;
}

/** A file that a command answers with; the command line writes it where `--out` says. */
export interface AnswerFile {
  /** May have folders, below the one that `--out` names. */
  readonly name: string;
  readonly text: string;
  /** Instead of a text; for whoever asked, and for no other user of the host. */
  readonly octets?: Uint8Array;
}

/** How a command whose answer can be endless is asked for more; the command line does the asking. */
export interface AnswerPages<Parameters, Answer> {
  /** What to ask next, and how long to wait before; undefined: that was all. */
  next(
    parameters: Parameters,
    answer: Answer,
  ): { readonly parameters: Parameters; readonly afterMs: number } | undefined;
  /** Two answers as one; absent: each is shown when it comes. */
  joined?(earlier: Answer, later: Answer): Answer;
  /** What of an answer is added to the file that the `output` parameter names, and the answer without it. */
  piece?(answer: Answer): { readonly bytes: Buffer; readonly rest: Answer };
  /** How many records are done, and of how many; undefined: all of them. */
  progress?(answer: Answer): { readonly done: number; readonly total: number } | undefined;
}

/** What is said of a command, and what it takes: all that help, manual and command line need to know of it. */
export interface CommandDescription {
  /** `['partner', 'verify']`: `POST /v1/partner/verify`, `sallyport partner verify`. */
  readonly words: readonly [group: string, name: string];
  readonly summary: string;
  /** Paragraphs for the manual. */
  readonly description: readonly string[];
  readonly examples: readonly string[];
  readonly parameters: readonly CommandParameter[];
  /** Least role that may; absent: reads only, and the socket's permissions are the gate. */
  readonly role?: OperatorRole;
  /** Carried out unsigned as long as there is no operator at all: the first one has to come from somewhere. */
  readonly isOpenToFirst?: boolean;
  /** Its answer holds files (`files`). */
  readonly answersWithFiles?: true;
  /** Only an auditor's key opens its answer (`opened`). */
  readonly isSealed?: true;
}

/**
 * One command: its route, its place on the command line and its page in the manual all come from this value.
 *
 * Its description stands in a file that loads nothing: the command line knows every command, and loads one. A
 * command with a `role` changes something: it is carried out only with an operator's signature.
 */
export interface CommandDefinition<Parameters, Answer> extends CommandDescription {
  /** What the route accepts; unknown keys are refused. */
  readonly schema: z.ZodType<Parameters>;
  run(
    context: CommandContext,
    parameters: Parameters,
    author: Author,
  ): Promise<Result<Answer, CommandRefusal>>;
  /** For what only an auditor's key opens: the command line reads the key file, before it asks, and opens the answer. */
  opened?(answer: Answer, privateKey: KeyObject): Result<Answer, CommandRefusal>;
  /** The answer for a person, whose window may have so many columns. */
  text(answer: Answer, columns?: number): string;
  /** Files among the answer. */
  files?(answer: Answer): readonly AnswerFile[];
  /** For answers that come in several. */
  readonly pages?: AnswerPages<Parameters, Answer>;
  /** Whether the answer is bad news: the command line then ends with 1. */
  isBad?(answer: Answer): boolean;
}

/** Any command, as the server, the command line and the manual see it. */
export type AnyCommand = CommandDefinition<unknown, unknown>;
