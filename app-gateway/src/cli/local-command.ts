import type { CommandOption } from './command-options.ts';

/** A command that the command line carries out itself, as help and manual show it. */
export interface LocalCommand {
  readonly words: readonly [group: string, name: string];
  /** Empty: none. */
  readonly argument: string;
  readonly argumentDescription: string;
  readonly summary: string;
  readonly description: readonly string[];
  readonly examples: readonly string[];
  readonly options: readonly CommandOption[];
}
