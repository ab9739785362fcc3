import type { ClockOffset, ClockVerdict } from '@sallyport/shared/channel/clock-offset.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';

/**
 * How far gateways' clocks are from this host's, for whoever looks at this host: of the one that differs most, unnamed,
 * since who may look need not know their names. The log names it.
 */
export function gatewayClockMetrics(
  offsets: readonly (ClockOffset | undefined)[],
): Readonly<Record<string, number>> {
  const known = offsets.filter((offset) => offset !== undefined);
  const [worst] = known.toSorted((a, b) => provenMs(b) - provenMs(a));
  return {
    gatewayClocksKnown: known.length,
    ...(worst && { gatewayClockAheadMs: worst.aheadMs, gatewayClockWithinMs: worst.withinMs }),
  };
}

/** Says on the operators' log that a gateway's clock turned wrong, worse, or right again. */
export function logClock(
  log: Logger,
  gateway: string,
  verdict: ClockVerdict,
  { aheadMs, withinMs }: ClockOffset,
): void {
  const facts = { gateway, aheadMs, withinMs };
  if (verdict === 'right') log.info('clock-agrees', facts);
  else log[verdict === 'differs' ? 'warn' : 'error']('clock-differs', facts);
}

function provenMs({ aheadMs, withinMs }: ClockOffset): number {
  return Math.abs(aheadMs) - withinMs;
}
