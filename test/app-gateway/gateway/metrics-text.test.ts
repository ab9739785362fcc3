import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricsText } from '@sallyport/app-gateway/gateway/metrics-text.ts';

describe('metrics as text', () => {
  it('are those of the gateway, and those of each worker by proxy and number', () => {
    const text = metricsText({ now: { channels: 2 }, events: { 'requests.inward': 5 } }, [
      {
        node: 'edge-1',
        worker: 0,
        metrics: { 'flow-closed:peer-closed': 7, flows: 3, snapshotVersion: 1_763_692_000_000 },
        clockOffset: { aheadMs: -12, withinMs: 3 },
      },
      { node: 'edge-1', worker: 1, metrics: { requests: 1, flows: 0, pendingRequests: 4 } },
      {
        node: 'edge-2',
        worker: 0,
        metrics: { auditMemoryBytes: 0, auditSpoolBytes: 512, certificateSecondsLeft: 0 },
      },
    ]);
    assert.equal(
      text,
      `# TYPE sallyport_gateway_channels gauge
sallyport_gateway_channels 2
# TYPE sallyport_gateway_events_total counter
sallyport_gateway_events_total{event="requests.inward"} 5
# TYPE sallyport_proxy_flows gauge
sallyport_proxy_flows{proxy="edge-1",worker="0"} 3
sallyport_proxy_flows{proxy="edge-1",worker="1"} 0
# TYPE sallyport_proxy_gateways gauge
# TYPE sallyport_proxy_pending_requests gauge
sallyport_proxy_pending_requests{proxy="edge-1",worker="1"} 4
# TYPE sallyport_proxy_snapshot_version gauge
sallyport_proxy_snapshot_version{proxy="edge-1",worker="0"} 1763692000000
# TYPE sallyport_proxy_audit_memory_bytes gauge
sallyport_proxy_audit_memory_bytes{proxy="edge-2",worker="0"} 0
# TYPE sallyport_proxy_audit_spool_bytes gauge
sallyport_proxy_audit_spool_bytes{proxy="edge-2",worker="0"} 512
# TYPE sallyport_proxy_certificate_seconds_left gauge
sallyport_proxy_certificate_seconds_left{proxy="edge-2",worker="0"} 0
# TYPE sallyport_proxy_clock_ahead_ms gauge
sallyport_proxy_clock_ahead_ms{proxy="edge-1",worker="0"} -12
# TYPE sallyport_proxy_clock_within_ms gauge
sallyport_proxy_clock_within_ms{proxy="edge-1",worker="0"} 3
# TYPE sallyport_proxy_events_total counter
sallyport_proxy_events_total{proxy="edge-1",worker="0",event="flow-closed:peer-closed"} 7
sallyport_proxy_events_total{proxy="edge-1",worker="1",event="requests"} 1
`,
    );
  });
});
