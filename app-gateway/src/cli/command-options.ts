import type { CommandDescription, CommandParameter } from '../commands/command.ts';

/** An option of the command line, as commander and the manual write it. */
export interface CommandOption {
  readonly flags: string;
  readonly description: string;
  readonly isMandatory: boolean;
  readonly isList: boolean;
  /** The only words that it takes. */
  readonly choices?: readonly string[];
}

/** An option that may be left out and stands once. */
export function option(flags: string, description: string): CommandOption {
  return { flags, description, isMandatory: false, isList: false };
}

/** An option that takes one of a few words. */
export function chosen(
  flags: string,
  description: string,
  choices: readonly string[],
): CommandOption {
  return { ...option(flags, description), choices };
}

/** An option without which the command cannot be understood. */
export function needed(flags: string, description: string): CommandOption {
  return { ...option(flags, description), isMandatory: true };
}

/** An option that may stand several times. */
export function listed(flags: string, description: string): CommandOption {
  return { ...option(flags, description), isList: true };
}

/** The answer for a program. */
export const JSON_ANSWER = option('--json', 'answer with one JSON object instead of text');

/** Which gateway is asked. */
export const gatewayOptions: readonly CommandOption[] = [
  option(
    '--bundle <DIR>',
    'bundle of the gateway (default: the only one below ./hosts, or else below /etc/sallyport)',
  ),
  option('--socket <PATH>', 'socket of the gateway, instead of its bundle'),
  JSON_ANSWER,
];

/** Who asks. */
export const keyOptions: readonly CommandOption[] = [
  option('--operator-key <FILE>', 'your key file (default: ~/.config/sallyport/operator.key)'),
  option('--passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
];

/** A key pair that is made on the way. */
export const newKeyOptions: readonly CommandOption[] = [
  option('--new-key <FILE>', 'where the key file of a new key pair goes'),
  option('--new-passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
];

/** Who reads what was sealed for auditors. */
const auditorOptions: readonly CommandOption[] = [
  option('--auditor-key <FILE>', 'key file of the auditor (default: auditor.key)'),
  option('--auditor-passphrase-file <FILE>', 'file with its passphrase; "-" reads standard input'),
];

/** All options of a command: its own first, then those that say which gateway and who. */
export function optionsOf(definition: CommandDescription): readonly CommandOption[] {
  const own = definition.parameters
    .filter(({ isPositional }) => isPositional !== true)
    .map(ownOption);
  return [
    ...own,
    ...(definition.words.join(' ') === 'operator add' ? newKeyOptions : []),
    ...(definition.answersWithFiles !== true || outputOf(definition) !== undefined
      ? []
      : [option('--out <FOLDER>', 'where files are written (default: the current folder)')]),
    ...(definition.isSealed === true ? auditorOptions : []),
    ...(definition.role === undefined ? [] : keyOptions),
    ...gatewayOptions,
  ];
}

/** The option that names the file for an answer, where a command has one. */
export function outputOf({ parameters }: CommandDescription): CommandParameter | undefined {
  return parameters.find(({ kind }) => kind === 'output');
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
  const isList = kind === 'list' || kind === 'files';
  return { flags, description, isMandatory, isList };
}

/** `ownIdentity` is spelled `--own-identity`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** How a positional argument is written. */
export function wordOf(name: string): string {
  return kebab(name).toUpperCase();
}
