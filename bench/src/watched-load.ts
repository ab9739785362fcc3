import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { figuresOf } from './load.ts';
import { LOAD_CORE } from './pinned-process.ts';
import { EDGE_PORT, identityArguments } from './sip-sink.ts';
import { at, type Workplace } from './workplace.ts';

/** What became of a load's messages until now. */
export interface LoadSums {
  readonly sent: number;
  readonly answered: number;
  /** Answered otherwise than well, or unanswered on a connection that is gone. */
  readonly failed: number;
  /** Unanswered for a second. */
  readonly stuck: number;
  readonly underWay: number;
  readonly connections: number;
}

export const NO_SUMS: LoadSums = {
  sent: 0,
  answered: 0,
  failed: 0,
  stuck: 0,
  underWay: 0,
  connections: 0,
};

const SUMS_EVERY_S = '0.1';
const SECONDS_MAX = '600';
const WAIT_MS = 15_000;

/** A load at a steady rate that tells its sums while it runs, and can be made to stop sending before it ends. */
export class WatchedLoad {
  readonly complaints: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #sums = NO_SUMS;
  #lines = 0;
  #slowestUs = 0;

  /** Connects as the partner, with its certificate of now or of its next authority. */
  constructor(
    place: Workplace,
    who: 'partner' | 'next-partner',
    load: { readonly connections: number; readonly perSecond: number },
  ) {
    const { connections, perSecond } = load;
    // The edge is judged by the authority that it has its certificates from, whoever the load is.
    const [, , ...identity] = identityArguments(place, who);
    const words = [
      ...['msg', '-a', `127.0.0.1:${EDGE_PORT}`, '-A', at(place, 'pki', 'ca.crt'), ...identity],
      ...['-n', `${connections}`, '-r', `${perSecond}`, '-t', SECONDS_MAX, '-i', SUMS_EVERY_S],
    ];
    this.#child = spawn('taskset', ['-c', LOAD_CORE, at(place, 'bin', 'sipload'), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('no output to read');
    createInterface(stdout).on('line', (line) => this.#note(figuresOf(line)));
    createInterface(stderr).on('line', (line) => {
      if (!/^(tls:|connection \d+ closed by peer)/.test(line)) this.complaints.push(line);
    });
  }

  get sums(): LoadSums {
    return this.#sums;
  }

  /** The longest that an answer took since this was asked last. */
  takeSlowestUs(): number {
    const slowestUs = this.#slowestUs;
    this.#slowestUs = 0;
    return slowestUs;
  }

  /** Until sums have been told that are younger than this call, and fulfil what is wanted. */
  async until(what: string, isIt: (sums: LoadSums) => boolean = () => true): Promise<void> {
    const [lines, endMs] = [this.#lines, performance.now() + WAIT_MS];
    while (this.#lines === lines || !isIt(this.#sums)) {
      if (this.#child.exitCode !== null) throw new Error(`the load has ended before ${what}`);
      if (performance.now() > endMs) {
        throw new Error(`no ${what} within ${WAIT_MS} ms: ${JSON.stringify(this.#sums)}`);
      }
      await delay(10);
    }
  }

  /** Sends no more and waits for the answers under way; the connections stay. */
  async fallSilent(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.until('silence', ({ underWay }) => underWay === 0);
  }

  /** Ends a load that has fallen silent, unless all of its connections are gone and it has ended by itself. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGTERM');
    await this.#closed;
  }

  /** Until every connection was ended by the other side. */
  async untilLeftAlone(): Promise<void> {
    const late = delay(WAIT_MS, 'late', { ref: false });
    if ((await Promise.race([this.#closed, late])) === 'late') {
      throw new Error(`${this.#sums.connections} connections were not ended`);
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The last line of all has other figures: those of a measured case. */
  #note(figures: Readonly<Record<string, number>>): void {
    const { sent, ok = 0, err = 0, lost = 0, up = 0, under = 0, stuck = 0, slowest = 0 } = figures;
    if (sent === undefined) return;
    this.#lines++;
    this.#slowestUs = Math.max(this.#slowestUs, slowest);
    this.#sums = {
      sent,
      answered: ok,
      failed: err + lost,
      stuck,
      underWay: under,
      connections: up,
    };
  }
}
