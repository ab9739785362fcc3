#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { readBundle } from '../src/bundle.ts';
import { childEnvironment, codeFolders, launcherArguments } from '../src/launch.ts';

// Starts the launcher with exactly the rights it needs; Node has no way to give them up later.

const folder = resolve(process.argv[2] ?? '.');
const bundle = readBundle(folder);
// A bundle that cannot be read is the launcher's to report.
const permissionModel = bundle.ok ? bundle.value.config.permissionModel : 'required';
const child = spawn(process.execPath, launcherArguments(codeFolders(), folder, permissionModel), {
  stdio: 'inherit',
  env: childEnvironment(process.env),
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => child.kill(signal));
}
child.once('exit', (status, signal) => {
  process.exitCode = status ?? (signal === 'SIGTERM' ? 143 : 1);
});
