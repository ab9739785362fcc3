#!/usr/bin/env node
import { homedir } from 'node:os';
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

/** The command line; exit codes: 0 done, 1 problems found or failed, 2 not understood. */
function commandLine(): Command {
  const program = new Command('sallyport')
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
      finish(command, await initCommand(folder, options, Date.now));
    });

  jsonOption(program.command('check <DIR>'))
    .description('report every problem of a site at once')
    .action(async (folder: string, _options: unknown, command: Command) => {
      finish(command, await checkCommand(folder, Date.now));
    });

  jsonOption(program.command('bundle <DIR>'))
    .description('write one folder per host into DIR/hosts')
    .option('--no-keys', 'without channel keys: each host makes its own (node request)')
    .option('--new-issuing-ca', 'replace the authority that gateways issue with; opens the root')
    .option('--root-passphrase-file <FILE>', 'passphrase of the root (default: ca/root.passphrase)')
    .action(async (folder: string, options: BundleOptions, command: Command) => {
      finish(command, await bundleCommand(folder, Date.now, options));
    });

  const plan = program.command('plan [SITE]').description(PLAN.summary);
  for (const { flags, description, isMandatory } of PLAN.options) {
    if (isMandatory) plan.requiredOption(flags, description);
    else if (flags.startsWith('--preset')) {
      plan.addOption(new Option(flags, description).choices(PRESET_NAMES));
    } else plan.option(flags, description);
  }
  plan.action(async (site: string | undefined, options: PlanCommandOptions, command: Command) => {
    finish(command, await planOrPreset(site, options, Date.now));
  });

  for (const runnable of [DMZ_PROXY, APP_GATEWAY]) {
    jsonOption(program.command(runnable.name))
      .description(`run ${runnable.name} with the bundle of its host`)
      .requiredOption('--bundle <DIR>', 'folder of the host, below hosts/ of the site')
      .action(async (options: { bundle: string }, command: Command) => {
        const ended = await runCommand(runnable, options.bundle);
        if (typeof ended === 'number') process.exitCode = ended;
        else finish(command, ended);
      });
  }
  addRemoteCommands(program, surroundings(), finish);
  return program;
}

function surroundings(): Surroundings {
  return {
    folder: process.cwd(),
    home: homedir(),
    bundle: process.env['SALLYPORT_BUNDLE'],
    operatorKey: process.env['SALLYPORT_OPERATOR_KEY'],
    input: process.stdin,
    messages: process.stderr,
    nowMs: Date.now,
  };
}

function jsonOption(command: Command): Command {
  return command.option('--json', 'answer with one JSON object instead of text');
}

function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

function finish(command: Command, outcome: Outcome): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  if (json === true) process.stdout.write(jsonLine(outcome.json));
  else {
    const isAnswer = outcome.exitCode === 0 || outcome.isAnswer === true;
    const stream = isAnswer ? process.stdout : process.stderr;
    stream.write(`${outcome.text.replace(UNPRINTABLE, '?')}\n`);
  }
  process.exitCode = outcome.exitCode;
}

try {
  await commandLine().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  if (process.exitCode !== 0 && process.argv.includes('--json')) {
    const next = 'sallyport --help shows every command';
    process.stdout.write(
      `${JSON.stringify({ ok: false, error: { message: error.message, next } })}\n`,
    );
  }
}
