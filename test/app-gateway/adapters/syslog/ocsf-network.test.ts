import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldsLeft } from '@sallyport/app-gateway/adapters/syslog/fields-left.ts';
import { networkOf } from '@sallyport/app-gateway/adapters/syslog/ocsf-network.ts';
import { entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { entryOf } from './siem-records.ts';

const TCP = { protocol_name: 'tcp', protocol_num: 6 };

//  what, type, fields, told, left
const ROWS: readonly (readonly [
  string,
  AuditTypeName,
  AuditRecord['fields'],
  object,
  readonly string[],
])[] = [
  [
    'nothing known but who wrote it',
    'message-answered',
    { status: 200 },
    { dst_endpoint: { name: 'edge-1' }, connection_info: { direction_id: 2, ...TCP } },
    ['status'],
  ],
  [
    'one end',
    'connection-refused',
    { source: '2001:db8::7', sourcePort: 5, direction: 'inbound', code: 'x' },
    {
      src_endpoint: { ip: '2001:db8::7', port: 5 },
      connection_info: { direction_id: 1, ...TCP },
    },
    ['code'],
  ],
  [
    'a connection of ours, with its TLS',
    'connection-opened',
    {
      connection: 9,
      destination: '192.0.2.9',
      direction: 'outbound',
      tlsVersion: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      serverName: 'globex.example',
      certificate: Buffer.alloc(32, 1),
    },
    {
      dst_endpoint: { ip: '192.0.2.9' },
      connection_info: { direction_id: 2, ...TCP, uid: 'edge-1/2/1122334455667788/9' },
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', sni: 'globex.example' },
    },
    ['certificate'],
  ],
  [
    'what went over it',
    'connection-closed',
    { connection: 9, code: 'idle', durationMs: 1500n, bytesReceived: 10n, bytesSent: 20n },
    {
      dst_endpoint: { name: 'edge-1' },
      connection_info: { direction_id: 0, ...TCP, uid: 'edge-1/2/1122334455667788/9' },
      traffic: { bytes_in: 10, bytes_out: 20 },
      duration: 1500,
    },
    ['code'],
  ],
  [
    'the other end of a channel',
    'channel-opened',
    { peerNode: 'gateway-1' },
    { dst_endpoint: { name: 'gateway-1' }, connection_info: { direction_id: 0, ...TCP } },
    [],
  ],
];

describe('network activity of a record', () => {
  for (const [what, type, fields, told, rest] of ROWS) {
    it(`tells ${what}`, () => {
      const view = entryView(entryOf(0, type, fields));
      const left = new FieldsLeft(view);
      const app = type === 'channel-opened' ? {} : { app_name: 'sip' };
      assert.deepEqual(networkOf(view, left), { ...told, ...app });
      assert.deepEqual(Object.keys(left.rest()), rest);
    });
  }
});
