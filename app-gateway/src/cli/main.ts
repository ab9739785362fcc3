#!/usr/bin/env node
import { homedir } from 'node:os';
import { basename, dirname } from 'node:path';
import { Command, CommanderError } from 'commander';
import { jsonLine } from '../ledger/render/json-line.ts';
import { programVersion } from '../program-version.ts';
import { type BundleOptions, bundleCommand } from './bundle-command.ts';
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

const USAGE_EXIT_CODE = 2;
/** What a partner's file could steer a terminal with. */
const UNPRINTABLE = /[^\P{C}\n]/gu;

const RUNNABLE = [
  [DMZ_PROXY, SITE_DMZ_PROXY],
  [APP_GATEWAY, SITE_APP_GATEWAY],
] as const;

/** The command line; exit codes: 0 done, 1 problems found or failed, 2 not understood. */
function commandLine(): Command {
  const program = new Command('sallyport')
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
      finish(command, await initCommand(folder, options, Date.now));
    },
  );
  local(program.command('check <DIR>'), SITE_CHECK).action(
    async (folder: string, _options: unknown, command: Command) => {
      finish(command, await checkCommand(siteFolder(folder), Date.now));
    },
  );
  local(program.command('bundle <DIR>'), SITE_BUNDLE).action(
    async (folder: string, options: BundleOptions, command: Command) => {
      finish(command, await bundleCommand(siteFolder(folder), Date.now, options));
    },
  );
  local(program.command('plan [SITE]'), PLAN).action(
    async (site: string | undefined, options: PlanCommandOptions, command: Command) => {
      if (site === undefined && options.preset === undefined) {
        command.error("error: missing argument 'SITE', or option '--preset <NAME>'");
      }
      finish(command, await planOrPreset(site, options, Date.now));
    },
  );
  for (const [runnable, definition] of RUNNABLE) {
    local(program.command(runnable.name), definition).action(
      async (options: { bundle: string }, command: Command) => {
        const ended = await runCommand(runnable, options.bundle);
        if (typeof ended === 'number') process.exitCode = ended;
        else finish(command, ended);
      },
    );
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
    ...(process.stdout.isTTY && { columns: process.stdout.columns }),
    nowMs: Date.now,
  };
}

function local(command: Command, definition: LocalCommand): Command {
  return describedCommand(command, definition, definition.options);
}

/** A site is named by its folder, or by the file in it that was just edited. */
function siteFolder(named: string): string {
  return basename(named) === 'site.yaml' ? dirname(named) : named;
}

function finish(command: Command, outcome: Outcome): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  if (json === true) process.stdout.write(jsonLine(outcome.json));
  else {
    const isAnswer = outcome.exitCode === 0 || outcome.isAnswer === true;
    const stream = isAnswer ? process.stdout : process.stderr;
    const text = outcome.text.replace(UNPRINTABLE, '?');
    // A pipe gets each row as one line; a person gets it as wide as the window is.
    stream.write(`${stream.isTTY ? foldedText(text, stream.columns) : text}\n`);
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
