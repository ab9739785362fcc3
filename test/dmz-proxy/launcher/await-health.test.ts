import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { awaitHealth, isMainAlive } from '@sallyport/dmz-proxy/launcher/await-health.ts';

const HOST = '127.0.0.1';
const servers: Server[] = [];

/** Answers with these, one after the other, the last one for ever. */
async function health(...statuses: readonly number[]): Promise<number> {
  let asked = 0;
  const server = createServer((_, response) => {
    response.writeHead(statuses[Math.min(asked++, statuses.length - 1)] ?? 500).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return (server.address() as AddressInfo).port;
}

const QUICK = { tries: 3, everyMs: 1 };
const alive = () => true;

describe('waiting for a proxy', () => {
  after(() => servers.map((server) => server.close()));

  for (const status of [200, 503]) {
    it(`ends with the first ${status}`, async () => {
      const port = await health(status);
      assert.equal(await awaitHealth({ host: HOST, port }, alive, { tries: 1, everyMs: 1 }), 'up');
    });
  }

  it('asks the host itself where the port listens on every address', async () => {
    const port = await health(200);
    assert.equal(await awaitHealth({ host: '0.0.0.0', port }, alive, QUICK), 'up');
  });

  it('goes on while something else answers there, as often as it may', async () => {
    const port = await health(404, 404, 503);
    assert.equal(await awaitHealth({ host: HOST, port }, alive, QUICK), 'up');
    const other = await health(404, 404, 404, 200);
    assert.equal(await awaitHealth({ host: HOST, port: other }, alive, QUICK), 'silent');
  });

  it('gives up a program that has ended, without another try', async () => {
    const port = await health(200);
    assert.equal(await awaitHealth({ host: HOST, port }, () => false, QUICK), 'ended');
  });

  it('gives up a port that nobody opens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await awaitHealth({ host: HOST, port }, alive, QUICK), 'silent');
  });

  it('knows whether the program that systemd names is there', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const rows: readonly (readonly [string | undefined, boolean])[] = [
      [undefined, true],
      ['', true],
      ['x', true],
      [String(process.pid), true],
      [String(pid), false],
    ];
    for (const [mainPid, expected] of rows) {
      assert.equal(isMainAlive(mainPid), expected, `${mainPid}`);
    }
  });
});
