import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { permissionModelIn } from '@sallyport/dmz-proxy/launcher/permission-model.ts';

describe('the permission model of a bundle', () => {
  let bundle = '';
  beforeEach(() => {
    bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
  });
  afterEach(() => rmSync(bundle, { recursive: true, force: true }));

  it('is required where there is no proxy.json', () => {
    assert.equal(permissionModelIn(bundle), 'required');
  });

  const rows = [
    ['{"permissionModel":"off"}', 'off'],
    ['{"permissionModel":"required"}', 'required'],
    ['{"permissionModel":"OFF"}', 'required'],
    ['{"permissionModel":["off"]}', 'required'],
    ['{}', 'required'],
    ['null', 'required'],
    ['{', 'required'],
  ] as const;
  for (const [json, expected] of rows) {
    it(`${json}: ${expected}`, () => {
      writeFileSync(join(bundle, 'proxy.json'), json);
      assert.equal(permissionModelIn(bundle), expected);
    });
  }
});
