import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './source-tree.ts';

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly link?: boolean }>
  >;
}

describe('lock files', () => {
  for (const folder of ['', 'deploy/bundler']) {
    const read = (name: string) => readFileSync(join(ROOT, folder, name), 'utf8');

    it(`of ${folder === '' ? 'the project' : folder} record where nothing but its own folders come from`, () => {
      assert.match(read('.npmrc'), /^omit-lockfile-registry-resolved=true$/m);
      const { packages } = JSON.parse(read('package-lock.json')) as LockFile;
      const fetched = Object.entries(packages).filter(
        ([, { resolved, link }]) =>
          resolved !== undefined && (link !== true || packages[resolved] === undefined),
      );
      assert.deepEqual(fetched, []);
    });
  }
});
