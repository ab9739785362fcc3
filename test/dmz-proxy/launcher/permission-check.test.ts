import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { excessRights } from '@sallyport/dmz-proxy/launcher/permission-check.ts';

/** Rights by scope, or by scope and file. */
const withRights = (...rights: readonly string[]) => ({
  has: (scope: string, reference?: string) =>
    rights.includes(reference === undefined ? scope : `${scope} ${reference}`),
});

describe('rights of a worker', () => {
  const table: readonly (readonly [what: string, rights: readonly string[], excess: number])[] = [
    ['the network, its code and its spool', ['net', 'fs.write /b/spool'], 0],
    ['starting programs', ['child'], 1],
    ['worker threads', ['worker'], 1],
    ['native addons', ['addon'], 1],
    ['WASI', ['wasi'], 1],
    ['the inspector', ['inspector'], 1],
    ['every file', ['fs.read', 'fs.write'], 2],
    ['system files', ['fs.read /etc/passwd'], 1],
    ['writing its own bundle', ['fs.write /b/proxy.json'], 1],
    ['all of it', ['child', 'worker', 'addon', 'wasi', 'inspector', 'fs.read', 'fs.write'], 7],
  ];
  for (const [what, rights, excess] of table) {
    it(`${what}: ${excess} too many`, () => {
      assert.equal(excessRights(withRights(...rights), '/b').length, excess);
    });
  }

  it('without the permission model are all rights', () => {
    assert.deepEqual(excessRights(undefined, '/b'), ['runs without --permission']);
  });
});
