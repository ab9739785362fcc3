#!/usr/bin/env node
import { homedir } from 'node:os';
import process from 'node:process';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { runCommandLine } from './command-line.ts';
import { causeOf } from './outcome.ts';
import type { Surroundings } from './surroundings.ts';

/** As the shell tells the end of a program by SIGPIPE, whose reader, such as `head` or a pager, has gone away. */
const READER_GONE = 141;

process.stdout.on('error', (fault) => {
  if (errorCode(fault) === 'EPIPE') process.exit(READER_GONE);
  process.stderr.write(`error: the answer cannot be written: ${causeOf(fault)}\n`);
  process.exit(1);
});
process.stderr.on('error', () => process.exit(READER_GONE));

const surroundings: Surroundings = {
  folder: process.cwd(),
  home: homedir(),
  installed: '/etc/sallyport',
  bundle: process.env['SALLYPORT_BUNDLE'],
  operatorKey: process.env['SALLYPORT_OPERATOR_KEY'],
  input: process.stdin,
  messages: process.stderr,
  ...(process.stdout.isTTY && { columns: process.stdout.columns }),
  nowMs: Date.now,
};
process.exitCode = await runCommandLine(process.argv.slice(2), surroundings, process.stdout);
