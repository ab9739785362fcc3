import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { claimSocket, securedSocket } from '@sallyport/app-gateway/adapters/admin/socket-file.ts';

/** A process that ends without taking its socket away. */
const LEAVE_BEHIND = `
  require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'));
`;

describe('the place of the socket', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'socket-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is a folder for its owner alone, and a socket likewise', async () => {
    const path = join(folder, 'run/admin.sock');
    assert.equal((await claimSocket(path)).ok, true);
    assert.equal(statSync(join(folder, 'run')).mode & 0o777, 0o700);
    const server = createServer().listen(path);
    await once(server, 'listening');
    securedSocket(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const second = await claimSocket(path);
    assert.match(second.ok ? '' : second.error, /another gateway answers/);
    assert.ok(existsSync(path));
    server.close();
  });

  it('is freed of what a dead gateway left', async () => {
    const path = join(folder, 'run/stale.sock');
    spawnSync(process.execPath, ['-e', LEAVE_BEHIND, path]);
    assert.ok(statSync(path).isSocket());
    assert.equal((await claimSocket(path)).ok, true);
    assert.equal(existsSync(path), false);
  });

  it('is not freed of what is no socket', async () => {
    const path = join(folder, 'run/file');
    writeFileSync(path, 'precious');
    const claimed = await claimSocket(path);
    assert.match(claimed.ok ? '' : claimed.error, /is no socket/);
    assert.ok(existsSync(path));
  });

  it('has a path that the system can take, up to its last byte', async () => {
    const longest = join(folder, 'x'.repeat(107 - Buffer.byteLength(join(folder, 'y')) + 1));
    assert.equal(Buffer.byteLength(longest), 107);
    assert.equal((await claimSocket(longest)).ok, true);
    const claimed = await claimSocket(`${longest}x`);
    assert.match(claimed.ok ? '' : claimed.error, /longer than 107 bytes/);
  });
});
