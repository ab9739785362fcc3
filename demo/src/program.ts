import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { SALLYPORT } from './demo-site.ts';

/** A first start makes a database: seconds, or a minute where a machine has much else to do. */
const READY_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 15_000;

/** A log line of a program, as far as the demo reads it. */
export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** One of our two programs, run the way an operator runs it. */
export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number>;
  readonly #waiting = new Set<(line: LogLine) => void>();
  readonly lines: LogLine[] = [];

  constructor(name: 'dmz-proxy' | 'app-gateway', bundle: string) {
    this.name = name;
    this.#child = spawn(SALLYPORT, [name, '--bundle', bundle], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Whatever ends the demo, a stage that could not be set included, ends what it started.
    const end = () => this.#child.kill('SIGKILL');
    process.once('exit', end);
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        process.off('exit', end);
        resolve(code ?? 1);
      });
    });
    if (this.#child.stdout === null) throw new Error('no output');
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#line(text));
  }

  /** Resolves with the first log line of that event, past (from line `since` on) or to come. */
  event(event: string, since = 0): Promise<LogLine> {
    const isIt = (line: LogLine) => line.event === event;
    const past = this.lines.slice(since).find(isIt);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.name} did not say "${event}" in time; last: ${this.#last()}`));
      }, READY_TIMEOUT_MS);
      const waiting = (line: LogLine) => {
        if (!isIt(line)) return;
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve(line);
      };
      this.#waiting.add(waiting);
      void this.#exited.then((code) => {
        clearTimeout(timer);
        reject(new Error(`${this.name} ended with ${code}; last: ${this.#last()}`));
      });
    });
  }

  /** Drains the program; resolves with its exit code. */
  async stop(): Promise<number> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  #line(text: string): void {
    try {
      const line = JSON.parse(text) as LogLine;
      this.lines.push(line);
      for (const waiting of [...this.#waiting]) waiting(line);
    } catch {
      // Not a log line: a crash report goes to standard error.
    }
  }

  #last(): string {
    return JSON.stringify(this.lines.slice(-3));
  }
}
