import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory, in MiB, of the processes that have such a word on their command line: a node's bundle, for instance. */
export function residentMiB(word: string): number {
  let kilobytes = 0;
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${id}/cmdline`, 'latin1').includes(word)) continue;
      const status = readFileSync(`/proc/${id}/status`, 'latin1');
      kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
      // It has ended in between.
    }
  }
  return Math.round(kilobytes / 1024);
}
