import type { OperatorRole } from '../domain/exchange/operator/operator-record.ts';
import type { CommandOption } from './command-options.ts';
import type { Outcome } from './outcome.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * A command of the command line: what help and manual say of it, what it takes, and the way to what it does.
 *
 * What it does is imported when it is carried out, and nowhere else: whoever asks for the help of one command, or
 * starts a proxy, does not wait for the code of all others.
 */
export interface TypedCommand {
  readonly words: readonly [group: string, name: string];
  readonly summary: string;
  readonly description: readonly string[];
  readonly examples: readonly string[];
  readonly positional: readonly CommandArgument[];
  readonly options: readonly CommandOption[];
  /** Whether a gateway is asked; if so, `role` is the least that an operator must have, or nobody needs any. */
  readonly isOfGateway?: boolean;
  readonly role?: OperatorRole;
  /** What is wrong with words of which each is right; the command line says it as it says its own errors. */
  wrong?(typed: Typed): string | undefined;
  /** Gives what it has to say, or the exit code of a program that has said everything itself. */
  carryOut(
    typed: Typed,
    surroundings: Surroundings,
    show: (outcome: Outcome) => void,
  ): Promise<Outcome | number>;
}

/** What stands behind the words of a command. */
export interface CommandArgument {
  /** In capitals, as it is shown. */
  readonly word: string;
  readonly description: string;
  readonly isOptional?: boolean;
}

/** What was typed behind the words of a command; a command knows the types of what it described. */
export interface Typed<Options = object, Words = readonly unknown[]> {
  readonly words: Words;
  readonly options: Options;
}
