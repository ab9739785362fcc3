import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { posturePage } from '@sallyport/app-gateway/cli/manual/posture-page.ts';
import { POSTURE_RULES } from '@sallyport/app-gateway/posture/posture.ts';

const PAGE = new URL('../../../../docs/posture.md', import.meta.url);

describe('the page about posture', () => {
  it('has the tables that the rules make (else: npm run manual)', () => {
    const page = readFileSync(PAGE, 'utf8');
    assert.equal(page, posturePage(page));
  });

  it('names every rule, and leaves what was written by hand', () => {
    const page = posturePage(
      'before\n<!-- from the rules: begin -->\nold\n<!-- from the rules: end -->\nafter\n',
    );
    assert.ok(page.startsWith('before\n') && page.endsWith('\nafter\n'));
    assert.ok(!page.includes('\nold\n'));
    for (const { name } of POSTURE_RULES) assert.ok(page.includes(`**${name}**`), name);
  });

  it('is refused where the marks are gone', () => {
    assert.throws(() => posturePage('no marks'), /needs/);
    assert.throws(
      () => posturePage('<!-- from the rules: end --><!-- from the rules: begin -->'),
      /needs/,
    );
  });
});
