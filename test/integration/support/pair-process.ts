import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childrenOf, socketsOf } from './child-processes.ts';
import { Watch } from './pair-watch.ts';

/** One line of a program's log. */
export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

const PROXY = fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/bin/sallyport-dmz-proxy'));
const GATEWAY = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/main.ts'));

/** One of the two programs, run as its service manager runs it, with every byte it writes kept. */
export class PairProcess {
  readonly name: 'dmz-proxy' | 'app-gateway';
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #watch = new Watch();
  #lines: readonly LogLine[] = [];
  #linesAt = 0;

  /** `nodeOptions` are the gateway's: the proxy takes none from outside. */
  constructor(name: PairProcess['name'], folder: string, nodeOptions: readonly string[] = []) {
    this.name = name;
    const [program, words] =
      name === 'dmz-proxy' ? [PROXY, []] : [process.execPath, [...nodeOptions, GATEWAY]];
    this.child = spawn(program, [...words, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.stdout += text;
      this.#watch.look();
    });
    this.child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child.once('close', () => this.#watch.look());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Whole lines so far; one that is not JSON has the event `no-json`. */
  get lines(): readonly LogLine[] {
    const end = this.stdout.lastIndexOf('\n') + 1;
    if (end !== this.#linesAt) {
      const fresh = this.stdout.slice(this.#linesAt, end).split('\n').slice(0, -1);
      this.#lines = [...this.#lines, ...fresh.map(parsed)];
      this.#linesAt = end;
    }
    return this.#lines;
  }

  /** The first line of that event that matches, from line `since` on. */
  async line(
    event: string,
    matches: (line: LogLine) => boolean = () => true,
    since = 0,
  ): Promise<LogLine> {
    const find = () => this.lines.slice(since).find((one) => one.event === event && matches(one));
    await this.#watch.until(
      () => find() !== undefined,
      () => `"${event}" of ${this.name}:\n${this.stdout.slice(-4000)}\n${this.stderr.slice(-2000)}`,
    );
    return find() as LogLine;
  }

  /** As a crash or a pulled plug would end it; resolves when it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Drains it; resolves with its exit status. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return await this.exit();
  }

  async exit(): Promise<number | null> {
    if (this.isRunning) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
}

/** Worker processes of a proxy: those of its descendants that have no child. */
export function workersOf(proxy: PairProcess): readonly number[] {
  return leavesBelow(proxy.pid).filter((pid) => pid !== proxy.pid);
}

function leavesBelow(pid: number): readonly number[] {
  const children = childrenOf(pid);
  return children.length === 0 ? [pid] : children.flatMap(leavesBelow);
}

/** Whether a process holds the end with that port of its own of the connection with that port at the far end. */
export function holdsConnection(pid: number, ownPort: number, farPort: number): boolean {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set(
    readFileSync('/proc/net/tcp', 'latin1')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[1]?.endsWith(hex(ownPort)) && row[2]?.endsWith(hex(farPort)))
      .map((row) => row[9]),
  );
  return socketsOf(pid).some((inode) => inodes.has(inode));
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { event: 'no-json', text };
  }
}
