import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { deployPages } from '@sallyport/app-gateway/cli/manual/deploy-pages.ts';
import { PRESET_NAMES } from '@sallyport/app-gateway/cli/site/site-preset.ts';

const FOLDER = new URL('../../../../docs/deploy/', import.meta.url);

describe('the pages about deploying', () => {
  for (const { file, text } of deployPages()) {
    it(`${file} is what its preset says (else: npm run manual)`, () => {
      assert.equal(readFileSync(new URL(file, FOLDER), 'utf8'), text);
    });
  }

  it('have a diagram each, and are all found from the first one', () => {
    const readme = readFileSync(new URL('README.md', FOLDER), 'utf8');
    for (const name of PRESET_NAMES) assert.ok(readme.includes(`(${name}.md)`), name);
    const drawn = readdirSync(FOLDER).filter((file) => file.endsWith('.svg'));
    assert.deepEqual(drawn.sort(), PRESET_NAMES.map((name) => `${name}.svg`).sort());
  });
});
