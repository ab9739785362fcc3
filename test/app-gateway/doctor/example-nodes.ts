import assert from 'node:assert/strict';
import { type NodeSettings, proxySettings } from '@sallyport/app-gateway/doctor/node-settings.ts';
import type { OwnProcess } from '@sallyport/app-gateway/doctor/own-processes.ts';

/** A `proxy.json` with two workers, a plain listener and an advertised name. */
export const PROXY_JSON = {
  site: 'acme',
  node: 'edge-1',
  workers: 2,
  listen: [
    {
      host: '192.0.2.11',
      port: 5061,
      proxyProtocolFrom: [],
      advertise: { host: 'sip.acme.example', port: 5061 },
    },
    { host: '192.0.2.11', port: 5060, proxyProtocolFrom: [], transport: 'tcp' },
  ],
  health: { host: '127.0.0.1', port: 8081 },
  channel: { dial: 'inside-out', host: '10.1.0.11', port: 7443 },
  permissionModel: 'required',
};

/** The settings of that proxy after a change. */
export function proxyNode(change: object = {}): NodeSettings {
  const read = proxySettings(JSON.stringify({ ...PROXY_JSON, ...change }));
  assert.ok(read.ok);
  return read.value;
}

const STATUS = {
  Uid: '998\t998\t998\t998',
  NoNewPrivs: '1',
  CapEff: '0000000000000000',
  Seccomp: '2',
  VmSwap: '0 kB',
};
const LIMITS = {
  'Max open files': '65536                65536                files',
  'Max core file size': '0                    0                    bytes',
};

/** A worker as it should be, after a change. */
export function workerProcess(
  change: Partial<Omit<OwnProcess, 'status' | 'limits'>> & {
    readonly status?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  } = {},
): OwnProcess {
  return {
    pid: '200',
    kind: 'worker',
    words: [
      '/usr/bin/node',
      '--permission',
      '--allow-net',
      '/opt/dmz-proxy/src/worker.ts',
      '/etc/sallyport/edge-1',
      '0',
    ],
    sockets: new Set(['1001']),
    ...change,
    status: new Map(Object.entries({ ...STATUS, ...change.status })),
    limits: new Map(Object.entries({ ...LIMITS, ...change.limits })),
  };
}
