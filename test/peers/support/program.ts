import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from './environment.ts';

/** How a peer's program is started; it always stays in the foreground. */
export interface ProgramStart {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const STOP_TIMEOUT_MS = 15_000;

/** A running program of ours or of somebody else, with all it said in one log file. */
export class Program {
  readonly name: string;
  readonly logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #exitCode: number | undefined;
  #wasKilled = false;

  constructor(start: ProgramStart) {
    this.name = start.name;
    this.logFile = join(start.folder, `${start.name}.log`);
    const log = openSync(this.logFile, 'a');
    // A process group of its own, so that its children can be ended with it and nobody else.
    this.#child = spawn(start.command, start.args, {
      cwd: start.folder,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...environment, NODE_TEST_CONTEXT: undefined, ...start.environment },
    });
    closeSync(log);
    this.#ended = once(this.#child, 'close').then(([code]) => {
      this.#exitCode = typeof code === 'number' ? code : -1;
      return this.#exitCode;
    });
    this.#ended.catch(() => undefined);
  }

  /** Undefined while it runs; -1 when a signal ended it. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Whether the test itself ended it the hard way. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  get log(): string {
    return readFileSync(this.logFile, 'latin1');
  }

  /** Waits for its own end; throws when that takes longer. */
  async finished(timeoutMs: number): Promise<number> {
    const code = await within(this.#ended, timeoutMs);
    if (code === undefined) throw new Error(`${this.name} did not end within ${timeoutMs} ms`);
    return code;
  }

  /** Ends it in good order; kills what does not obey. Gives the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    if (this.#exitCode === undefined) this.#child.kill(signal);
    const code = await within(this.#ended, STOP_TIMEOUT_MS);
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
    return code ?? (await this.#ended);
  }

  /** As a crash or a pulled plug would end it. */
  async kill(): Promise<void> {
    this.#wasKilled = true;
    this.killAtOnce();
    await this.#ended;
  }

  /** For a test process that ends before its test does. */
  killAtOnce(): void {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
  }
}

/** Whatever of the group is left; the group is ours, because we made it. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of it is gone already.
  }
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  return await Promise.race([promise, once(timeout, 'abort').then((): undefined => undefined)]);
}
