import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appliedLines } from '@sallyport/app-gateway/commands/applied-text.ts';

const took = (proxy: string) => ({ proxy, accepted: true });
const UNTIL_IT_IS = '  until it is: docs/operations.md, “A snapshot is refused”';
const NO_PROXY = 'no proxy is connected: it takes force when one connects';

describe('what proxies said of a change', () => {
  const rows = [
    ['no proxy', { proxies: [], closedFlows: 0 }, [NO_PROXY]],
    ['one', { proxies: [took('a/0')], closedFlows: 0 }, ['in force on 1 proxy worker']],
    [
      'two, which closed connections',
      { proxies: [took('a/0'), took('a/1')], closedFlows: 2 },
      ['in force on 2 proxy workers', '2 live connections closed'],
    ],
    [
      'one of two that refused',
      {
        proxies: [took('a/0'), { proxy: 'b/0', accepted: false, reason: 'too old' }],
        closedFlows: 1,
      },
      ['NOT in force on b/0: too old', UNTIL_IT_IS, '1 live connection closed'],
    ],
    [
      'one that said nothing',
      { proxies: [{ proxy: 'b/0', accepted: false }], closedFlows: 0 },
      ['NOT in force on b/0: no answer within five seconds', UNTIL_IT_IS],
    ],
  ] as const;
  for (const [who, applied, lines] of rows) {
    it(`${who}: ${lines.join('; ')}`, () => assert.deepEqual(appliedLines(applied), lines));
  }
});
