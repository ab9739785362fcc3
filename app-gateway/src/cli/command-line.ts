import type { Writable } from 'node:stream';
import { Command, CommanderError, Option } from 'commander';
import { siteSchema } from '../config/site-schema.ts';
import { jsonLine } from '../ledger/render/json-line.ts';
import { type BundleOptions, bundleCommand } from './bundle/bundle-command.ts';
import { checkCommand } from './check-command.ts';
import { type InitOptions, initCommand } from './init-command.ts';
import { PLAN } from './local-commands.ts';
import type { Outcome } from './outcome.ts';
import { type PlanCommandOptions, planOrPreset } from './plan-preset.ts';
import { addRemoteCommands } from './remote-commands.ts';
import { APP_GATEWAY, DMZ_PROXY, runCommand } from './run-command.ts';
import { PRESET_NAMES } from './site-preset.ts';
import type { Surroundings } from './surroundings.ts';

const USAGE_EXIT_CODE = 2;
/** What a partner's file could steer a terminal with. */
const UNPRINTABLE = /[^\P{C}\n]/gu;

/** Shows what a command has to say, and keeps its exit code. */
type Finish = (command: Command, outcome: Outcome) => void;

/** Carries out what stands on a command line; exit codes: 0 done, 1 problems found or failed, 2 not understood. */
export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
  answers: Writable,
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
      const stream = isAnswer ? answers : surroundings.messages;
      stream.write(`${outcome.text.replace(UNPRINTABLE, '?')}\n`);
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
    .exitOverride()
    .showHelpAfterError('(sallyport --help shows every command)');

  jsonOption(program.command('init <DIR>'))
    .description('make a new site in an empty folder')
    .addOption(
      new Option('--layout <LAYOUT>', 'where the firewalls stand').choices(
        siteSchema.shape.layout.options,
      ),
    )
    .addOption(
      new Option(
        '--preset <NAME>',
        'a site in a network, instead of a layout on one machine',
      ).choices(PRESET_NAMES),
    )
    .option('--site <NAME>', 'short name of the site (default: first part of the first domain)')
    .option('--domain <DOMAIN>', 'a domain of ours; may be repeated', collect, [])
    .option('--public-host <HOST>', 'name that partners dial (default: sip.<first domain>)')
    .option('--root-passphrase-file <FILE>', 'passphrase of the root (default: one is made)')
    .action(async (folder: string, options: InitOptions, command: Command) => {
      if (options.layout === undefined && options.preset === undefined) {
        command.error("error: required option '--layout <LAYOUT>' or '--preset <NAME>' is missing");
      }
      finish(command, await initCommand(folder, options, nowMs));
    });

  jsonOption(program.command('check <DIR>'))
    .description('report every problem of a site at once')
    .action(async (folder: string, _options: unknown, command: Command) => {
      finish(command, await checkCommand(folder, nowMs));
    });

  jsonOption(program.command('bundle <DIR>'))
    .description('write one folder per host into DIR/hosts')
    .option('--no-keys', 'without channel keys: each host makes its own (node request)')
    .option('--new-issuing-ca', 'replace the authority that gateways issue with; opens the root')
    .option('--root-passphrase-file <FILE>', 'passphrase of the root (default: ca/root.passphrase)')
    .action(async (folder: string, options: BundleOptions, command: Command) => {
      finish(command, await bundleCommand(folder, nowMs, options));
    });

  const plan = program.command('plan [SITE]').description(PLAN.summary);
  for (const { flags, description, isMandatory } of PLAN.options) {
    if (isMandatory) plan.requiredOption(flags, description);
    else if (flags.startsWith('--preset')) {
      plan.addOption(new Option(flags, description).choices(PRESET_NAMES));
    } else plan.option(flags, description);
  }
  plan.action(async (site: string | undefined, options: PlanCommandOptions, command: Command) => {
    finish(command, await planOrPreset(site, options, nowMs));
  });

  for (const runnable of [DMZ_PROXY, APP_GATEWAY]) {
    jsonOption(program.command(runnable.name))
      .description(`run ${runnable.name} with the bundle of its host`)
      .requiredOption('--bundle <DIR>', 'folder of the host, below hosts/ of the site')
      .action(async (options: { bundle: string }, command: Command) => {
        const ended = await runCommand(runnable, options.bundle);
        if (typeof ended === 'number') exit(ended);
        else finish(command, ended);
      });
  }
  addRemoteCommands(program, surroundings, finish);
}

function jsonOption(command: Command): Command {
  return command.option('--json', 'answer with one JSON object instead of text');
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}
