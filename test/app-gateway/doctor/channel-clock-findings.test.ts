import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { channelClockFindings } from '@sallyport/app-gateway/doctor/channel-clock-findings.ts';
import { metricsText } from '@sallyport/app-gateway/gateway/metrics-text.ts';
import { gatewayClockMetrics } from '@sallyport/dmz-proxy/flows/gateway-clocks.ts';
import type { ClockOffset } from '@sallyport/shared/channel/clock-offset.ts';
import { proxyNode } from './example-nodes.ts';

const answer = (metrics: string) => ({ status: 200, text: '', metrics });

//  what the other end's clock is       level      in words
const rows: readonly (readonly [ClockOffset, string, string])[] = [
  [{ aheadMs: 0, withinMs: 1 }, 'ok', 'agrees with'],
  [{ aheadMs: -1000, withinMs: 1 }, 'ok', 'is 1000 ms ahead of'],
  [{ aheadMs: -1001, withinMs: 1 }, 'warning', 'is 1001 ms ahead of'],
  [{ aheadMs: 1001, withinMs: 1 }, 'warning', 'is 1001 ms behind'],
  [{ aheadMs: 2000, withinMs: 1500 }, 'ok', 'is 2000 ms behind'],
  [{ aheadMs: 60_000, withinMs: 1 }, 'warning', 'is 60000 ms behind'],
  [{ aheadMs: -60_001, withinMs: 1 }, 'fault', 'is 60001 ms ahead of'],
];

describe('the clocks of gateways, looked at on a proxy’s host', () => {
  const found = (gateways: number, offsets: readonly (ClockOffset | undefined)[]) => {
    const metrics = JSON.stringify({ gateways, ...gatewayClockMetrics(offsets) });
    return channelClockFindings(proxyNode(), answer(metrics));
  };

  for (const [offset, level, words] of rows) {
    it(`${offset.aheadMs} ms, within ${offset.withinMs}: ${level}`, () => {
      const [finding, ...others] = found(1, [offset]);
      assert.deepEqual(others, []);
      assert.equal(finding?.level, level);
      assert.match(finding.what, new RegExp(`^this clock ${words} the other end`));
    });
  }

  for (const [what, findings, expected] of [
    ['no channel: the channel itself is the finding', found(0, []), []],
    ['an older gateway', found(1, [undefined]), ['unknown']],
    ['an older and a newer one', found(2, [undefined, rows[0]?.[0]]), ['ok', 'unknown']],
    ['an older proxy', channelClockFindings(proxyNode(), answer('{"gateways":1}')), ['unknown']],
    ['no answer', channelClockFindings(proxyNode(), answer('')), []],
  ] as const) {
    it(what, () => {
      assert.deepEqual(
        findings.map(({ level }) => level),
        expected,
      );
    });
  }
});

describe('the clocks of proxies, looked at on a gateway’s host', () => {
  const gateway = {
    ...proxyNode(),
    role: 'gateway' as const,
    proxies: [{ node: 'edge-1', workers: 2 }],
  };
  const found = (...workers: Parameters<typeof metricsText>[1]) =>
    channelClockFindings(gateway, answer(metricsText({ now: {}, events: {} }, workers)));
  const worker = (number: number, clockOffset?: ClockOffset, metrics = { gateways: 1 }) => ({
    node: 'edge-1',
    worker: number,
    metrics,
    clockOffset,
  });

  for (const [offset, level, words] of rows) {
    it(`${offset.aheadMs} ms, within ${offset.withinMs}: ${level}`, () => {
      const [finding, ...others] = found(worker(1, offset));
      assert.deepEqual(others, [], 'a worker without a channel is another finding');
      assert.equal(finding?.level, level);
      assert.match(finding.what, new RegExp(`^this clock ${words} the other end`));
      assert.equal(finding.where, 'worker 1 of edge-1');
    });
  }

  it('of an older worker is not known', () => {
    assert.deepEqual(
      found(worker(0), worker(1, { aheadMs: 0, withinMs: 1 })).map(
        ({ level, where }) => `${level} ${where}`,
      ),
      ['unknown worker 0 of edge-1', 'ok worker 1 of edge-1'],
    );
  });
});
