/** Whether an inner host is worth sending to, by its connection and its answers to OPTIONS. */
export interface HostHealth {
  readonly isUp: boolean;
  readonly failures: number;
  readonly successes: number;
}

/** How many probes in a row change the verdict. */
export interface ProbePolicy {
  readonly failuresToDown: number;
  readonly successesToUp: number;
}

/** A host starts up: the first connection and probe say otherwise soon enough. */
export const UNTRIED: HostHealth = { isUp: true, failures: 0, successes: 0 };

/**
 * The verdict after one more probe.
 *
 * Several successes are needed before a host that was down counts as up again, so that a flapping one does not
 * collect calls that it drops.
 */
export function probed(health: HostHealth, isSuccess: boolean, policy: ProbePolicy): HostHealth {
  if (isSuccess) {
    const successes = health.successes + 1;
    return { isUp: health.isUp || successes >= policy.successesToUp, failures: 0, successes };
  }
  const failures = health.failures + 1;
  return { isUp: health.isUp && failures < policy.failuresToDown, failures, successes: 0 };
}
