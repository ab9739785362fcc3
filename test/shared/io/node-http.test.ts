import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { describe, it } from 'node:test';
import { http } from '@sallyport/shared/io/node-http.ts';

/** Whether a process that imported a module has Node's client for the web in it. */
function hasClientForTheWeb(module: string): boolean {
  const look = `
    await import(${JSON.stringify(module)});
    const { moduleLoadList } = process;
    process.stdout.write(String(moduleLoadList.some((name) => name.includes('undici'))));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', look]);
  const said = stdout.toString();
  assert.ok(said === 'true' || said === 'false', said);
  return said === 'true';
}

describe("Node's HTTP", () => {
  it('is Node’s own', () => {
    assert.equal(http, process.getBuiltinModule('http'));
  });

  it('comes without a client for the web', () => {
    const ours = import.meta.resolve('@sallyport/shared/io/node-http.ts');
    assert.equal(hasClientForTheWeb(ours), false);
  });

  it('would come with one if it were imported', () => {
    assert.equal(hasClientForTheWeb('node:http'), true);
  });
});
