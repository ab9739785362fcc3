import { type Finding, judged, unknown } from './finding.ts';
import type { SystemView } from './system-view.ts';

const WHERE = '/proc/sys/kernel/random/entropy_avail';
/** What the kernel holds when its generator is seeded (random(4)). */
const BITS_WANTED = 256;

/** Whether the kernel’s random numbers are fit for keys. That this very program started means that the pool was seeded. */
export function entropyFindings(system: SystemView): readonly Finding[] {
  const text = system.text(WHERE)?.trim();
  if (text === undefined || !/^\d+$/.test(text)) {
    return [unknown('randomness', WHERE, 'cannot be read')];
  }
  return [
    judged(
      Number(text) >= BITS_WANTED,
      { id: 'randomness', where: WHERE, what: `${text} bits` },
      { level: 'warning', next: 'give a virtual machine a virtio-rng device' },
    ),
  ];
}
