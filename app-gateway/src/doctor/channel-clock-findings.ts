import { type ClockOffset, clockVerdict } from '@sallyport/shared/channel/clock-offset.ts';
import { type Finding, fine, type Level, unknown } from './finding.ts';
import type { HealthAnswer } from './health-findings.ts';
import type { NodeSettings } from './node-settings.ts';

const ID = 'channel-clock';

/**
 * How far the clocks at both ends of the channels are apart, as the running program has measured it over them.
 *
 * Which of the two is wrong is for time servers to say. A program without a channel has nothing to say, and a peer of
 * an older version does not tell its time.
 */
export function channelClockFindings(
  { role, proxies }: NodeSettings,
  { metrics }: HealthAnswer,
): readonly Finding[] {
  return role === 'proxy' ? ofGateways(metrics) : proxies.flatMap(ofWorkers(metrics));
}

/** What one worker of this proxy says of the gateway whose clock differs most. */
function ofGateways(metrics: string): readonly Finding[] {
  const where = 'gateways, as one worker of this proxy sees them';
  const connected = numberIn(metrics, /"gateways":(\d+)/);
  if (connected === undefined || connected === 0) return [];
  const known = numberIn(metrics, /"gatewayClocksKnown":(\d+)/) ?? 0;
  const aheadMs = numberIn(metrics, /"gatewayClockAheadMs":(-?\d+)/);
  const withinMs = numberIn(metrics, /"gatewayClockWithinMs":(\d+)/);
  const findings =
    aheadMs === undefined || withinMs === undefined ? [] : [compared({ aheadMs, withinMs }, where)];
  return known < connected ? [...findings, notCompared(where)] : findings;
}

function ofWorkers(metrics: string) {
  const lines = metrics.split('\n');
  return ({ node, workers }: NodeSettings['proxies'][number]): readonly Finding[] =>
    Array.from({ length: workers }, (_, worker) => {
      const gauge = (name: string) => {
        const start = `sallyport_proxy_${name}{proxy="${node}",worker="${worker}"} `;
        const text = lines.find((line) => line.startsWith(start))?.slice(start.length);
        return text === undefined ? undefined : Number(text);
      };
      const where = `worker ${worker} of ${node}`;
      const aheadMs = gauge('clock_ahead_ms');
      const withinMs = gauge('clock_within_ms');
      if (aheadMs !== undefined && withinMs !== undefined) {
        return [compared({ aheadMs, withinMs }, where)];
      }
      return gauge('gateways') === undefined ? [] : [notCompared(where)];
    }).flat();
}

const LEVEL: Readonly<Record<ReturnType<typeof clockVerdict>, Level>> = {
  right: 'ok',
  differs: 'warning',
  'too-far': 'fault',
};

function compared(offset: ClockOffset, where: string): Finding {
  const { aheadMs, withinMs } = offset;
  const away = aheadMs === 0 ? 'agrees with' : `is ${Math.abs(aheadMs)} ms ${direction(aheadMs)}`;
  const what = `this clock ${away} the other end's, within ${withinMs} ms`;
  const level = LEVEL[clockVerdict(offset)];
  if (level === 'ok') return fine(ID, where, what);
  const next = 'let a time service set both; "clock-differs" in the log names the other end';
  return { id: ID, level, what, where, next };
}

function direction(aheadMs: number): string {
  return aheadMs > 0 ? 'behind' : 'ahead of';
}

function notCompared(where: string): Finding {
  const what =
    'clocks are not compared: connected just now, or the other end is of an older version';
  return unknown(ID, where, what);
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
