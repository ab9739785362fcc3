import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { ProxyProcess } from './support/proxy-process.ts';
import { proxySite } from './support/proxy-site.ts';

it('a proxy with a broken bundle names every problem and exits as misconfigured', async () => {
  const site = await proxySite({ workers: 0, surprise: true });
  writeFileSync(join(site.folder, 'snapshot-signing.pub'), 'nonsense');
  const proxy = new ProxyProcess(site.folder);
  assert.equal(await proxy.exit(), 78);
  const problems = proxy.lines
    .filter((line) => line.event === 'bundle-refused')
    .map((line) => String(line['problem']));
  assert.equal(problems.length, 3, JSON.stringify(proxy.lines));
  site.remove();
});
