import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { processTree } from './process-tree.ts';

/** Which core a process may use: the system under test and the load never share one. */
export const SYSTEM_CORE = '0';
export const LOAD_CORE = '1';

const END_TIMEOUT_MS = 5000;

/** A program of the bench, held on one core, with its output in a file. */
export class PinnedProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(core: string, command: readonly string[], logFile: string) {
    const log = openSync(logFile, 'w');
    // `taskset` becomes the program itself, so the process id stays that of the child.
    this.#child = spawn('taskset', ['-c', core, ...command], { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#exited = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks it to end, and makes it end when it does not. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    const late = delay(END_TIMEOUT_MS, 'late', { ref: false });
    if ((await Promise.race([this.#exited, late])) === 'late') {
      for (const pid of processTree([this.pid]).toReversed()) killIfThere(pid);
    }
    await this.#exited;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
