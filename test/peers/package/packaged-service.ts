import { readFileSync, readlinkSync } from 'node:fs';
import { parentOf } from '../../integration/support/child-processes.ts';
import { until } from '../support/wait.ts';
import type { BootedDebian } from './booted-debian.ts';

const WAIT_MS = 60_000;

/** One of our services on a host that runs: a unit of a package and the node that it is started for. */
export class PackagedService {
  readonly unit: string;
  readonly node: string;
  readonly #debian: BootedDebian;

  constructor(debian: BootedDebian, template: string, node: string) {
    this.#debian = debian;
    this.node = node;
    this.unit = `${template}@${node}.service`;
  }

  /** Properties of the unit, as systemd says them now. */
  show(...names: readonly string[]): Readonly<Record<string, string>> {
    const lines = this.#debian.run('systemctl', 'show', `--property=${names.join(',')}`, this.unit);
    return Object.fromEntries(
      lines.split('\n').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
  }

  /** Its processes by the numbers that they have here; the main one first. */
  get processes(): readonly number[] {
    const { leader } = this.#debian;
    const all = this.#debian.processesOf(this.unit).map((pid) => ({ pid, parent: parentOf(pid) }));
    // What ended since the group was read is none of them.
    const alive = all.filter(({ parent }) => parent !== undefined);
    const mainFirst = alive.toSorted((a, b) => +(b.parent === leader) - +(a.parent === leader));
    return mainFirst.map(({ pid }) => pid);
  }

  /** The main process, once there is one. */
  async main(): Promise<number> {
    return await until(`${this.unit} to run`, WAIT_MS, () => this.processes[0]);
  }

  /** What it said, of the events of a name. */
  events(name: string): readonly string[] {
    const said = this.#debian.run('journalctl', '--unit', this.unit, '--output=cat', '--quiet');
    return said.split('\n').filter((line) => line.includes(`"event":"${name}"`));
  }

  /** Waits until it has said something more often than it had. */
  async says(name: string, before: number): Promise<void> {
    const isSaid = (): boolean => this.events(name).length > before;
    await until(`${this.unit} to say ${name}`, WAIT_MS, () => isSaid() || undefined);
  }

  /** Settings of this host for the node, as an operator makes them. */
  addDropIn(name: string, settings: readonly string[]): void {
    this.#debian.write(this.#dropIn(name), `${['[Service]', ...settings].join('\n')}\n`);
    this.#debian.run('systemctl', 'daemon-reload');
  }

  removeDropIn(name: string): void {
    this.#debian.run('rm', this.#dropIn(name));
    this.#debian.run('systemctl', 'daemon-reload');
  }

  #dropIn(name: string): string {
    return `/etc/systemd/system/${this.unit}.d/${name}.conf`;
  }
}

/** What the kernel says of a process. */
export function wordsOfKernel(pid: number): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, 'latin1').split('\n');
  return Object.fromEntries(
    lines.map((line) => line.split(':\t')).map(([a = '', b = '']) => [a, b]),
  );
}

/** A place of the file system as a process sees it. */
export interface Mount {
  readonly place: string;
  readonly options: readonly string[];
}

/** What is mounted where for a process: of several on one place the last, which hides the others. */
export function mountsOf(pid: number): readonly Mount[] {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'latin1').trim().split('\n');
  const words = lines.map((line) => line.split(' '));
  const last = new Map(words.map(([, , , , place = '', options = '']) => [place, options]));
  return [...last].map(([place, options]) => ({ place, options: options.split(',') }));
}

/** Whether the program of a process is still the file that is installed. */
export function runsInstalledFile(pid: number): boolean {
  return !readlinkSync(`/proc/${pid}/exe`).endsWith('(deleted)');
}
