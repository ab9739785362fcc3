import assert from 'node:assert/strict';
import { it } from 'node:test';
import { liveFlow } from '@sallyport/app-gateway/adapters/channel/live-flow.ts';
import { PartnerFlow } from '@sallyport/app-gateway/adapters/channel/partner-flow.ts';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { SIP_ACME } from '../../domain/core/core-stage.ts';
import { FakeConnection, OPENED } from './fake-connection.ts';

const TABLE = {
  inPlaceOf: () => undefined,
  changed: () => undefined,
  shareOf: () => ({ held: 0, bytes: 0 }),
};
const PLAIN: FlowOpened = {
  partner: 'globex',
  identities: ['globex.example'],
  transport: 'tcp',
  sightings: [],
  direction: 'inbound',
  remoteAddress: '192.0.2.1',
  remotePort: 5060,
  localPort: 5060,
  openedAtMs: 1,
};

function shown(opened: FlowOpened) {
  const channel = new FakeConnection() as unknown as ChannelConnection;
  return liveFlow(new PartnerFlow(channel, TABLE, 'edge-1/0', 3, opened, () => SIP_ACME));
}

it('a live connection is shown with its worker, its keys and how it is secured', () => {
  const common = {
    proxy: 'edge-1/0',
    direction: 'inbound',
    remoteAddress: '192.0.2.1',
    openedAtMs: 1,
  };
  assert.deepEqual(shown(OPENED), {
    ...common,
    trustSet: 't1',
    ownKey: OPENED.ownKey,
    tls: 'TLSv1.3 TLS_AES_128_GCM_SHA256',
  });
  assert.deepEqual(shown(PLAIN), { ...common, trustSet: 'plain-tcp', ownKey: 'none', tls: 'none' });
});
