import { basename, resolve } from 'node:path';
import type { SystemView } from './system-view.ts';

/** A running process of a node. */
export interface OwnProcess {
  readonly pid: string;
  readonly kind: 'launcher' | 'worker' | 'gateway';
  readonly words: readonly string[];
  /** Lines of `/proc/PID/status` by name. */
  readonly status: ReadonlyMap<string, string>;
  /** Lines of `/proc/PID/limits` by name: what is in force now. */
  readonly limits: ReadonlyMap<string, string>;
  /** Sockets that it holds; undefined where this user may not look. */
  readonly sockets: ReadonlySet<string> | undefined;
}

const PROCESSES_MAX = 100_000;
const PID = /^\d+$/;

/**
 * The processes that run with a bundle, found by their command lines.
 *
 * As many paths as it has are given: whoever starts a program may name its folder through a link.
 */
export function ownProcesses(
  system: SystemView,
  bundlePaths: readonly string[],
): readonly OwnProcess[] {
  return pidsOf(system).flatMap((pid) => {
    const words = (system.text(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
    const kind = kindOf(words);
    if (kind === undefined) return [];
    // A relative path is one from where the process stands.
    const folder = system.link(`/proc/${pid}/cwd`) ?? '/';
    if (!words.some((word) => bundlePaths.includes(resolve(folder, word)))) return [];
    return [
      {
        pid,
        kind,
        words,
        status: namedLines(system.text(`/proc/${pid}/status`), /^(\w+):\s*(.*)$/),
        limits: namedLines(system.text(`/proc/${pid}/limits`), /^(Max [a-z ]+?) {2,}(.*)$/),
        sockets: socketsOf(system, pid),
      },
    ];
  });
}

/** Whose a socket is, by name and number of its process; undefined where this user may not see it. */
export function holderOf(system: SystemView, inode: string): string | undefined {
  const pid = pidsOf(system).find((each) => socketsOf(system, each)?.has(inode) === true);
  if (pid === undefined) return undefined;
  return `${system.text(`/proc/${pid}/comm`)?.trim() ?? 'process'} (${pid})`;
}

/** Every process that this user may see. */
export function pidsOf(system: SystemView): readonly string[] {
  const pids = system.names('/proc').filter((name) => PID.test(name));
  return pids.slice(0, PROCESSES_MAX);
}

/** A program runs from its sources or as a single file; either way the words say what it is. */
function kindOf(words: readonly string[]): OwnProcess['kind'] | undefined {
  const [program = ''] = words;
  const has = (end: string) => words.some((word) => word.endsWith(end));
  const last = words.at(-1);
  if (has('dmz-proxy/src/worker.ts')) return 'worker';
  if (has('dmz-proxy/src/main.ts')) return 'launcher';
  if (has('app-gateway/src/main.ts')) return 'gateway';
  // Without one of these words it is who starts the launcher, and does nothing else.
  if (basename(program) === 'sallyport-dmz-proxy') {
    return last === 'worker' || last === 'launcher' ? last : undefined;
  }
  return basename(program) === 'sallyport-gateway' ? 'gateway' : undefined;
}

function socketsOf(system: SystemView, pid: string): ReadonlySet<string> | undefined {
  const folder = `/proc/${pid}/fd`;
  const names = system.names(folder);
  if (names.length === 0) return undefined;
  const inodes = names.flatMap(
    (name) => /^socket:\[(\d+)\]$/.exec(system.link(`${folder}/${name}`) ?? '')?.[1] ?? [],
  );
  return new Set(inodes);
}

function namedLines(text: string | undefined, line: RegExp): ReadonlyMap<string, string> {
  return new Map(
    (text ?? '').split('\n').flatMap((each) => {
      const match = line.exec(each);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    }),
  );
}
