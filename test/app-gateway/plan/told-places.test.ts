import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  dialledAddresses,
  dialledPort,
  type ToldSite,
  toldListeners,
} from '@sallyport/app-gateway/plan/told-places.ts';
import { PLAN } from './plan-fixture.ts';

const SITE: ToldSite = {
  public: { host: 'sip.acme.example', port: 5061 },
  proxies: [
    { node: 'edge-1', listen: [{ port: 5061, transport: 'tls' }] },
    {
      node: 'edge-2',
      listen: [
        { port: 5061, transport: 'tls', advertise: { host: 'b.acme.example', port: 5061 } },
        { port: 5062, transport: 'tls' },
        { port: 5060, transport: 'tcp' },
        { port: 5099, transport: 'tls' },
      ],
    },
    { node: 'edge-9', listen: [{ port: 5061, transport: 'tls' }] },
  ],
};

describe('what leads to the listeners that partners are told of', () => {
  const lines = toldListeners(SITE, PLAN).map(({ proxy, listen, place, flows }) => {
    const ends = flows.map((flow) => `${dialledAddresses(flow).join('+')} ${dialledPort(flow)}`);
    return `${proxy}.${listen} ${place.host}:${place.port} ${ends.join(' / ')}`;
  });

  it('is the translated address, the host’s own, or that of its balancer; nothing where nobody comes', () => {
    assert.deepEqual(lines, [
      '0.0 sip.acme.example:5061 198.51.100.10 5061',
      '1.0 b.acme.example:5061 192.0.2.11+2001:db8:1::11 5061',
      '1.1 sip.acme.example:5061 198.51.100.5 443',
      '1.2 sip.acme.example:5060 192.0.2.11+2001:db8:1::11 5060',
      '1.3 sip.acme.example:5061 ',
      '2.0 sip.acme.example:5061 ',
    ]);
  });
});
