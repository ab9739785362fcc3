import process from 'node:process';

/**
 * Milliseconds that the processor works in this thread, of the best of up to five runs: others may be those of a compiler,
 * a collector, or a neighbour of the machine. What a run needs is made anew for each, and does not count.
 */
export function processorMs<Made>(
  run: (made: Made) => void,
  enoughMs: number,
  make: () => Made,
): number;
export function processorMs(run: () => void, enoughMs: number): number;
export function processorMs<Made>(
  run: (made?: Made) => void,
  enoughMs: number,
  make?: () => Made,
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5 && best > enoughMs; turn++) {
    const made = make?.();
    const before = process.threadCpuUsage();
    run(made);
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}
