import { readdirSync, readFileSync } from 'node:fs';

/** Memory that belongs to some processes: shared pages count in equal shares (PSS). */
export interface TreeMemory {
  readonly pssKiB: number;
  readonly processes: number;
}

/** The given processes and everything below them, parents first. */
export function processTree(roots: readonly number[]): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), pid]);
  }
  const tree = [...roots];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** What the tree below `roots` holds in memory now. */
export function memoryOf(roots: readonly number[]): TreeMemory {
  let pssKiB = 0;
  let processes = 0;
  for (const pid of processTree(roots)) {
    const pss = /^Pss:\s+(\d+)/m.exec(contentOf(`/proc/${pid}/smaps_rollup`))?.[1];
    if (pss === undefined) continue;
    pssKiB += Number(pss);
    processes++;
  }
  return { pssKiB, processes };
}

/** How many files and sockets the tree below `roots` has open. */
export function openFilesOf(roots: readonly number[]): number {
  return processTree(roots).reduce((sum, pid) => sum + namesIn(`/proc/${pid}/fd`).length, 0);
}

/** Seconds on a processor that the tree below `roots` has had, in the kernel and out of it. */
export function processorSecondsOf(roots: readonly number[]): number {
  let ticks = 0;
  for (const pid of processTree(roots)) {
    const stat = contentOf(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** USER_HZ, which is the same on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

function parentOf(pid: number): number | undefined {
  const stat = contentOf(`/proc/${pid}/stat`);
  const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Empty where the process has ended meanwhile. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
