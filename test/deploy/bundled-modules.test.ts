import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bundleProblems,
  type ForeignModules,
  foreignModules,
} from '@sallyport/deploy/bundled-modules.ts';

const PLACES: readonly (readonly [input: string, places: readonly string[]])[] = [
  ['dmz-proxy/src/main.ts', []],
  ['node_modules/yaml/dist/index.js', ['node_modules/yaml']],
  ['node_modules/@peculiar/x509/build/x.js', ['node_modules/@peculiar/x509']],
  ['app-gateway/node_modules/commander/index.js', ['app-gateway/node_modules/commander']],
  ['node_modules/a/node_modules/@b/c/d.js', ['node_modules/a/node_modules/@b/c']],
];

const IMPORTS: readonly (readonly [path: string, external: boolean, outside: readonly string[]])[] =
  [
    ['node:tls', true, []],
    ['events', true, []],
    ['pg-native', true, ['pg-native']],
    ['./beside.mjs', true, ['./beside.mjs']],
    ['shared/src/result.ts', false, []],
  ];

const NOTHING: ForeignModules = { packages: [], outside: [] };
const EDGE = { packages: 'none', outside: [] } as const;
const INNER = { packages: 'locked', outside: ['pg-native'] } as const;

const JUDGED: readonly (readonly [
  name: string,
  found: ForeignModules,
  allowed: typeof EDGE | typeof INNER,
  problems: number,
])[] = [
  ['nothing foreign, at the edge', NOTHING, EDGE, 0],
  ['a package at the edge', { ...NOTHING, packages: ['node_modules/yaml'] }, EDGE, 1],
  ['a package inside', { ...NOTHING, packages: ['node_modules/yaml'] }, INNER, 0],
  ['something to load, at the edge', { ...NOTHING, outside: ['pg-native'] }, EDGE, 1],
  ['something to load that is known', { ...NOTHING, outside: ['pg-native'] }, INNER, 0],
  ['something to load that is not', { ...NOTHING, outside: ['pg-native', 'x'] }, INNER, 1],
  ['all at once', { packages: ['node_modules/a', 'node_modules/b'], outside: ['x'] }, EDGE, 3],
];

describe('what a bundle consists of', () => {
  for (const [input, places] of PLACES) {
    it(`${input} is ${places[0] ?? 'ours'}`, () => {
      assert.deepEqual(foreignModules({ inputs: { [input]: {} }, outputs: {} }).packages, places);
    });
  }

  for (const [path, external, outside] of IMPORTS) {
    it(`${path} is ${outside.length === 0 ? 'not wanted' : 'wanted'} from outside`, () => {
      const outputs = { 'out.mjs': { imports: [{ path, external }] } };
      assert.deepEqual(foreignModules({ inputs: {}, outputs }).outside, outside);
    });
  }

  for (const [name, found, allowed, problems] of JUDGED) {
    it(`${name}: ${problems} problems`, () => {
      assert.equal(bundleProblems(found, allowed).length, problems);
    });
  }
});
