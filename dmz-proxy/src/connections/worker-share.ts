import type { SourceLimitsOptions } from '@sallyport/shared/net/source-limits.ts';

/** Limits that hold for the connections of a whole host. */
export type HostLimits = Omit<SourceLimitsOptions, 'sourcesMax'>;

/**
 * What one of a host's workers grants of its limits on connections: the same part as every other, rounded up.
 *
 * The kernel spreads connections over the workers by address and port, so all of them together grant what the operator
 * wrote, and at most one more each. It spreads evenly only on average: a source near its limit may be refused by one
 * worker while another had room, and its next attempt, from another port, may meet that one.
 */
export function workerShare(limits: HostLimits, workers: number): HostLimits {
  const share = (ofHost: number) => Math.ceil(ofHost / workers);
  return {
    connectionsMax: share(limits.connectionsMax),
    connectionsPerSourceMax: share(limits.connectionsPerSourceMax),
    connectionsPerSourcePerSecond: share(limits.connectionsPerSourcePerSecond),
  };
}
