import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WouldRefuse } from '@sallyport/dmz-proxy/edge/would-refuse.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import type { LogFields } from '@sallyport/shared/io/json-log.ts';
import { globexIdentity } from '../edge-fixture.ts';

describe('what rules on trial would have refused', () => {
  it('is counted each time and written once a minute for each partner and rule', () => {
    const lines: (LogFields | undefined)[] = [];
    const counters = new Counters();
    let nowMs = 0;
    const none = () => undefined;
    const log = {
      info: (_: string, fields?: LogFields) => lines.push(fields),
      warn: none,
      error: none,
    };
    const reports = new WouldRefuse(log, counters, () => nowMs);
    reports.report('globex', 'purposes', 7);
    reports.report('globex', 'purposes', 8);
    reports.report('globex', 'methods', 8);
    reports.report('initech', 'purposes', 9);
    nowMs = 59_999;
    reports.report('globex', 'purposes', 10);
    nowMs = 60_000;
    reports.report('globex', 'purposes', 11);
    assert.deepEqual(lines, [
      { partner: 'globex', rule: 'purposes', flow: 7, count: 1 },
      { partner: 'globex', rule: 'methods', flow: 8, count: 1 },
      { partner: 'initech', rule: 'purposes', flow: 9, count: 1 },
      { partner: 'globex', rule: 'purposes', flow: 11, count: 3 },
    ]);
    assert.deepEqual(counters.read(), {
      'would-refuse:purposes': 5,
      'would-refuse:methods': 1,
    });
  });

  for (const [address, direction, rules] of [
    ['192.0.2.7', 'inbound', ['source-networks']],
    ['10.1.2.3', 'inbound', []],
    ['192.0.2.7', 'outbound', []],
  ] as const) {
    it(`is told of a peer without TLS by its address alone: ${address} ${direction}`, () => {
      const counters = new Counters();
      const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const trial = { purposes: 'strict', sourceNetworks: ['10.0.0.0/8'] } as const;
      const { partner, domains, hosts } = globexIdentity({ trial });
      const flow = {
        facts: { id: 1, direction, remoteAddress: address },
        identity: { partner, domains, hosts },
      } as unknown as Flow;
      new WouldRefuse(silent, counters, () => 0).judge(flow, undefined, 0);
      const counted = rules.map((rule) => [`would-refuse:${rule}`, 1]);
      assert.deepEqual(counters.read(), Object.fromEntries(counted));
    });
  }
});
