import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unifiedDiff } from '@sallyport/app-gateway/plan/render/unified-diff.ts';

const TEN = Array.from({ length: 10 }, (_, at) => `line ${at + 1}`);

function changed(change: (lines: string[]) => void): string {
  const lines = [...TEN];
  change(lines);
  return `${lines.join('\n')}\n`;
}

const BEFORE = changed(() => undefined);

const TABLE: readonly (readonly [
  what: string,
  after: string | undefined,
  hunks: readonly string[],
])[] = [
  [
    'a changed line',
    changed((lines) => {
      lines[4] = 'new';
    }),
    [
      '@@ -2,7 +2,7 @@',
      ' line 2',
      ' line 3',
      ' line 4',
      '-line 5',
      '+new',
      ' line 6',
      ' line 7',
      ' line 8',
    ],
  ],
  [
    'two places far apart',
    changed((lines) => {
      lines[0] = 'first';
      lines[9] = 'last';
    }),
    [
      '@@ -1,4 +1,4 @@',
      '-line 1',
      '+first',
      ' line 2',
      ' line 3',
      ' line 4',
      '@@ -7,4 +7,4 @@',
      ' line 7',
      ' line 8',
      ' line 9',
      '-line 10',
      '+last',
    ],
  ],
  [
    'lines that go before lines that come',
    changed((lines) => lines.splice(0, 2, 'x', 'y')),
    ['@@ -1,5 +1,5 @@', '-line 1', '-line 2', '+x', '+y', ' line 3', ' line 4', ' line 5'],
  ],
];

describe('a unified diff', () => {
  for (const [what, after, hunks] of TABLE) {
    it(`shows ${what}`, () => {
      assert.deepEqual(unifiedDiff('f', BEFORE, after).split('\n'), [
        '--- a/f',
        '+++ b/f',
        ...hunks,
      ]);
    });
  }

  it('is empty where nothing changed', () => {
    assert.equal(unifiedDiff('f', BEFORE, BEFORE), '');
  });

  it('names the null device for a text that comes or goes', () => {
    assert.equal(unifiedDiff('f', undefined, 'a\n'), '--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+a');
    assert.equal(unifiedDiff('f', 'a\n', undefined), '--- a/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a');
  });

  it('does not compare what is too long', () => {
    const long = (word: string) => `${word}\n`.repeat(5001);
    assert.match(unifiedDiff('f', long('a'), long('b')), /too long to compare/);
    assert.doesNotMatch(
      unifiedDiff('f', long('a').slice(0, 9998), `${long('a').slice(0, 9998)}b\n`),
      /too long/,
    );
  });
});
