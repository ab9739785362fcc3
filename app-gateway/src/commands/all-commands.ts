import type { AnyCommand } from './command.ts';
import { COMMAND_TABLE } from './command-table.ts';

/** Every command of the running gateway with all that it does, in the order of the manual. */
export const ALL_COMMANDS: readonly AnyCommand[] = await Promise.all(
  COMMAND_TABLE.map(({ load }) => load()),
);
