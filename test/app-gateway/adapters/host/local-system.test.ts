import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  localAddresses,
  localSystem,
  socketTables,
} from '@sallyport/app-gateway/adapters/host/local-system.ts';
import { listeningSockets } from '@sallyport/app-gateway/doctor/listening-sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-system-'));
after(() => rmSync(folder, { recursive: true }));

describe('this machine', () => {
  it('texts, facts, names and links of files; nothing of what is not there', () => {
    const file = join(folder, 'a.key');
    writeFileSync(file, 'secret');
    chmodSync(file, 0o640);
    mkdirSync(join(folder, 'b'));
    symlinkSync('a.key', join(folder, 'c'));
    assert.equal(localSystem.text(file), 'secret');
    const facts = localSystem.facts(file);
    assert.equal(facts?.kind, 'file');
    assert.equal(facts.mode, 0o640);
    assert.equal(facts.uid, process.getuid?.());
    assert.equal(localSystem.facts(folder)?.kind, 'folder');
    assert.equal(localSystem.facts(join(folder, 'c'))?.mode, 0o640);
    assert.deepEqual([...localSystem.names(folder)].sort(), ['a.key', 'b', 'c']);
    assert.equal(localSystem.link(join(folder, 'c')), 'a.key');
    const gone = join(folder, 'gone');
    assert.equal(localSystem.text(gone), undefined);
    assert.equal(localSystem.facts(gone), undefined);
    assert.deepEqual(localSystem.names(gone), []);
    assert.equal(localSystem.link(gone), undefined);
    assert.equal(localSystem.room(gone), undefined);
  });

  it('a disk has room, and not more than it is large', () => {
    const room = localSystem.room(folder);
    assert.ok(room !== undefined && room.bytesTotal > 0);
    assert.ok(room.bytesFree <= room.bytesTotal);
  });

  it('files of the kernel are read though they have no size', {
    skip: process.platform !== 'linux',
  }, () => {
    assert.match(localSystem.text('/proc/self/status') ?? '', /^Name:/);
  });

  it('a port that is opened stands in its tables', {
    skip: process.platform !== 'linux',
  }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const found = listeningSockets(socketTables(localSystem)).find((each) => each.port === port);
    server.close();
    assert.equal(found?.address, '127.0.0.1');
    assert.equal(found.protocol, 'tcp');
  });

  it('its addresses have no loopback and no interface in them', () => {
    for (const address of localAddresses()) assert.doesNotMatch(address, /^127\.|^::1$|%/);
  });
});
