import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { shownWords } from '@sallyport/app-gateway/cli/command-groups.ts';
import { manualPages } from '@sallyport/app-gateway/cli/manual/manual-pages.ts';
import { ALL_COMMANDS } from '@sallyport/app-gateway/commands/all-commands.ts';

const FOLDER = new URL('../../../../docs/manual/', import.meta.url);

describe('the manual', () => {
  for (const { file, text } of manualPages()) {
    it(`${file} is what the definitions say (else: npm run manual)`, () => {
      assert.equal(readFileSync(new URL(file, FOLDER), 'utf8'), text);
    });
  }

  it('has no page of a group that is gone, and every command on a page', () => {
    const pages = manualPages();
    assert.deepEqual(readdirSync(FOLDER).sort(), pages.map(({ file }) => file).sort());
    for (const { words } of ALL_COMMANDS) {
      const page = pages.find(({ file }) => file === `${words[0]}.md`);
      assert.match(page?.text ?? '', new RegExp(`^## ${shownWords(words).join(' ')}$`, 'm'));
    }
  });
});
