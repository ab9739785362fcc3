import type { ClockOffset } from '@sallyport/shared/channel/clock-offset.ts';
import type { MetricsReport } from '@sallyport/shared/channel/report.ts';

/** What one proxy worker has last said of itself. */
export interface WorkerMetrics {
  /** Name of the proxy. */
  readonly node: string;
  readonly worker: number;
  readonly metrics: MetricsReport;
  /** How far its clock is ahead of the gateway's, where that is known. */
  readonly clockOffset?: ClockOffset | undefined;
}

/** What a gateway says of itself: what there is now, and what has happened since its start. */
export interface OwnMetrics {
  readonly now: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
}

/** Reported by name among the counters, but not counting up. */
const WORKER_GAUGES: Readonly<Record<string, string>> = {
  flows: 'flows',
  gateways: 'gateways',
  pendingRequests: 'pending_requests',
  snapshotVersion: 'snapshot_version',
  auditMemoryBytes: 'audit_memory_bytes',
  auditSpoolBytes: 'audit_spool_bytes',
  certificateSecondsLeft: 'certificate_seconds_left',
};

/** Measured by the gateway itself. */
const CLOCK_GAUGES = [
  ['aheadMs', 'clock_ahead_ms'],
  ['withinMs', 'clock_within_ms'],
] as const;

/**
 * Metrics in the text format that monitors scrape (Prometheus exposition format 0.0.4).
 *
 * Names of events are label values: those of a proxy are its own words, of a safe alphabet, and as many as the
 * channel lets through.
 */
export function metricsText(own: OwnMetrics, workers: readonly WorkerMetrics[]): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(own.now)) {
    lines.push(`# TYPE sallyport_gateway_${name} gauge`, `sallyport_gateway_${name} ${value}`);
  }
  lines.push('# TYPE sallyport_gateway_events_total counter');
  for (const [event, value] of Object.entries(own.events)) {
    lines.push(`sallyport_gateway_events_total{event="${event}"} ${value}`);
  }
  for (const [name, shown] of Object.entries(WORKER_GAUGES)) {
    lines.push(`# TYPE sallyport_proxy_${shown} gauge`);
    for (const { node, worker, metrics } of workers) {
      const value = metrics[name];
      if (value === undefined) continue;
      lines.push(`sallyport_proxy_${shown}{proxy="${node}",worker="${worker}"} ${value}`);
    }
  }
  for (const [name, shown] of CLOCK_GAUGES) {
    lines.push(`# TYPE sallyport_proxy_${shown} gauge`);
    for (const { node, worker, clockOffset } of workers) {
      if (clockOffset === undefined) continue;
      lines.push(
        `sallyport_proxy_${shown}{proxy="${node}",worker="${worker}"} ${clockOffset[name]}`,
      );
    }
  }
  lines.push('# TYPE sallyport_proxy_events_total counter');
  for (const { node, worker, metrics } of workers) {
    for (const [event, value] of Object.entries(metrics)) {
      if (Object.hasOwn(WORKER_GAUGES, event)) continue;
      const labels = `proxy="${node}",worker="${worker}",event="${event}"`;
      lines.push(`sallyport_proxy_events_total{${labels}} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
