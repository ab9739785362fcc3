import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { partnerSchema } from '@sallyport/app-gateway/config/partner-schema.ts';
import { siteSchema } from '@sallyport/app-gateway/config/site-schema.ts';

const PAGE = readFileSync(new URL('../../../docs/site-file.md', import.meta.url), 'utf8');

/** Names of all settings, those inside groups and lists included, as the schema itself tells them. */
function settingsOf(schema: { toJSONSchema(): unknown }): readonly string[] {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') for (const name of Object.keys(value as object)) names.add(name);
      visit(value);
    }
  };
  visit(schema.toJSONSchema());
  return [...names];
}

describe('the page on the site file', () => {
  for (const [file, schema] of [
    ['site.yaml', siteSchema],
    ['partners/<id>.yaml', partnerSchema],
  ] as const) {
    it(`names every setting of ${file}`, () => {
      const names = settingsOf(schema);
      assert.ok(names.length > 15, names.join());
      assert.deepEqual(
        names.filter((name) => !PAGE.includes(`\`${name}\``)),
        [],
      );
    });
  }
});
