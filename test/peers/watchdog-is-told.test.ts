import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { systemdNotify } from '@sallyport/app-gateway/adapters/watchdog.ts';
import { needs } from './support/available.ts';

const { skip } = needs('systemd-analyze');

/** Listens as systemd does, says what it hears, and lets go of the descriptor by which the sender waits. */
const LISTENER = `
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, descriptors, _, _ = socket.recv_fds(listener, 4096, 4)
    for descriptor in descriptors:
        os.close(descriptor)
    print(data.decode().strip(), flush=True)
`;

it('systemd-notify carries signs to who listens as systemd does', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  const socket = join(folder, 'notify');
  const listener = spawn('python3', ['-c', LISTENER, socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'listening');
    for (const sign of ['READY=1', 'WATCHDOG=1'] as const) {
      assert.equal(await systemdNotify(socket, sign), true);
      assert.equal((await lines.next()).value, sign);
      // By this it waits until the sign has been read.
      assert.equal((await lines.next()).value, 'BARRIER=1');
    }
    assert.equal(await systemdNotify(join(folder, 'nobody'), 'READY=1'), false);
  } finally {
    const exit = once(listener, 'exit');
    listener.kill();
    await exit;
    rmSync(folder, { recursive: true });
  }
});
