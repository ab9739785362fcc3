import { basename, dirname } from 'node:path';
import process from 'node:process';
import type { Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { jsonLine } from '../ledger/render/json-line.ts';
import { programVersion } from '../program-version.ts';
import { type BundleOptions, bundleCommand } from './bundle/bundle-command.ts';
import { checkCommand } from './check-command.ts';
import { describedCommand } from './described-command.ts';
import { foldedText } from './folded-text.ts';
import { type InitOptions, initCommand } from './init-command.ts';
import type { LocalCommand } from './local-command.ts';
import { PLAN } from './local-commands.ts';
import type { Outcome } from './outcome.ts';
import { type PlanCommandOptions, planOrPreset } from './plan-preset.ts';
import { addRemoteCommands } from './remote-commands.ts';
import { APP_GATEWAY, DMZ_PROXY, runCommand } from './run-command.ts';
import {
  SITE_APP_GATEWAY,
  SITE_BUNDLE,
  SITE_CHECK,
  SITE_DMZ_PROXY,
  SITE_INIT,
} from './site-commands.ts';
import type { Surroundings } from './surroundings.ts';

const RUNNABLE = [
  [DMZ_PROXY, SITE_DMZ_PROXY],
  [APP_GATEWAY, SITE_APP_GATEWAY],
] as const;

const USAGE_EXIT_CODE = 2;
/** What a partner's file could steer a terminal with. */
const UNPRINTABLE = /[^\P{C}\n]/gu;

/** A window has a width. */
type Answers = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Shows what a command has to say, and keeps its exit code. */
type Finish = (command: Command, outcome: Outcome) => void;

/** Carries out what stands on a command line; exit codes: 0 done, 1 problems found or failed, 2 not understood. */
export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
  answers: Answers,
): Promise<number> {
  const program = new Command('sallyport').configureOutput({
    writeOut: (text) => answers.write(text),
    writeErr: (text) => surroundings.messages.write(text),
  });
  let exitCode = 0;
  const finish: Finish = (command, outcome) => {
    const { json } = command.optsWithGlobals<{ json?: boolean }>();
    if (json === true) answers.write(jsonLine(outcome.json));
    else {
      const isAnswer = outcome.exitCode === 0 || outcome.isAnswer === true;
      const stream: Answers = isAnswer ? answers : surroundings.messages;
      const text = outcome.text.replace(UNPRINTABLE, '?');
      const { isTTY, columns } = stream;
      // A pipe gets each row as one line; a person gets it as wide as the window is.
      const isRead = isTTY === true && columns !== undefined && columns > 0;
      stream.write(`${isRead ? foldedText(text, columns) : text}\n`);
    }
    exitCode = outcome.exitCode;
  };
  try {
    addCommands(program, surroundings, finish, (status) => {
      exitCode = status;
    });
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
    if (exitCode !== 0 && words.includes('--json')) {
      const next = 'sallyport --help shows every command';
      answers.write(`${JSON.stringify({ ok: false, error: { message: error.message, next } })}\n`);
    }
  }
  return exitCode;
}

function addCommands(
  program: Command,
  surroundings: Surroundings,
  finish: Finish,
  exit: (status: number) => void,
): void {
  const { nowMs } = surroundings;
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

  local(program.command('init <DIR>'), SITE_INIT).action(
    async (folder: string, options: InitOptions, command: Command) => {
      if (options.layout === undefined && options.preset === undefined) {
        command.error("error: required option '--layout <LAYOUT>' or '--preset <NAME>' is missing");
      }
      finish(command, await initCommand(folder, options, nowMs));
    },
  );
  local(program.command('check <DIR>'), SITE_CHECK).action(
    async (folder: string, _options: unknown, command: Command) => {
      finish(command, await checkCommand(siteFolder(folder), nowMs));
    },
  );
  local(program.command('bundle <DIR>'), SITE_BUNDLE).action(
    async (folder: string, options: BundleOptions, command: Command) => {
      finish(command, await bundleCommand(siteFolder(folder), nowMs, options));
    },
  );
  local(program.command('plan [SITE]'), PLAN).action(
    async (site: string | undefined, options: PlanCommandOptions, command: Command) => {
      if (site === undefined && options.preset === undefined) {
        command.error("error: missing argument 'SITE', or option '--preset <NAME>'");
      }
      finish(command, await planOrPreset(site, options, nowMs));
    },
  );
  for (const [runnable, definition] of RUNNABLE) {
    local(program.command(runnable.name), definition).action(
      async (options: { bundle: string }, command: Command) => {
        const ended = await runCommand(runnable, options.bundle);
        if (typeof ended === 'number') exit(ended);
        else finish(command, ended);
      },
    );
  }
  addRemoteCommands(program, surroundings, finish);
}

function local(command: Command, definition: LocalCommand): Command {
  return describedCommand(command, definition, definition.options);
}

/** A site is named by its folder, or by the file in it that was just edited. */
function siteFolder(named: string): string {
  return basename(named) === 'site.yaml' ? dirname(named) : named;
}
