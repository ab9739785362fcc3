#!/usr/bin/env node
import { homedir } from 'node:os';
import process from 'node:process';
import { runCommandLine } from './command-line.ts';
import type { Surroundings } from './surroundings.ts';

const surroundings: Surroundings = {
  folder: process.cwd(),
  home: homedir(),
  bundle: process.env['SALLYPORT_BUNDLE'],
  operatorKey: process.env['SALLYPORT_OPERATOR_KEY'],
  input: process.stdin,
  messages: process.stderr,
  nowMs: Date.now,
};
process.exitCode = await runCommandLine(process.argv.slice(2), surroundings, process.stdout);
