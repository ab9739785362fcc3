import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { compiledCode, compiledFolder } from '@sallyport/dmz-proxy/launcher/compiled-code.ts';

describe('compiled code', () => {
  let proxy = '';
  beforeEach(() => {
    proxy = mkdtempSync(join(tmpdir(), 'compiled-'));
    mkdirSync(join(proxy, 'src'));
  });
  afterEach(() => rmSync(proxy, { recursive: true, force: true }));

  it('is not there until it is made', () => {
    assert.deepEqual(compiledCode(proxy), { ok: false, error: 'absent' });
  });

  const rows = [
    { modes: [0o755, 0o755], used: true },
    { modes: [0o700, 0o700], used: true },
    { modes: [0o775, 0o755], used: false },
    { modes: [0o755, 0o757], used: false },
  ] as const;
  for (const { modes, used } of rows) {
    const written = modes.map((mode) => mode.toString(8)).join(' and ');
    it(`${used ? 'is used' : 'is refused'} in folders of mode ${written}`, () => {
      const folder = compiledFolder(proxy);
      const inner = join(folder, 'v26');
      mkdirSync(inner, { recursive: true });
      chmodSync(folder, modes[0]);
      chmodSync(inner, modes[1]);
      assert.deepEqual(
        compiledCode(proxy),
        used ? { ok: true, value: folder } : { ok: false, error: 'writable-by-others' },
      );
    });
  }
});
