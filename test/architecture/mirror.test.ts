import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { codeAlone, ROOT, type SourceFile, sourceFiles } from './source-tree.ts';
import { WITHOUT_TEST } from './without-test.ts';

const WORKSPACES = ['shared', 'certs', 'dmz-proxy', 'app-gateway', 'deploy'];

/** Only types: nothing in it can run. */
function isPureTypes({ path, text }: SourceFile): boolean {
  if (path.endsWith('.d.ts')) return true;
  return !/^\s*(?:export\s+)?(?:async\s+)?(?:function|const|let|var|class)\b/m.test(
    codeAlone(text),
  );
}

function testOf(path: string): string {
  return `test/${path.replace('/src/', '/').replace(/\.ts$/, '.test.ts')}`;
}

describe('tests mirror the sources', () => {
  for (const workspace of WORKSPACES) {
    it(`${workspace}: every file that can run has its test, or a reason`, () => {
      const missing = sourceFiles(`${workspace}/src`)
        .filter((file) => !isPureTypes(file) && !WITHOUT_TEST.has(file.path))
        .map(({ path }) => testOf(path))
        .filter((path) => !existsSync(join(ROOT, path)));
      assert.deepEqual(missing, []);
    });
  }

  it('has no reason for a file that is gone or has its test', () => {
    const stale = [...WITHOUT_TEST.keys()].filter(
      (path) => !existsSync(join(ROOT, path)) || existsSync(join(ROOT, testOf(path))),
    );
    assert.deepEqual(stale, []);
  });

  it('names as reasons only tests that are there', () => {
    const there = new Set(sourceFiles('test').map(({ path }) => basename(path)));
    const gone = [...new Set(WITHOUT_TEST.values())]
      .flatMap((reason) => reason.match(/[\w-]+\.test\.ts/g) ?? [])
      .filter((name) => !there.has(name));
    assert.deepEqual(gone, []);
  });

  it('sees a file that can run, and one that cannot', () => {
    const isTypes = (text: string) => isPureTypes({ path: 'x.ts', text });
    assert.equal(isTypes('export function f(): void {}'), false);
    assert.equal(isTypes('export const x = 1;'), false);
    assert.equal(isTypes('class Hidden {}'), false);
    assert.equal(
      isTypes("import type { A } from './a.ts';\n// const x\nexport interface B extends A {}"),
      true,
    );
  });
});
