import { type Command, InvalidArgumentError, Option } from 'commander';
import { shownWords } from '../commands/command-groups.ts';
import type { CommandOption } from './command-options.ts';
import { foldedText } from './folded-text.ts';
import type { TypedCommand } from './typed-command.ts';

const WIDTH_MAX = 80;

/** Gives a command its arguments and options, and a help that ends with what it does and examples. */
export function describedCommand(
  command: Command,
  { words, summary, description, examples, positional, options }: TypedCommand,
): Command {
  for (const { word, description: what, isOptional } of positional) {
    command.argument(isOptional === true ? `[${word}]` : `<${word}>`, what);
  }
  for (const one of options) command.addOption(optionOf(one));
  const typed = ['sallyport', ...shownWords(words)].join(' ');
  return command
    .description(summary)
    .showHelpAfterError(`(${typed} --help shows it, with examples)`)
    .addHelpText('after', ({ command: of }) => {
      const { helpWidth = WIDTH_MAX } = of.createHelp();
      const paragraphs = description.map((text) =>
        foldedText(text.replaceAll('`', ''), Math.min(helpWidth, WIDTH_MAX), 0),
      );
      const lines = examples.map((example) => `  ${example}`);
      return `\n${[...paragraphs, ['For example:', ...lines].join('\n')].join('\n\n')}`;
    });
}

const PATH = /<(?:FILE|FOLDER|DIR|PATH)>$/;

function optionOf({ flags, description, isMandatory, isList, choices }: CommandOption): Option {
  const option = new Option(flags, description).makeOptionMandatory(isMandatory);
  // Those that read standard input say so.
  const isPath = PATH.test(flags) && !description.includes('"-"');
  const read = isPath ? path : String;
  if (isList) {
    option.argParser<readonly string[]>((value, earlier = []) => [...earlier, read(value)]);
  } else if (isPath) option.argParser(path);
  if (choices !== undefined) option.choices(choices);
  return option;
}

/** Elsewhere it often means the terminal, which gets no file of ours: a file would be made that is called so. */
function path(value: string): string {
  if (value !== '-') return value;
  throw new InvalidArgumentError('It names no file; one that is called so is ./-');
}
