import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { describe, it } from 'node:test';
import { http as gatewayHttp } from '@sallyport/app-gateway/adapters/host/node-http.ts';
import { http } from '@sallyport/dmz-proxy/health/node-http.ts';

const OURS = [
  '@sallyport/dmz-proxy/health/node-http.ts',
  '@sallyport/app-gateway/adapters/host/node-http.ts',
];

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
  it('is Node’s own in both programs', () => {
    assert.equal(typeof http.createServer, 'function');
    assert.equal(gatewayHttp, http);
  });

  for (const name of OURS) {
    it(`comes without a client for the web in ${name}`, () => {
      assert.equal(hasClientForTheWeb(import.meta.resolve(name)), false);
    });
  }

  it('would come with one if it were imported', () => {
    assert.equal(hasClientForTheWeb('node:http'), true);
  });
});
