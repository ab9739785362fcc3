import type { Command } from 'commander';
import { ALL_COMMANDS } from '../commands/all-commands.ts';
import type { AnyCommand } from '../commands/command.ts';
import { stateBackup } from '../commands/state/state-backup.ts';
import { statePosture } from '../commands/state/state-posture.ts';
import { type AuditVerifyOptions, auditVerifyCommand } from './audit-verify-command.ts';
import { type BackupOptions, backupCommand } from './backup-command.ts';
import { nodeInstallCommand } from './bundle/node-install.ts';
import { type NodeRequestOptions, nodeRequestCommand } from './bundle/node-request.ts';
import { type CertSelfOptions, certSelfCommand } from './cert-self-command.ts';
import { GROUPS, shownWords } from './command-groups.ts';
import { optionsOf, wordOf } from './command-options.ts';
import { type DoctorOptions, doctorCommand } from './doctor/doctor-command.ts';
import { type AuditorKeyOptions, auditorKeyCommand } from './keys/auditor-key-file.ts';
import { operatorKeyCommand } from './keys/new-operator-key.ts';
import {
  AUDIT_AUDITOR_KEY,
  AUDIT_VERIFY,
  CERT_SELF,
  DOCTOR,
  type LocalCommand,
  NODE_INSTALL,
  NODE_REQUEST,
  OPERATOR_KEY,
  STATE_RESTORE,
} from './local-commands.ts';
import { type Outcome, refusedOutcome } from './outcome.ts';
import { postureCommand } from './posture-command.ts';
import { type RemoteOptions, remoteCommand } from './remote/remote-command.ts';
import type { RestoreOptions } from './restore-command.ts';
import type { Surroundings } from './surroundings.ts';

/** Puts every command of the gateway on the command line, from its definition alone. */
export function addRemoteCommands(
  program: Command,
  surroundings: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  const groups = new Map<string, Command>();
  for (const [name, description] of GROUPS) {
    if (!ALL_COMMANDS.some(({ words }) => words[0] === name && shownWords(words).length > 1)) {
      continue;
    }
    groups.set(name, program.command(name).description(description));
  }
  for (const definition of ALL_COMMANDS) {
    const isTop = shownWords(definition.words).length === 1;
    const parent = isTop ? program : groups.get(definition.words[0]);
    if (parent !== undefined) addOne(parent, definition, surroundings, finish);
  }
  addLocalCommands(program, groups, surroundings, finish);
  addPostureOfFolder(program, surroundings, finish);
  addBackup(program, surroundings, finish);
}

/** A backup is many answers of a gateway and the files of its bundle; to restore one asks no gateway. */
function addBackup(
  program: Command,
  surroundings: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  const backup = program.commands.find((one) => one.name() === stateBackup.words[1]);
  backup?.action(async () => {
    const options = backup.optsWithGlobals<BackupOptions>();
    finish(backup, await backupCommand(options, surroundings));
  });
  withOptions(program.command('restore <FILE>'), STATE_RESTORE).action(
    async (file: string, options: RestoreOptions, command: Command) => {
      const all = { ...options, ...command.optsWithGlobals<RestoreOptions>() };
      // Alone of all commands it opens a database: the others start without what that takes.
      const { restoreCommand } = await import('./restore-command.ts');
      finish(command, await restoreCommand(file, all, surroundings));
    },
  );
}

/** With a folder, "posture" asks no gateway. */
function addPostureOfFolder(
  program: Command,
  surroundings: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  const command = program.commands.find((one) => one.name() === statePosture.words[1]);
  command
    ?.argument('[DIR]', 'folder of a site; none: the running gateway')
    .action(async (folder: string | undefined) => {
      const options = command.optsWithGlobals<RemoteOptions & { require?: string }>();
      finish(
        command,
        folder === undefined
          ? await remoteCommand(statePosture, { ...options }, surroundings)
          : await postureCommand(folder, options.require, surroundings.nowMs()),
      );
    });
}

/** Commands that are more than one request, or none. */
function addLocalCommands(
  program: Command,
  groups: ReadonlyMap<string, Command>,
  surroundings: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  withOptions(group(groups, 'operator').command('key <OPERATOR>'), OPERATOR_KEY).action(
    async (operator: string, options: RemoteOptions, command: Command) => {
      const done = await operatorKeyCommand(operator, options, surroundings);
      finish(command, done.ok ? done.value : refusedOutcome(done.error));
    },
  );
  withOptions(group(groups, 'cert').command('self <IDENTITY>'), CERT_SELF).action(
    async (identity: string, options: CertSelfOptions, command: Command) => {
      finish(command, await certSelfCommand(identity, options, surroundings));
    },
  );
  addHostCommands(group(groups, 'node'), surroundings, finish);
  withOptions(program.command('doctor'), DOCTOR).action(
    async (options: DoctorOptions, command: Command) => {
      finish(command, await doctorCommand(options, surroundings));
    },
  );
  withOptions(group(groups, 'audit').command('verify [FILE]'), AUDIT_VERIFY).action(
    async (file: string | undefined, options: AuditVerifyOptions, command: Command) => {
      finish(command, await auditVerifyCommand(file, options, surroundings));
    },
  );
  withOptions(group(groups, 'audit').command('auditor-key'), AUDIT_AUDITOR_KEY).action(
    async (options: AuditorKeyOptions, command: Command) => {
      const done = await auditorKeyCommand(options, surroundings);
      finish(command, done.ok ? done.value : refusedOutcome(done.error));
    },
  );
}

/** What a host does for itself before it has a channel. */
function addHostCommands(
  node: Command,
  { folder, nowMs }: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  withOptions(node.command('request'), NODE_REQUEST).action(
    async (options: NodeRequestOptions, command: Command) => {
      finish(command, await nodeRequestCommand(options.bundle ?? folder, options.out ?? folder));
    },
  );
  withOptions(node.command('install <CERTIFICATE>'), NODE_INSTALL).action(
    async (certificate: string, options: NodeRequestOptions, command: Command) => {
      finish(command, await nodeInstallCommand(certificate, options.bundle ?? folder, nowMs()));
    },
  );
}

function withOptions(command: Command, { summary, options }: LocalCommand): Command {
  for (const { flags, description, isList } of options) {
    if (isList) command.option(flags, description, collect);
    else command.option(flags, description);
  }
  return command.description(summary);
}

function group(groups: ReadonlyMap<string, Command>, name: string): Command {
  const found = groups.get(name);
  if (found === undefined) throw new Error(`no group ${name}`);
  return found;
}

function addOne(
  parent: Command,
  definition: AnyCommand,
  surroundings: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  const positional = definition.parameters.filter(({ isPositional }) => isPositional === true);
  const command = parent.command(definition.words[1]).description(definition.summary);
  for (const { name, description, isRequired } of positional) {
    const word = wordOf(name);
    command.argument(isRequired === true ? `<${word}>` : `[${word}]`, description);
  }
  for (const { flags, description, isMandatory, isList } of optionsOf(definition)) {
    if (isList) command.option(flags, description, collect);
    else if (isMandatory) command.requiredOption(flags, description);
    else command.option(flags, description);
  }
  command.action(async (...given: unknown[]) => {
    const options = command.opts<RemoteOptions & Record<string, unknown>>();
    const named = positional.map(({ name }, at) => [name, given[at]] as const);
    const all = {
      ...options,
      ...command.optsWithGlobals<RemoteOptions>(),
      ...Object.fromEntries(named.filter(([, value]) => value !== undefined)),
    };
    const show = (outcome: Outcome) => finish(command, outcome);
    finish(command, await remoteCommand(definition, all, surroundings, show));
  });
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
