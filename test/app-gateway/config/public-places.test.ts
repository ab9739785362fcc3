import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type PlacedSite,
  publicNames,
  publicPlaces,
} from '@sallyport/app-gateway/config/public-places.ts';

type Listen = PlacedSite['proxies'][number]['listen'];

const PUBLIC = { host: 'sip.acme.example', port: 443 };
const TLS = { port: 5061, transport: 'tls' } as const;
const TCP = { port: 15_060, transport: 'tcp' } as const;
const OWN = { ...TLS, advertise: { host: 'edge.acme.example', port: 5061 } } as const;

const ROWS: readonly (readonly [string, readonly Listen[], readonly string[]])[] = [
  [
    'the public place of all that say nothing else, once',
    [[TLS], [TLS]],
    ['tls sip.acme.example:443'],
  ],
  [
    'what a listener advertises beside it',
    [[TLS, OWN]],
    ['tls sip.acme.example:443', 'tls edge.acme.example:5061'],
  ],
  ['not the public place where no listener goes by it', [[OWN]], ['tls edge.acme.example:5061']],
  [
    'plain TCP last, by its own port',
    [[TCP, TLS]],
    ['tls sip.acme.example:443', 'tcp sip.acme.example:15060'],
  ],
  [
    'the port of plain TCP before a firewall translates it',
    [[{ ...TCP, nat: { address: '198.51.100.1', port: 5060 } }]],
    ['tcp sip.acme.example:5060'],
  ],
  [
    'the advertised port before the translated one',
    [
      [
        {
          ...TCP,
          advertise: { host: 'plain.acme.example', port: 5070 },
          nat: { address: '198.51.100.1', port: 5060 },
        },
      ],
    ],
    ['tcp plain.acme.example:5070'],
  ],
  [
    'the usual port of plain TCP where any free one is taken',
    [[{ ...TCP, port: 0 }]],
    ['tcp sip.acme.example:5060'],
  ],
];

describe('the places that partners are told of', () => {
  for (const [name, listen, expected] of ROWS) {
    it(`are ${name}`, () => {
      const site = { public: PUBLIC, proxies: listen.map((each) => ({ listen: each })) };
      const told = publicPlaces(site).map(
        ({ host, port, transport }) => `${transport} ${host}:${port}`,
      );
      assert.deepEqual(told, expected);
    });
  }

  it('have names that belong into a certificate: those for TLS that are no addresses', () => {
    const listen: Listen = [
      OWN,
      { ...TLS, advertise: { host: '198.51.100.1', port: 5061 } },
      { ...TCP, advertise: { host: 'plain.acme.example', port: 5060 } },
    ];
    assert.deepEqual(publicNames({ public: PUBLIC, proxies: [{ listen }] }), ['edge.acme.example']);
  });
});
