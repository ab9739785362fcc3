import process from 'node:process';
import type { Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { GROUPS, shownWords } from '../commands/command-groups.ts';
import { jsonLine } from '../ledger/render/json-line.ts';
import { programVersion } from '../program-version.ts';
import { describedCommand } from './described-command.ts';
import { foldedText } from './folded-text.ts';
import { GATEWAY_COMMANDS } from './gateway-commands.ts';
import { LOCAL_COMMANDS } from './local-commands.ts';
import type { Outcome } from './outcome.ts';
import { SITE_COMMANDS } from './site-commands.ts';
import type { Surroundings } from './surroundings.ts';
import type { TypedCommand } from './typed-command.ts';

/** Every command, in the order of the help and the manual. */
export const TYPED_COMMANDS: readonly TypedCommand[] = [
  ...SITE_COMMANDS,
  ...GATEWAY_COMMANDS,
  ...LOCAL_COMMANDS,
];

const USAGE_EXIT_CODE = 2;
/** What a partner's file could steer a terminal with. */
const UNPRINTABLE = /[^\P{C}\n]/gu;

/** A window has a width. */
type Answers = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What each command says below its errors: programs are told the same as people. */
const HELP_AFTER_ERROR = /^\((sallyport .*--help shows .*)\)$/m;

/** Shows what a command has to say, and keeps its exit code. */
type Finish = (command: Command, outcome: Outcome | number) => void;

/** Carries out what stands on a command line; exit codes: 0 done, 1 problems found or failed, 2 not understood. */
export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
  answers: Answers,
): Promise<number> {
  let next = 'sallyport --help shows every command';
  const program = new Command('sallyport').configureOutput({
    writeOut: (text) => answers.write(text),
    writeErr: (text) => {
      next = HELP_AFTER_ERROR.exec(text)?.[1] ?? next;
      surroundings.messages.write(text);
    },
  });
  let exitCode = 0;
  const finish: Finish = (command, outcome) => {
    if (typeof outcome === 'number') {
      exitCode = outcome;
      return;
    }
    const { json } = command.optsWithGlobals<{ json?: boolean }>();
    if (json === true) answers.write(jsonLine(outcome.json));
    else {
      const stream: Answers = outcome.isComplaint === true ? surroundings.messages : answers;
      const text = outcome.text.replace(UNPRINTABLE, '?');
      const { isTTY, columns } = stream;
      // A pipe gets each row as one line; a person gets it as wide as the window is.
      const isRead = isTTY === true && columns !== undefined && columns > 0;
      stream.write(`${isRead ? foldedText(text, columns) : text}\n`);
    }
    exitCode = outcome.exitCode;
  };
  try {
    addCommands(program, surroundings, finish);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
    if (exitCode !== 0 && words.includes('--json')) {
      const message = error.message.replace(/^error: /, '');
      answers.write(jsonLine({ ok: false, error: { message, next } }));
    }
  }
  return exitCode;
}

function addCommands(program: Command, surroundings: Surroundings, finish: Finish): void {
  program
    .description('Guarded federation edge for SIP: sites, bundles, and the two programs')
    .option('--json', 'answer with one JSON object instead of text')
    .version(
      `sallyport ${programVersion()} (Node.js ${process.version})`,
      '-V, --version',
      'display the version',
    )
    .exitOverride()
    .showHelpAfterError('(sallyport --help shows every command)');
  for (const typed of TYPED_COMMANDS) {
    const [group, name] = typed.words;
    const parent = shownWords(typed.words).length === 1 ? program : groupOf(program, group);
    const command = describedCommand(parent.command(name), typed);
    command.action(async () => {
      const given = { words: command.processedArgs, options: command.optsWithGlobals() };
      const wrong = typed.wrong?.(given);
      if (wrong !== undefined) command.error(`error: ${wrong}`);
      const show = (outcome: Outcome) => finish(command, outcome);
      finish(command, await typed.carryOut(given, surroundings, show));
    });
  }
}

/** The command that a group's commands stand below; made when the first of them comes. */
function groupOf(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found !== undefined) return found;
  return program
    .command(name)
    .description(GROUPS.get(name) ?? '')
    .showHelpAfterError(`(sallyport ${name} --help shows every command)`);
}
