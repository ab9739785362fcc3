import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatSettingPath,
  formatSiteProblem,
  type SettingPath,
} from '@sallyport/app-gateway/config/site-problem.ts';

describe('site problem', () => {
  const paths: readonly (readonly [path: SettingPath, text: string])[] = [
    [[], ''],
    [['domains'], 'domains'],
    [['domains', 0], 'domains[0]'],
    [['proxies', 0, 'listen', 1, 'port'], 'proxies[0].listen[1].port'],
  ];
  for (const [path, text] of paths) {
    it(`writes a path as ${text || 'nothing'}`, () => assert.equal(formatSettingPath(path), text));
  }

  it('is one line that editors can jump to', () => {
    const problem = {
      severity: 'error',
      file: 'site.yaml',
      path: 'name',
      message: 'is missing',
    } as const;
    assert.equal(
      formatSiteProblem({ ...problem, line: 3, column: 7 }),
      'site.yaml:3:7: error: name: is missing',
    );
    assert.equal(formatSiteProblem({ ...problem, path: '' }), 'site.yaml: error: is missing');
  });
});
