import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A control group below the one that we are in, in the hierarchies that systemd needs: the second version, and the
 * first version's `name=systemd` where the machine has it. Nothing else of the machine's is touched.
 */
export class ControlGroup {
  readonly #unified: string;
  readonly #folders: readonly string[];

  private constructor(unified: string, folders: readonly string[]) {
    this.#unified = unified;
    this.#folders = folders;
  }

  /** Undefined where there is no second version, or no right to make one. */
  static make(name: string): ControlGroup | undefined {
    const unified = ownGroup('cgroup2', '');
    if (unified === undefined) return undefined;
    const named = ownGroup('cgroup', 'name=systemd');
    const folders = [unified, ...(named === undefined ? [] : [named])].map((own) =>
      join(own, name),
    );
    const group = new ControlGroup(join(unified, name), folders);
    try {
      for (const folder of folders) mkdirSync(folder);
      return group;
    } catch {
      group.remove();
      return undefined;
    }
  }

  /** Program and arguments that run something in it. */
  command(program: string, args: readonly string[]): { command: string; args: readonly string[] } {
    const enter =
      'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"';
    return {
      command: '/bin/sh',
      args: ['-c', enter, 'sh', ...this.#folders, '--', program, ...args],
    };
  }

  /** Processes of a group below, by the numbers that they have here. */
  processes(below: string): readonly number[] {
    const lines = linesOf(join(this.#unified, below, 'cgroup.procs'));
    return lines.filter((line) => line !== '').map(Number);
  }

  /** Takes it away with what its processes, which have ended, made below it. */
  remove(): void {
    for (const folder of this.#folders) removeEmpty(folder);
  }
}

/** None where systemd has taken the group away, its service having ended. */
function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'latin1').split('\n');
  } catch {
    return [];
  }
}

/** Where our own group of a hierarchy lies. */
function ownGroup(type: string, hierarchy: string): string | undefined {
  const mount = readFileSync('/proc/self/mountinfo', 'latin1')
    .split('\n')
    .map((line) => line.split(' '))
    .find((words) => {
      const [kind, , options = ''] = words.slice(words.indexOf('-') + 1);
      return kind === type && (hierarchy === '' || options.split(',').includes(hierarchy));
    });
  const own = readFileSync('/proc/self/cgroup', 'latin1')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, name]) => name === hierarchy);
  return mount?.[4] === undefined || own?.[2] === undefined ? undefined : join(mount[4], own[2]);
}

function removeEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  rmdirSync(folder);
}
