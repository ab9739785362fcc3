import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeLogReport, decodeMetricsReport } from '@sallyport/shared/channel/report.ts';

const LINE = { time: '2026-01-02T03:04:05.678Z', level: 'warn', event: 'flow-closed', fields: {} };

//  change                                          is good
const lines: readonly (readonly [object, boolean])[] = [
  [{}, true],
  [{ fields: { partner: 'globex', count: 3, isLast: false } }, true],
  [{ fields: { partner: 'two\r\nlines' } }, false],
  [{ fields: { partner: 'x'.repeat(1025) } }, false],
  [{ fields: { partner: {} } }, false],
  [{ fields: { 'a b': 1 } }, false],
  [{ fields: Object.fromEntries(Array.from({ length: 513 }, (_, n) => [`k${n}`, n])) }, false],
  [{ fields: [] }, false],
  [{ level: 'fatal' }, false],
  [{ event: 'Flow closed' }, false],
  [{ time: 'now' }, false],
];

describe('a log line of a proxy', () => {
  for (const [change, expected] of lines) {
    it(`${JSON.stringify(change).slice(0, 60)} is ${expected ? 'taken' : 'refused'}`, () => {
      const line = { ...LINE, ...change };
      const bytes = Buffer.from(JSON.stringify(line));
      const decoded = decodeLogReport(bytes, 0, bytes.length);
      assert.equal(decoded.ok, expected);
      if (decoded.ok) assert.deepEqual(decoded.value, line);
    });
  }
});

//  payload                                    is good
const metrics: readonly (readonly [string, boolean])[] = [
  ['{}', true],
  ['{"messages.admitted":12,"refused.sip-via-malformed":0}', true],
  ['{"a":-1}', false],
  ['{"a":1.5}', false],
  ['{"a":"1"}', false],
  ['{"":1}', false],
  ['{"__proto__":1}', false],
  ['[]', false],
];

describe('counters of a proxy', () => {
  for (const [payload, expected] of metrics) {
    it(`${payload} is ${expected ? 'taken' : 'refused'}`, () => {
      assert.equal(decodeMetricsReport(Buffer.from(payload), 0, payload.length).ok, expected);
    });
  }
});
