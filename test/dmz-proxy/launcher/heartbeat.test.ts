import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { beat } from '@sallyport/dmz-proxy/launcher/heartbeat.ts';

const MODULE = fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/launcher/heartbeat.ts'));

/** A process that beats every 5 ms into its fourth pipe, as `descriptor` says, until its input ends. */
function beating(descriptor: string) {
  const code = `const { beat } = await import(process.argv[1]); beat(process.argv[2], 5); process.stdin.resume();`;
  return spawn(
    process.execPath,
    ['--permission', '--allow-fs-read=*', '--input-type=module', '-e', code, MODULE, descriptor],
    { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] },
  );
}

describe('the heartbeat of a worker', () => {
  it('is a byte again and again, under the permission model', async () => {
    const child = beating('3');
    const pulse = child.stdio[3];
    assert.ok(pulse !== null && pulse !== undefined && 'read' in pulse);
    let bytes = 0;
    const third = new Promise<void>((resolve) => {
      pulse.on('data', (data: Buffer) => {
        bytes += data.length;
        if (bytes >= 3) resolve();
      });
    });
    await third;
    const exit = once(child, 'exit');
    child.stdin?.end();
    assert.deepEqual(await exit, [0, null]);
  });

  for (const descriptor of [undefined, '', 'x', '1', '2', '-1', '3.5']) {
    it(`is not written to ${descriptor ?? 'nothing'}`, () => {
      const before = process.getActiveResourcesInfo().length;
      beat(descriptor, 5).stop();
      assert.equal(process.getActiveResourcesInfo().length, before);
    });
  }
});
