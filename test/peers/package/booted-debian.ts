import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { environment } from '../support/environment.ts';
import { until } from '../support/wait.ts';
import { ControlGroup } from './control-group.ts';

const UP_MS = 60_000;
const DOWN_MS = 20_000;
const INSIDE = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' };

/** How a command ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A Debian in a folder, begun by its own systemd as its first process, in namespaces and a control group of its own:
 * a host with packages, for as long as a test runs. The network is a namespace that is there already.
 */
export class BootedDebian {
  readonly #group: ControlGroup;
  readonly #logFile: string;
  readonly #words: readonly string[];
  #container: ChildProcess | undefined;
  #leader = 0;
  readonly #killAll = (): void => {
    // With its first process everybody in there dies; systemd-nspawn alone would leave them behind.
    if (this.#leader > 0) process.kill(this.#leader, 'SIGKILL');
    this.#container?.kill('SIGKILL');
  };

  private constructor(group: ControlGroup, words: readonly string[], logFile: string) {
    this.#group = group;
    this.#words = words;
    this.#logFile = logFile;
    process.on('exit', this.#killAll);
  }

  /** Boots the folder in a network namespace and waits until systemd says that it is done. */
  static async boot(root: string, network: string, logFile: string): Promise<BootedDebian> {
    const name = `sp-${process.pid}-debian`;
    const group = ControlGroup.make(name);
    if (group === undefined) throw new Error('no control group can be made here');
    const words = [
      ...['--boot', '--register=no', '--keep-unit', '--console=pipe', '--quiet'],
      ...[`--directory=${root}`, `--machine=${name}`],
      `--network-namespace-path=/run/netns/${network}`,
    ];
    const debian = new BootedDebian(group, words, logFile);
    try {
      await debian.#up();
      return debian;
    } catch (fault) {
      await debian.shutDown();
      throw fault;
    }
  }

  /** Number of its first process, as it is here. */
  get leader(): number {
    return this.#leader;
  }

  /** What a command on that host says; throws with all it said where it fails. */
  run(...words: readonly string[]): string {
    const ended = this.attempt(...words);
    if (ended.status === 0) return ended.stdout.trim();
    throw new Error(`${words.join(' ')}: ${ended.status}\n${ended.stdout}${ended.stderr}`);
  }

  /** How a command on that host ends. */
  attempt(...words: readonly string[]): Ended {
    return spawnSync('nsenter', this.#inside(words), {
      encoding: 'utf8',
      env: INSIDE,
      timeout: UP_MS,
    });
  }

  /** Writes a file of that host, and the folders that it lies in. */
  write(path: string, text: string): void {
    const words = ['sh', '-c', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path];
    execFileSync('nsenter', this.#inside(words), { input: text, env: INSIDE });
  }

  /** Processes of a unit, by the numbers that they have here. */
  processesOf(unit: string): readonly number[] {
    const below = this.run('systemctl', 'show', '--property=ControlGroup', '--value', unit);
    return below === '' ? [] : this.#group.processes(`payload/${below}`);
  }

  /** Shuts the host down and starts it again. */
  async reboot(): Promise<void> {
    await this.#down();
    await this.#up();
  }

  /** Shuts the host down, and everything that ran on it. */
  async shutDown(): Promise<void> {
    await this.#down();
    process.off('exit', this.#killAll);
    this.#group.remove();
  }

  #inside(words: readonly string[]): readonly string[] {
    return ['--target', String(this.#leader), '--all', '--', ...words];
  }

  async #down(): Promise<void> {
    const container = this.#container;
    if (container === undefined) return;
    const exit = once(container, 'exit');
    // It asks systemd in there to shut down.
    container.kill('SIGTERM');
    const timer = setTimeout(this.#killAll, DOWN_MS);
    await exit;
    clearTimeout(timer);
  }

  async #up(): Promise<void> {
    const log = openSync(this.#logFile, 'a');
    const { command, args } = this.#group.command('systemd-nspawn', this.#words);
    const container = spawn(command, args, {
      stdio: ['ignore', log, log],
      // As on a Debian of today, whatever this machine has.
      env: { PATH: environment['PATH'], SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    });
    closeSync(log);
    this.#container = container;
    container.once('exit', () => {
      this.#leader = 0;
      this.#container = undefined;
    });
    await until('systemd to be up', UP_MS, () => {
      if (this.#container === undefined) {
        throw new Error(`systemd-nspawn ended: ${readFileSync(this.#logFile, 'utf8')}`);
      }
      this.#leader = firstChild(container.pid ?? 0);
      if (this.#leader === 0) return undefined;
      const { status, stdout } = this.attempt('systemctl', 'is-system-running', '--wait');
      return status === 0 || stdout.trim() === 'degraded' || undefined;
    });
  }
}

function firstChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ')[0]);
}

/** Why no Debian can be booted here; undefined where it can. */
export function obstacleToBooting(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const probe = ControlGroup.make(`sp-${process.pid}-probe`);
  if (probe === undefined) return 'no control group can be made here';
  probe.remove();
  try {
    const words = ['--mount', '--pid', '--uts', '--ipc', '--cgroup', '--fork', 'true'];
    execFileSync('unshare', words, { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no namespaces can be made here';
  }
}
