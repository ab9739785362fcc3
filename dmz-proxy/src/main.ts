import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { readBundle } from './bundle.ts';
import { childEnvironment, codeFolders, workerArguments } from './launch.ts';
import { EXIT_MISCONFIGURED, Supervisor } from './supervisor.ts';

// The launcher: reads the bundle, starts the workers, passes signals on. It opens no socket.

const folder = process.argv[2];
const log = jsonLog(
  (line) => process.stdout.write(line),
  { program: 'dmz-proxy', pid: process.pid },
  Date.now,
);

if (folder === undefined) {
  log.error('usage', { usage: 'sallyport-dmz-proxy BUNDLE-FOLDER' });
  process.exitCode = 2;
} else {
  const bundle = readBundle(resolve(folder));
  if (bundle.ok) launch(bundle.value.folder, bundle.value.config.workers);
  else {
    for (const problem of bundle.error) log.error('bundle-refused', { problem });
    process.exitCode = EXIT_MISCONFIGURED;
  }

  function launch(bundleFolder: string, workers: number): void {
    const code = codeFolders();
    const environment = childEnvironment(process.env);
    // Nothing is due while all workers run: the children keep this process alive.
    const supervisor = new Supervisor({
      workers,
      start: (worker) => {
        const current = readBundle(bundleFolder);
        const model = current.ok ? current.value.config.permissionModel : 'required';
        return spawn(
          process.execPath,
          workerArguments(code, bundleFolder, worker, model),
          // A worker's standard input ends with the launcher: none is left behind alone.
          { stdio: ['pipe', 'inherit', 'inherit'], env: environment },
        );
      },
      clock: { ...systemClock, after: heldAfter },
      log,
      ended: (status) => process.exit(status),
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => supervisor.stop());
    }
    process.on('SIGHUP', () => supervisor.signal('SIGHUP'));
    log.info('launched', { workers });
  }
}

/** While a restart is due there may be no child, and the process must wait for it all the same. */
function heldAfter(delayMs: number, run: () => void): { stop(): void } {
  const timer = setTimeout(run, delayMs);
  return { stop: () => clearTimeout(timer) };
}
