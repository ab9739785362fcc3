import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { isSea } from 'node:sea';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { type Bundle, readBundle } from './bundle/bundle.ts';
import { HostUseRelay } from './identity/host-use.ts';
import { type CompiledCode, compiledCode } from './launcher/compiled-code.ts';
import { HEARTBEAT_VARIABLE } from './launcher/heartbeat.ts';
import { HostFitness } from './launcher/host-fitness.ts';
import {
  childEnvironment,
  codeFolders,
  freeLauncherArguments,
  workerArguments,
} from './launcher/launch.ts';
import { packedWorkerArguments } from './launcher/single-file.ts';
import { EXIT_MISCONFIGURED, Supervisor } from './launcher/supervisor.ts';

// The launcher: reads the bundle, starts the workers, passes signals on. It opens no socket.

const log = jsonLog(
  (line) => process.stdout.write(line),
  { program: 'dmz-proxy', pid: process.pid },
  Date.now,
);
// Whoever reads our log may go away: lines are lost then, and nothing else.
process.stdout.on('error', () => undefined);
const folder = process.argv[2];
if (folder === undefined) {
  log.error('usage', { usage: 'sallyport-dmz-proxy BUNDLE-FOLDER' });
  process.exitCode = 2;
} else {
  const bundle = readBundle(resolve(folder));
  if (bundle.ok) {
    const { permissionModel } = bundle.value.config;
    if (permissionModel === 'off' && process.permission !== undefined && !isSea()) {
      beginAgainFree(bundle.value.folder);
    } else launch(bundle.value);
  } else {
    for (const problem of bundle.error) log.error('bundle-refused', { problem });
    process.exitCode = EXIT_MISCONFIGURED;
  }
}

function launch(bundle: Bundle): void {
  const { workers, permissionModel } = bundle.config;
  const { argumentsOf, compiled } = isSea() ? fromSingleFile() : fromSource();
  const env = { ...childEnvironment(process.env, compiled), [HEARTBEAT_VARIABLE]: '3' };
  const fitness = new HostFitness();
  fitness.repeat(systemClock);
  const use = new HostUseRelay();
  const supervisor = new Supervisor({
    workers,
    start: (worker) => {
      const child = spawn(
        process.execPath,
        argumentsOf(bundle.folder, worker, permissionModel),
        // A worker's standard input ends with the launcher: none is left behind alone. By two it says that it lives,
        // and whether it can serve partners; by the last workers tell each other what partners use.
        { stdio: ['pipe', 'inherit', 'inherit', 'pipe', 'pipe', 'pipe'], env },
      );
      fitness.join(worker, child);
      use.join(worker, child);
      return child;
    },
    clock: { ...systemClock, after: heldAfter },
    log,
    ended: (status) => process.exit(status),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => supervisor.stop());
  process.on('SIGHUP', () => supervisor.signal('SIGHUP'));
  log.info('launched', { workers });
  if (!compiled.ok && compiled.error !== 'absent') {
    log.warn('compiled-code-refused', { problem: compiled.error });
  }
}

/** The same process without the permission model, which this bundle turns off. */
function beginAgainFree(bundleFolder: string): void {
  const code = codeFolders();
  const words = freeLauncherArguments(code, bundleFolder);
  const environment = childEnvironment(process.env, compiledCode(code.proxy));
  process.execve?.(process.execPath, [process.execPath, ...words], environment);
}

/** How this installation starts a worker. */
interface Installation {
  readonly argumentsOf: typeof packedWorkerArguments;
  readonly compiled: CompiledCode;
}

function fromSource(): Installation {
  const code = codeFolders();
  return {
    argumentsOf: (...worker) => workerArguments(code, ...worker),
    compiled: compiledCode(code.proxy),
  };
}

/** Its compiled code is inside it. */
function fromSingleFile(): Installation {
  return { argumentsOf: packedWorkerArguments, compiled: { ok: false, error: 'absent' } };
}

/** While a restart is due there may be no child, and the process must wait for it all the same. */
function heldAfter(delayMs: number, run: () => void): { stop(): void } {
  const timer = setTimeout(run, delayMs);
  return { stop: () => clearTimeout(timer) };
}
