import { COMMAND_TABLE, type CommandEntry } from '../commands/command-table.ts';
import { STATE_BACKUP, STATE_POSTURE } from '../commands/state/state-descriptions.ts';
import type { BackupOptions } from './backup/backup-command.ts';
import { optionsOf, wordOf } from './command-options.ts';
import type { RemoteOptions } from './remote/remote-command.ts';
import type { Typed, TypedCommand } from './typed-command.ts';

/** Every command that a gateway carries out, from its description alone. */
export const GATEWAY_COMMANDS: readonly TypedCommand[] = COMMAND_TABLE.map((entry) => {
  const asked = askedOf(entry);
  switch (entry.description) {
    case STATE_BACKUP:
      return withBundle(asked);
    case STATE_POSTURE:
      return ofFolderAsWell(asked);
    default:
      return asked;
  }
});

/** One request to a gateway. */
function askedOf({ description, load }: CommandEntry): TypedCommand {
  const positional = description.parameters.filter(({ isPositional }) => isPositional === true);
  return {
    ...description,
    isOfGateway: true,
    positional: positional.map(({ name, description: what, isRequired }) => ({
      word: wordOf(name),
      description: what,
      isOptional: isRequired !== true,
    })),
    options: optionsOf(description),
    async carryOut({ words, options }, surroundings, show) {
      const { remoteCommand } = await import('./remote/remote-command.ts');
      const named = positional
        .map(({ name }, at) => [name, words[at]] as const)
        .filter(([, value]) => value !== undefined);
      const all = { ...options, ...Object.fromEntries(named) };
      return remoteCommand(await load(), all, surroundings, show);
    },
  };
}

/** A backup is many answers of a gateway and the files of its bundle. */
function withBundle(asked: TypedCommand): TypedCommand {
  return {
    ...asked,
    async carryOut({ options }: Typed<BackupOptions>, surroundings) {
      const { backupCommand } = await import('./backup/backup-command.ts');
      return backupCommand(options, surroundings);
    },
  };
}

/** With a folder, "posture" asks no gateway. */
function ofFolderAsWell(asked: TypedCommand): TypedCommand {
  return {
    ...asked,
    positional: [
      { word: 'DIR', description: 'folder of a site; none: the running gateway', isOptional: true },
    ],
    async carryOut(
      typed: Typed<RemoteOptions & { require?: string }, readonly [string?]>,
      surroundings,
      show,
    ) {
      const { words, options } = typed;
      const [folder] = words;
      if (folder === undefined) return asked.carryOut(typed, surroundings, show);
      const { postureCommand } = await import('./site/posture-command.ts');
      return postureCommand(folder, options.require, surroundings.nowMs());
    },
  };
}
