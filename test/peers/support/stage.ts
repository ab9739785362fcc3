import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Program, type ProgramStart } from './program.ts';
import { until } from './wait.ts';

const LOG_LINES_SHOWN = 60;
const READY_TIMEOUT_MS = 30_000;

/**
 * Everything that one test started, in one folder.
 *
 * When the test ends, all programs are stopped, the last first; when it fails, their logs are shown and the
 * folder stays.
 */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-peers-'));
  readonly #programs: Program[] = [];
  readonly #lastChecks: (() => void)[] = [];
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #killAll = (): void => {
    for (const program of this.#programs) program.killAtOnce();
  };

  constructor() {
    process.on('exit', this.#killAll);
  }

  /** Makes a folder below the stage's own. */
  subfolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Starts a program and waits until it is ready, or throws as soon as it has ended instead. */
  async start(
    start: Omit<ProgramStart, 'folder'> & { readonly folder?: string },
    isReady: (program: Program) => Promise<boolean> | boolean,
  ): Promise<Program> {
    const program = new Program({ folder: this.folder, ...start });
    this.#programs.push(program);
    await until(`${start.name} to be ready`, READY_TIMEOUT_MS, async () => {
      if (program.exitCode !== undefined) {
        throw new Error(`${start.name} ended with ${program.exitCode} before it was ready`);
      }
      return (await isReady(program)) || undefined;
    });
    return program;
  }

  /** Something that must hold once everything has been stopped, for tests that went well so far. */
  atTheEnd(check: () => void): void {
    this.#lastChecks.push(check);
  }

  /** Something that programs of the stage use until they are stopped. */
  atTheVeryEnd(close: () => Promise<void>): void {
    this.#closing.push(close);
  }

  checkAtTheEnd(): void {
    for (const check of this.#lastChecks) check();
  }

  async stopAll(): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.stop();
    for (const close of this.#closing.toReversed()) await close();
    process.off('exit', this.#killAll);
  }

  removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  showLogs(): void {
    for (const program of this.#programs) {
      const lines = program.log.trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
      console.error(`--- ${program.name} (${program.logFile})\n${lines.join('\n')}`);
    }
  }
}

// The programs have process groups of their own, so nobody else would end them with us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Runs a test with a stage of its own, and clears the stage afterwards whatever happened. */
export function staged(
  play: (stage: Stage) => Promise<void>,
): (test: TestContext) => Promise<void> {
  return async () => {
    const stage = new Stage();
    try {
      try {
        await play(stage);
      } finally {
        await stage.stopAll();
      }
      stage.checkAtTheEnd();
    } catch (fault) {
      stage.showLogs();
      throw fault;
    }
    stage.removeFolder();
  };
}
