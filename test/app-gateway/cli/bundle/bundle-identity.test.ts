import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleIdentity } from '@sallyport/app-gateway/cli/bundle/bundle-identity.ts';

describe('whose bundle a folder is', () => {
  let scratch: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'identity-'));
    for (const name of ['proxy', 'gateway', 'nameless', 'unreadable', 'empty']) {
      await mkdir(join(scratch, name));
    }
    const settings = (node: string) => JSON.stringify({ site: 'acme', node });
    await writeFile(join(scratch, 'proxy/proxy.json'), settings('edge-1'));
    await writeFile(join(scratch, 'gateway/gateway.json'), settings('gateway-1'));
    await writeFile(join(scratch, 'nameless/proxy.json'), '{');
    await mkdir(join(scratch, 'unreadable/proxy.json'));
  });
  after(() => rm(scratch, { recursive: true }));

  for (const [name, role, node] of [
    ['proxy', 'proxy', 'edge-1'],
    ['gateway', 'gateway', 'gateway-1'],
  ] as const) {
    it(`is said by its settings: ${role}`, async () => {
      const identity = await bundleIdentity(join(scratch, name));
      assert.deepEqual(identity.ok && identity.value, { site: 'acme', role, node });
    });
  }

  for (const [name, message] of [
    ['empty', /empty is no bundle: it has neither/],
    ['nowhere', /nowhere is no bundle: it has neither/],
    ['proxy/proxy.json', /is no bundle: it has neither/],
    ['nameless', /nameless\/proxy\.json names no site and node/],
    ['unreadable', /unreadable\/proxy\.json cannot be read: it is a folder\n {2}next: .* as root/],
  ] as const) {
    it(`is not said: ${message.source}`, async () => {
      const identity = await bundleIdentity(join(scratch, name));
      assert.ok(!identity.ok);
      assert.match(identity.error.text, message);
    });
  }
});
