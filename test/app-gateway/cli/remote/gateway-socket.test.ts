import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { gatewaySocket } from '@sallyport/app-gateway/cli/remote/gateway-socket.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const NOBODY = 65_534;

describe('which gateway is meant', () => {
  let folder: string;
  const bundle = (path: string, file = 'gateway.json') => {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, file), '{}');
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'which-'));
    bundle('one/hosts/gateway-1');
    // What a run of `bundle` that was killed has left.
    bundle('one/hosts/.gateway-1.old');
    bundle('one/hosts/.gateway-1.new');
    bundle('one/hosts/edge-1', 'proxy.json');
    bundle('two/hosts/gateway-1');
    bundle('two/hosts/gateway-2');
    mkdirSync(join(folder, 'none'));
    mkdirSync(join(folder, 'odd'));
    writeFileSync(join(folder, 'odd/hosts'), '');
    bundle('host/installed/gateway-1');
    bundle('host/installed/gateway-1.former');
    bundle('host/installed/gateway-1.new');
    bundle('host/installed/edge-1', 'proxy.json');
    bundle('host/one/hosts/gateway-2');
    bundle('hosts-of-two/installed/gateway-1');
    bundle('hosts-of-two/installed/gateway-2');
  });
  after(() => rmSync(folder, { recursive: true }));

  const G1 = 'hosts/gateway-1';
  const rows = [
    ['the only one below hosts', 'one', {}, undefined, `one/${G1}/run/admin.sock`],
    ['the bundle that one stands in', `one/${G1}`, {}, undefined, `one/${G1}/run/admin.sock`],
    ['the one that is named', 'two', { bundle: G1 }, undefined, `two/${G1}/run/admin.sock`],
    [
      'the socket that is named',
      'none',
      { socket: 'x.sock', bundle: 'y' },
      undefined,
      'none/x.sock',
    ],
    ['the usual one', 'none', {}, `../one/${G1}`, `one/${G1}/run/admin.sock`],
    ['the only one installed', 'host', {}, undefined, 'host/installed/gateway-1/run/admin.sock'],
    ['none of several installed', 'hosts-of-two', {}, undefined, 'gateway-unclear'],
    ['none of several', 'two', {}, undefined, 'gateway-unclear'],
    ['none where there is none', 'none', {}, undefined, 'gateway-unclear'],
    ['none where hosts is no folder to look into', 'odd', {}, undefined, 'gateway-unclear'],
    ['no bundle of a proxy', 'one', { bundle: 'hosts/edge-1' }, undefined, 'bundle-unknown'],
  ] as const;
  it('is said to be out of reach where its folder is shut, and not to be none', () => {
    bundle('shut');
    chmodSync(join(folder, 'shut'), 0);
    // Root may look everywhere.
    const own = process.geteuid?.();
    if (own === 0) process.seteuid?.(NOBODY);
    const found = gatewaySocket({ bundle: 'shut' }, surroundingsOf(folder));
    if (own === 0) process.seteuid?.(own);
    chmodSync(join(folder, 'shut'), 0o700);
    assert.equal(found.ok ? '' : found.error.code, 'gateway-forbidden');
  });

  it('is the one beside before one that is installed', () => {
    const surroundings = surroundingsOf(join(folder, 'host/one'), {
      installed: join(folder, 'host/installed'),
    });
    const found = gatewaySocket({}, surroundings);
    assert.match(found.ok ? found.value : '', /host\/one\/hosts\/gateway-2/);
  });

  for (const [what, at, choice, usual, expected] of rows) {
    it(`is ${what}`, () => {
      const found = gatewaySocket(choice, surroundingsOf(join(folder, at), { bundle: usual }));
      assert.equal(found.ok ? found.value.slice(folder.length + 1) : found.error.code, expected);
    });
  }
});
