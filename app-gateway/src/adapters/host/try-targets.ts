import type { Seen } from '../../doctor/judge-pair.ts';
import { questionFor, type Target } from '../../doctor/pairs.ts';
import type { Try } from '../../doctor/zone-result.ts';
import { sourceAddress } from './source-address.ts';
import { tryTarget } from './try-target.ts';

/** How gently a site is looked at. */
export interface Pace {
  readonly concurrency: number;
  readonly perSecond: number;
  readonly timeoutMs: number;
}

/** Slow enough for every firewall’s log and every host’s limits. */
export const GENTLE: Pace = { concurrency: 8, perSecond: 50, timeoutMs: 2000 };

/**
 * Tries all targets once, few at a time, and says what came of each, in their order.
 *
 * `own` are this machine’s addresses of the zone that looks. Packets with another source address would prove nothing
 * about the zone, and are not sent.
 */
export async function tryTargets(
  targets: readonly Target[],
  own: readonly string[],
  pace: Pace,
  progress: (done: number) => void,
): Promise<readonly Try[]> {
  const sources = new Map<string, Source>();
  for (const { dial } of targets) {
    if (!sources.has(dial.address)) sources.set(dial.address, await sourceTo(dial.address, own));
  }
  const tries: Try[] = [];
  const start = performance.now();
  let next = 0;
  let sent = 0;
  let done = 0;
  const worker = async () => {
    for (let at = next++; at < targets.length; at = next++) {
      const target = targets[at] as Target;
      const { host, address, protocol, port } = target.socket;
      const { source, instead } = sources.get(target.dial.address) ?? NOT_TRIED;
      if (instead === undefined) await until(start + (sent++ * 1000) / pace.perSecond);
      const seen = instead ?? (await tryOne(target, pace.timeoutMs));
      tries[at] = { host, address, protocol, port, ...(source !== undefined && { source }), seen };
      progress(++done);
    }
  };
  await Promise.all(Array.from({ length: pace.concurrency }, worker));
  return tries;
}

/** What packets to an address would carry, and what is known without sending any. */
interface Source {
  readonly source: string | undefined;
  readonly instead: Seen | undefined;
}

const NOT_TRIED: Source = { source: undefined, instead: 'not-tried' };

async function sourceTo(to: string, own: readonly string[]): Promise<Source> {
  const source = await sourceAddress(to);
  if (source !== undefined) {
    return { source, instead: own.includes(source) ? undefined : 'not-tried' };
  }
  const ownOfFamily = own.find((address) => address.includes(':') === to.includes(':'));
  return ownOfFamily === undefined ? NOT_TRIED : { source: ownOfFamily, instead: 'unreachable' };
}

async function tryOne({ socket, dial }: Target, timeoutMs: number): Promise<Seen> {
  const question = questionFor(socket);
  return question === undefined ? 'not-tried' : await tryTarget(dial, question, timeoutMs);
}

async function until(timeMs: number): Promise<void> {
  const waitMs = timeMs - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
