import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { takingOverPage } from '@sallyport/app-gateway/cli/manual/taking-over-page.ts';
import { TAKING_OVER } from '@sallyport/app-gateway/config/taking-over.ts';

const PAGE = new URL('../../../../docs/operations.md', import.meta.url);
const BEGIN = '<!-- from the table of settings: begin -->';
const END = '<!-- from the table of settings: end -->';

describe('the page about reload and restart', () => {
  it('has the table that the settings make (else: npm run manual)', () => {
    const page = readFileSync(PAGE, 'utf8');
    assert.equal(page, takingOverPage(page));
  });

  it('names every setting, and leaves what was written by hand', () => {
    const page = takingOverPage(`before\n${BEGIN}\nold\n${END}\nafter\n`);
    assert.ok(page.startsWith('before\n') && page.endsWith('\nafter\n'));
    assert.ok(!page.includes('\nold\n'));
    for (const { settings } of TAKING_OVER)
      for (const setting of settings) assert.ok(page.includes(`\`${setting}\``), setting);
  });

  it('is refused where the marks are gone', () => {
    assert.throws(() => takingOverPage('no marks'), /needs/);
    assert.throws(() => takingOverPage(`${END}${BEGIN}`), /needs/);
  });
});
