import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WouldRefuse } from '@sallyport/dmz-proxy/edge/would-refuse.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import type { LogFields } from '@sallyport/shared/io/json-log.ts';

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
});
