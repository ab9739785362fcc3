import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processFindings } from '@sallyport/app-gateway/doctor/process-findings.ts';
import { proxyNode, workerProcess } from './example-nodes.ts';
import { glance } from './fake-system.ts';

const launcher = workerProcess({ pid: '100', kind: 'launcher' });
const workers = [workerProcess(), workerProcess({ pid: '201' })];

function bad(processes: Parameters<typeof processFindings>[1], settings = proxyNode()) {
  return glance(processFindings(settings, processes).filter(({ level }) => level !== 'ok'));
}

describe('the running program', () => {
  it('as it should be: nothing to say', () => {
    assert.deepEqual(bad([launcher, ...workers]), []);
  });

  it('that does not run is not known to be wrong', () => {
    assert.deepEqual(bad([]), ['unknown program']);
  });

  it('with a worker too few, or a launcher too many, is not whole', () => {
    assert.deepEqual(bad([launcher, workerProcess()]), ['fault program']);
    assert.deepEqual(bad([launcher, launcher, ...workers]), ['fault program']);
  });

  it('the count of a gateway is one', () => {
    const settings = { ...proxyNode(), role: 'gateway' } as const;
    const gateway = workerProcess({
      kind: 'gateway',
      words: ['node', '/opt/app-gateway/src/main.ts'],
    });
    assert.deepEqual(bad([gateway], settings), []);
    assert.deepEqual(bad([gateway, gateway], settings), ['fault program']);
  });

  const WORKER = workerProcess().words;
  const packed = (options: string) => [
    '/usr/lib/sallyport/sallyport-dmz-proxy',
    `--node-options="--no-allow-child-process" ${options}`,
    '/etc/sallyport/edge-1',
    '0',
    'worker',
  ];
  //  what                               change                                                    finding
  const rows: readonly (readonly [
    string,
    Parameters<typeof workerProcess>[0],
    string | undefined,
  ])[] = [
    [
      'without the permission model',
      { words: WORKER.filter((word) => word !== '--permission') },
      'fault permission-model',
    ],
    [
      'that may start programs',
      { words: ['--allow-child-process', ...WORKER] },
      'fault permission-model',
    ],
    ['that may load addons', { words: ['--allow-addons', ...WORKER] }, 'fault permission-model'],
    ['as a single file', { words: packed('"--allow-net"') }, undefined],
    [
      'as a single file whose rights were widened',
      { words: packed('"--allow-worker"') },
      'fault permission-model',
    ],
    [
      'as a single file without its walls',
      { words: packed('"--no-permission"') },
      'fault permission-model',
    ],
    ['as root', { status: { Uid: '0\t0\t0\t0' } }, 'fault user'],
    ['with new privileges', { status: { NoNewPrivs: '0' } }, 'warning no-new-privileges'],
    ['with the capability for low ports', { status: { CapEff: '0000000000000400' } }, undefined],
    ['with another capability', { status: { CapEff: '0000000000000401' } }, 'fault capabilities'],
    [
      'without a filter of system calls',
      { status: { Seccomp: '0' } },
      'warning system-call-filter',
    ],
    ['that was swapped', { status: { VmSwap: '4 kB' } }, 'warning swapped'],
    [
      'that may leave core files',
      { limits: { 'Max core file size': 'unlimited   unlimited  bytes' } },
      'warning core-files',
    ],
    [
      'with few files',
      { limits: { 'Max open files': '65535  65536  files' } },
      'warning open-files',
    ],
    [
      'with hardly any files',
      { limits: { 'Max open files': '4095  65536  files' } },
      'fault open-files',
    ],
    [
      'with files without limit',
      { limits: { 'Max open files': 'unlimited  unlimited  files' } },
      undefined,
    ],
  ];
  for (const [what, change, finding] of rows) {
    it(`a worker ${what}: ${finding ?? 'fine'}`, () => {
      const found = bad([launcher, workerProcess(change), workerProcess({ pid: '201' })]);
      assert.deepEqual(found, finding === undefined ? [] : [finding]);
    });
  }

  it('a bundle that says off is a fault of every worker', () => {
    const found = bad([launcher, ...workers], proxyNode({ permissionModel: 'off' }));
    assert.deepEqual(found, ['fault permission-model', 'fault permission-model']);
  });
});
