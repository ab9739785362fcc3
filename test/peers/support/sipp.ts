import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, hostPort } from './addresses.ts';
import { pathOf } from './available.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { sippTrace, type TracedMessage } from './trace.ts';
import { isListening } from './wait.ts';

/** One SIPp with one scenario; Debian's knows no TLS, so it always speaks plain TCP to its neighbour. */
export interface SippSetup {
  readonly name: string;
  /** File of `scenarios/`, without `.xml`. */
  readonly scenario: string;
  readonly local: Endpoint;
  /** Words that the scenario uses as `[name]`. */
  readonly words?: Readonly<Record<string, string>>;
  readonly calls?: number;
}

/** Long enough for a slow machine to set up a whole site while an answering SIPp waits. */
const TIMEOUT_S = 60;
const SCENARIOS = join(import.meta.dirname, '..', 'scenarios');

/** A SIPp that was started; its trace is what it saw on the wire. */
export class Sipp {
  readonly #program: Program;
  readonly #traceFile: string;

  constructor(program: Program, traceFile: string) {
    this.#program = program;
    this.#traceFile = traceFile;
  }

  /** Waits for its last call: 0 when each went as its scenario says. */
  finished(): Promise<number> {
    return this.#program.finished((TIMEOUT_S + 5) * 1000);
  }

  messages(): readonly TracedMessage[] {
    return existsSync(this.#traceFile) ? sippTrace(readFileSync(this.#traceFile, 'latin1')) : [];
  }

  received(): readonly TracedMessage[] {
    return this.messages().filter((message) => message.direction === 'received');
  }
}

/** Starts a SIPp that waits for calls. */
export function startServer(stage: Stage, setup: SippSetup): Promise<Sipp> {
  return start(stage, setup, [], () => isListening(setup.local));
}

/** Starts a SIPp that makes calls through a neighbour. */
export function startClient(stage: Stage, setup: SippSetup, neighbour: Endpoint): Promise<Sipp> {
  return start(stage, setup, [hostPort(neighbour)], () => true);
}

async function start(
  stage: Stage,
  setup: SippSetup,
  target: readonly string[],
  isReady: () => boolean,
): Promise<Sipp> {
  const traceFile = join(stage.folder, `${setup.name}.trace`);
  const calls = setup.calls ?? 1;
  const words = Object.entries(setup.words ?? {}).flatMap(([name, value]) => ['-key', name, value]);
  const args = [
    ...['-sf', join(SCENARIOS, `${setup.scenario}.xml`), '-t', 't1', '-nostdin'],
    ...['-i', setup.local.host, '-p', String(setup.local.port)],
    ...['-m', String(calls), '-l', String(calls), '-r', '100'],
    ...['-timeout', String(TIMEOUT_S), '-timeout_error', '-recv_timeout', '15000'],
    ...['-trace_msg', '-message_file', traceFile, '-message_overwrite', 'true', '-trace_err'],
    ...['-error_file', join(stage.folder, `${setup.name}.errors`), '-cp', '0'],
    ...words,
    ...target,
  ];
  const program = await stage.start(
    { name: setup.name, command: pathOf('sipp') ?? 'sipp', args },
    (running) => running.exitCode !== undefined || isReady(),
  );
  return new Sipp(program, traceFile);
}
