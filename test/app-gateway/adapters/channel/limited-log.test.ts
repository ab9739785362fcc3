import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  LINES_OF_STANDING_FAULT,
  LimitedLog,
  type LineRate,
} from '@sallyport/app-gateway/adapters/channel/limited-log.ts';
import type { LogFields } from '@sallyport/shared/io/json-log.ts';

function bench(rate: LineRate = { linesPerSecond: 2, linesAtOnce: 3 }) {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const at = (level: string) => (event: string, fields?: LogFields) =>
    lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const log = { info: at('info'), warn: at('warn'), error: at('error') };
  const limited = new LimitedLog(log, () => clock.nowMs, rate);
  return { limited, clock, lines };
}

describe('lines that a proxy makes us write', () => {
  it('are written up to the limit, and counted beyond it', () => {
    const { limited, clock, lines } = bench();
    for (let n = 0; n < 5; n++) limited.write('info', 'edge-1', 'seen', { n });
    assert.deepEqual(lines.splice(0), [
      'info seen {"n":0}',
      'info seen {"n":1}',
      'info seen {"n":2}',
    ]);
    clock.nowMs = 499;
    limited.write('info', 'edge-1', 'seen', { n: 5 });
    assert.deepEqual(lines, []);
    clock.nowMs = 500;
    limited.write('warn', 'edge-1', 'seen', { n: 6 });
    assert.deepEqual(lines.splice(0), ['warn seen {"suppressed":3,"n":6}']);
    clock.nowMs = 1000;
    limited.write('error', 'edge-1', 'seen', { n: 7 });
    assert.deepEqual(lines, ['error seen {"n":7}']);
  });

  it('of one proxy leave room for those of another', () => {
    const { limited, lines } = bench();
    for (let n = 0; n < 100; n++) limited.write('info', 'edge-1', 'flood', {});
    limited.write('info', 'edge-2', 'news', {});
    assert.deepEqual(lines.slice(3), ['info news {}']);
  });

  it('of very many sources take bounded memory: the one known for longest starts anew', () => {
    const { limited, lines } = bench();
    for (let n = 0; n < 3; n++) limited.write('info', 'first', 'x', {});
    for (let n = 0; n < 999; n++) limited.write('info', `other-${n}`, 'x', {});
    limited.write('info', 'first', 'known', {});
    limited.write('info', 'one more', 'x', {});
    limited.write('info', 'first', 'anew', {});
    assert.deepEqual(
      lines.filter((line) => /known|anew/.test(line)),
      ['info anew {}'],
    );
  });

  it('of a fault that stands come a few at once, then one a minute that counts the others', () => {
    const { limited, clock, lines } = bench(LINES_OF_STANDING_FAULT);
    for (; clock.nowMs <= 190_000; clock.nowMs += 2000) limited.write('error', 'edge-1', 'x', {});
    const suppressed = lines.map((line) => /"suppressed":(\d+)/.exec(line)?.[1]);
    assert.deepEqual(suppressed, [undefined, undefined, undefined, '28', '29', '29']);
  });
});
