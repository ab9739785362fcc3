import type { Command } from 'commander';
import { ALL_COMMANDS } from '../commands/all-commands.ts';
import type { AnyCommand, CommandParameter } from '../commands/command.ts';
import { operatorKeyCommand } from './new-operator-key.ts';
import { nodeInstallCommand } from './node-install.ts';
import { nodeRequestCommand } from './node-request.ts';
import type { Outcome } from './outcome.ts';
import { type RemoteOptions, refusedOutcome, remoteCommand } from './remote-command.ts';
import type { Surroundings } from './surroundings.ts';

/** What a group of commands is about. */
export const GROUPS: ReadonlyMap<string, string> = new Map([
  ['operator', 'people who may change things'],
  ['partner', 'partner companies: exchange, verify, roll over, sever'],
  ['cert', 'our own identities, their keys and certificates'],
  ['node', 'hosts of this site'],
  ['events', 'what was changed, when and by whom'],
  ['state', 'partners and identities as files'],
]);

/** Puts every command of the gateway on the command line, from its definition alone. */
export function addRemoteCommands(
  program: Command,
  surroundings: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  const groups = new Map<string, Command>();
  for (const [name, description] of GROUPS) {
    if (!ALL_COMMANDS.some(({ words }) => words[0] === name)) continue;
    groups.set(name, program.command(name).description(description));
  }
  for (const definition of ALL_COMMANDS) {
    const group = groups.get(definition.words[0]);
    if (group !== undefined) addOne(group, definition, surroundings, finish);
  }
  addHostCommands(group(groups, 'node'), surroundings, finish);
  const key = group(groups, 'operator').command('key <OPERATOR>');
  key
    .description('make a signing key of your own; an officer then adds its public half')
    .option(
      '--new-key <FILE>',
      'where the key file goes (default: ~/.config/sallyport/operator.key)',
    )
    .option('--new-passphrase-file <FILE>', 'file with the passphrase; "-" reads standard input')
    .option('--json', 'answer with one JSON object instead of text')
    .action(async (operator: string, options: RemoteOptions, command: Command) => {
      const done = await operatorKeyCommand(operator, options, surroundings);
      finish(command, done.ok ? done.value : refusedOutcome(done.error));
    });
}

/** What a host does for itself before it has a channel. */
function addHostCommands(
  node: Command,
  { folder, nowMs }: Surroundings,
  finish: (command: Command, outcome: Outcome) => void,
): void {
  node
    .command('request')
    .description("on a host: make its channel key and a request for the key's certificate")
    .requiredOption('--bundle <DIR>', 'bundle of this host')
    .option('--out <FOLDER>', 'where the request is written (default: the current folder)')
    .option('--json', 'answer with one JSON object instead of text')
    .action(async (options: { bundle: string; out?: string }, command: Command) => {
      finish(command, await nodeRequestCommand(options.bundle, options.out ?? folder));
    });
  node
    .command('install <CERTIFICATE>')
    .description('on a host: complete its bundle with the certificate that was issued')
    .requiredOption('--bundle <DIR>', 'bundle of this host')
    .option('--json', 'answer with one JSON object instead of text')
    .action(async (certificate: string, options: { bundle: string }, command: Command) => {
      finish(command, await nodeInstallCommand(certificate, options.bundle, nowMs()));
    });
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
    finish(command, await remoteCommand(definition, all, surroundings));
  });
}

/** An option of the command line, as commander and the manual write it. */
export interface CommandOption {
  readonly flags: string;
  readonly description: string;
  readonly isMandatory: boolean;
  readonly isList: boolean;
}

/** All options of a command: its own first, then those that say which gateway and who. */
export function optionsOf(definition: AnyCommand): readonly CommandOption[] {
  const own = definition.parameters
    .filter(({ isPositional }) => isPositional !== true)
    .map(ownOption);
  const option = (flags: string, description: string): CommandOption => {
    return { flags, description, isMandatory: false, isList: false };
  };
  const isOperatorAdd = definition.words.join(' ') === 'operator add';
  return [
    ...own,
    ...(isOperatorAdd
      ? [
          option('--new-key <FILE>', 'where the key file of a new key pair goes'),
          option(
            '--new-passphrase-file <FILE>',
            'file with its passphrase; "-" reads standard input',
          ),
        ]
      : []),
    ...(definition.files === undefined
      ? []
      : [option('--out <FOLDER>', 'where files are written (default: the current folder)')]),
    ...(definition.role === undefined
      ? []
      : [
          option(
            '--operator-key <FILE>',
            'your key file (default: ~/.config/sallyport/operator.key)',
          ),
          option('--passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
        ]),
    option('--bundle <DIR>', 'bundle of the gateway (default: the only one below ./hosts)'),
    option('--socket <PATH>', 'socket of the gateway, instead of its bundle'),
    option('--json', 'answer with one JSON object instead of text'),
  ];
}

function ownOption(parameter: CommandParameter): CommandOption {
  const { name, kind, description, isRequired, valueName } = parameter;
  const word = kebab(name);
  const isMandatory = isRequired === true && kind !== 'secret';
  if (kind === 'flag') return { flags: `--${word}`, description, isMandatory, isList: false };
  if (kind === 'secret') {
    const flags = `--${word}-file <FILE>`;
    return {
      flags,
      description: `file with the ${description}; "-" reads standard input`,
      isMandatory,
      isList: false,
    };
  }
  const flags = `--${word} <${valueName ?? 'VALUE'}>`;
  return { flags, description, isMandatory, isList: kind === 'list' };
}

/** `ownIdentity` is spelled `--own-identity`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** How a positional argument is written. */
export function wordOf(name: string): string {
  return kebab(name).toUpperCase();
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
