import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ProxyProcess } from './support/proxy-process.ts';
import { proxySite } from './support/proxy-site.ts';

const WORKER = fileURLToPath(import.meta.resolve('@sallyport/dmz-proxy/worker.ts'));

describe('a worker without the permission model', () => {
  it('refuses to start and says what to do', async () => {
    const site = await proxySite();
    const worker = new ProxyProcess(site.folder, [process.execPath, WORKER]);
    const line = await worker.line('permission-model-required');
    assert.match(String(line['remedy']), /sallyport-dmz-proxy/);
    assert.equal(await worker.exit(), 78);
    site.remove();
  });

  it('refuses rights it must not have', async () => {
    const site = await proxySite();
    const worker = new ProxyProcess(site.folder, [
      process.execPath,
      '--permission',
      '--allow-net',
      '--allow-child-process',
      '--allow-fs-read=*',
      WORKER,
    ]);
    const line = await worker.line('permission-model-required');
    assert.match(String(line['problem']), /start other programs/);
    assert.match(String(line['problem']), /read files outside/);
    assert.equal(await worker.exit(), 78);
    site.remove();
  });

  it('is what the operator gets who turns it off, with a warning', async () => {
    const site = await proxySite({ permissionModel: 'off' });
    const proxy = new ProxyProcess(site.folder);
    await proxy.line('permission-model-off');
    await proxy.line('waiting-for-snapshot');
    assert.equal(await proxy.stop(), 0);
    site.remove();
  });
});
