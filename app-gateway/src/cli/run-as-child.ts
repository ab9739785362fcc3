import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const PARENT_LOOK_MS = 500;

/**
 * Runs a program as a child and lives as long as it does; gives its exit code.
 *
 * This is for `npx`, which puts a shell between itself and us: a signal ends the shell and never arrives here,
 * and the program would stay behind alone. So a parent that is gone counts as SIGTERM.
 */
export function runAsChild(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(program, words, { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    child.kill('SIGTERM');
  }, PARENT_LOOK_MS);
  return new Promise((ended, failed) => {
    child.once('error', failed);
    child.once('exit', (status, signal) => {
      clearInterval(look);
      ended(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
