import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gatewayClockMetrics, logClock } from '@sallyport/dmz-proxy/flows/gateway-clocks.ts';
import type { LogFields, Logger } from '@sallyport/shared/io/json-log.ts';

describe('gateways’ clocks as numbers', () => {
  for (const [what, offsets, expected] of [
    ['no gateway', [], { gatewayClocksKnown: 0 }],
    ['one of an older version', [undefined], { gatewayClocksKnown: 0 }],
    [
      'one that is behind, and one unknown',
      [undefined, { aheadMs: -7, withinMs: 2 }],
      { gatewayClocksKnown: 1, gatewayClockAheadMs: -7, gatewayClockWithinMs: 2 },
    ],
    [
      'two: the one that certainly differs more',
      [
        { aheadMs: 5000, withinMs: 4900 },
        { aheadMs: -3000, withinMs: 2 },
      ],
      { gatewayClocksKnown: 2, gatewayClockAheadMs: -3000, gatewayClockWithinMs: 2 },
    ],
  ] as const) {
    it(what, () => assert.deepEqual(gatewayClockMetrics(offsets), expected));
  }
});

describe('a gateway’s clock on the log', () => {
  for (const [verdict, line] of [
    ['right', 'info clock-agrees'],
    ['differs', 'warn clock-differs'],
    ['too-far', 'error clock-differs'],
  ] as const) {
    it(`${verdict}: ${line}`, () => {
      const lines: [string, LogFields | undefined][] = [];
      const at = (level: string) => (event: string, fields?: LogFields) =>
        void lines.push([`${level} ${event}`, fields]);
      const log: Logger = { info: at('info'), warn: at('warn'), error: at('error') };
      logClock(log, 'gateway-1', verdict, { aheadMs: -3, withinMs: 1 });
      assert.deepEqual(lines, [[line, { gateway: 'gateway-1', aheadMs: -3, withinMs: 1 }]]);
    });
  }
});
