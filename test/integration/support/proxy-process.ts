import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One line of the proxy's log. */
export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

const COMMAND = [
  fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/bin/sallyport-dmz-proxy')),
];
/** Nobody is this late on a busy machine; shorter than any wait of the programs that ends by a timer of 30 s. */
const WAIT_MS = 20_000;

/** The real program, started as an operator starts it. */
export class ProxyProcess {
  readonly child: ChildProcess;
  readonly lines: LogLine[] = [];
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(folder: string, [program = '', ...words]: readonly string[] = COMMAND) {
    this.child = spawn(program, [...words, folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (text) => {
        this.lines.push(parsed(text));
        for (const look of this.#waiting) look();
      });
    }
    this.child.once('close', () => {
      this.#ended = true;
      for (const look of this.#waiting) look();
    });
  }

  /**
   * The first line of that event from `since` on, or the `nth`; throws with the whole log when it does not come.
   */
  async line(event: string, since = 0, nth = 1): Promise<LogLine> {
    const find = () => this.lines.slice(since).filter((line) => line.event === event)[nth - 1];
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, WAIT_MS);
    const look = () => {
      if (find() !== undefined || this.#ended) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(look);
    const found = find();
    if (found === undefined) {
      throw new Error(
        `no "${event}" in the log:\n${this.lines.map((l) => JSON.stringify(l)).join('\n')}`,
      );
    }
    return found;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Drains the program and resolves with its exit status. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await exited;
    }
    return this.child.exitCode;
  }

  async exit(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { event: 'stderr', text };
  }
}
