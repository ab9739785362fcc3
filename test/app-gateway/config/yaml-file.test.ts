import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SettingPath } from '@sallyport/app-gateway/config/site-problem.ts';
import { parseYamlFile } from '@sallyport/app-gateway/config/yaml-file.ts';

const TEXT = `# a comment
top:
  list:
    - one
    - { name: two }
last: 1
`;

describe('YAML file', () => {
  const rows: readonly (readonly [path: SettingPath, line: number, column: number])[] = [
    [[], 2, 1],
    [['top'], 2, 1],
    [['top', 'list'], 3, 3],
    [['top', 'list', 0], 4, 7],
    [['top', 'list', 1, 'name'], 5, 9],
    [['top', 'list', 1, 'missing'], 5, 7],
    [['top', 'list', 7], 3, 3],
    [['last'], 6, 1],
    [['last', 'deeper'], 6, 1],
    [['nowhere'], 2, 1],
  ];
  for (const [path, line, column] of rows) {
    it(`knows where ${JSON.stringify(path)} stands`, () => {
      const parsed = parseYamlFile('f.yaml', TEXT);
      assert.ok(parsed.ok);
      const problem = parsed.value.problem('error', path, 'm');
      assert.deepEqual([problem.line, problem.column], [line, column]);
    });
  }

  const faults: readonly (readonly [name: string, text: string, message: RegExp])[] = [
    ['a duplicate key', 'a: 1\na: 2\n', /^not valid YAML: a stands here a second time$/],
    ['an unknown tag', 'a: !!js/function x\n', /tag/i],
    ['a second document', 'a: 1\n---\nb: 2\n', /multiple documents/i],
    ['an open bracket', 'a: [1\n', /./],
    ['an unknown alias', 'a: *b\n', /alias/i],
    [
      'aliases that multiply',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${[...'bcdefghi']
        .map(
          (name, index) =>
            `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`).join(',')}]\n`,
        )
        .join('')}`,
      /alias/i,
    ],
  ];
  for (const [name, text, message] of faults) {
    it(`refuses ${name}`, () => {
      const parsed = parseYamlFile('f.yaml', text);
      assert.ok(!parsed.ok);
      assert.match(parsed.error[0]?.message ?? '', message);
      assert.equal(parsed.error[0]?.file, 'f.yaml');
    });
  }

  it('takes an empty file as nothing', () => {
    const parsed = parseYamlFile('f.yaml', '');
    assert.ok(parsed.ok);
    assert.equal(parsed.value.value, null);
    assert.equal(parsed.value.problem('error', ['a'], 'm').line, 1);
  });
});
