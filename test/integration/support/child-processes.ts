import { readdirSync, readFileSync } from 'node:fs';

/** Processes that have this one as their parent. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

function parentOf(pid: number): number {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1] ?? '';
    return Number(afterName.split(' ')[1]);
  } catch {
    return 0;
  }
}
