import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { progressLines } from '@sallyport/app-gateway/cli/progress-lines.ts';

describe('how far something has come', () => {
  const steps: readonly (readonly [string, boolean, number])[] = [
    ['every second on a terminal', true, 1000],
    ['every ten seconds elsewhere', false, 10_000],
  ];
  for (const [when, isTTY, stepMs] of steps) {
    it(`is told ${when}`, () => {
      const lines: string[] = [];
      const messages = Object.assign(
        new Writable({
          write(chunk, _, done) {
            lines.push(String(chunk));
            done();
          },
        }),
        { isTTY },
      );
      let atMs = 5;
      const tell = progressLines('records', { messages, nowMs: () => atMs });
      for (const [afterMs, done] of [
        [0, 1],
        [stepMs - 1, 2],
        [1, 3],
        [1, 4],
        [stepMs, 5],
      ] as const) {
        atMs += afterMs;
        tell(done, 9);
      }
      assert.deepEqual(lines, ['3 of 9 records …\n', '5 of 9 records …\n']);
    });
  }
});
