import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OwnNames, preprocessRoute } from '@sallyport/shared/sip/proxy/route-preprocess.ts';

const OWN: OwnNames = {
  isOwnRoute: (uri) => uri.host === 'edge.acme.example',
  isOwnRecordRoute: (uri) =>
    uri.host === 'edge.acme.example' && uri.user?.startsWith('rr-') === true,
  isOwnHost: (host) => host === 'edge.acme.example' || host === '192.0.2.1',
  receivedPort: 5061,
  receivedTransport: 'tls',
};

const BOB = 'sip:bob@biloxi.example';
const OURS = '<sip:rr-1@edge.acme.example;lr>';
const P2 = '<sip:p2.example;lr>';

interface Row {
  readonly what: string;
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly to: readonly [string, readonly string[], string | undefined];
}

const rows: readonly Row[] = [
  { what: 'a request without Route', requestUri: BOB, routes: [], to: [BOB, [], undefined] },
  {
    what: 'our own entry on top goes',
    requestUri: BOB,
    routes: [OURS, P2],
    to: [BOB, [P2], 'sip:rr-1@edge.acme.example;lr'],
  },
  {
    what: 'an entry of ours goes whatever is written around it',
    requestUri: BOB,
    routes: ['"Edge" <sips:edge.acme.example:5061;lr>;x=y'],
    to: [BOB, [], 'sips:edge.acme.example:5061;lr'],
  },
  {
    what: 'a second one goes as well: it would be another turn through us',
    requestUri: BOB,
    routes: [OURS, '<sip:rr-2@edge.acme.example;lr>', P2, OURS],
    to: [BOB, [P2, OURS], 'sip:rr-2@edge.acme.example;lr'],
  },
  {
    what: 'one without a user says less than the one before',
    requestUri: BOB,
    routes: [OURS, '<sip:edge.acme.example;lr>'],
    to: [BOB, [], 'sip:rr-1@edge.acme.example;lr'],
  },
  {
    what: 'one without a user may stand before the one that says where',
    requestUri: BOB,
    routes: ['<sip:edge.acme.example;lr>', OURS],
    to: [BOB, [], 'sip:rr-1@edge.acme.example;lr'],
  },
  {
    what: "another element's entry stays",
    requestUri: BOB,
    routes: [P2, OURS],
    to: [BOB, [P2, OURS], undefined],
  },
  {
    what: 'an entry that is no SIP URI stays',
    requestUri: BOB,
    routes: ['<tel:+12125551212>'],
    to: [BOB, ['<tel:+12125551212>'], undefined],
  },
  {
    what: 'what a strict router did is undone',
    requestUri: 'sip:rr-1@edge.acme.example;lr',
    routes: [P2, `<${BOB}>`],
    to: [BOB, [P2], 'sip:rr-1@edge.acme.example;lr'],
  },
  {
    what: 'what a strict router did is undone, and our second entry goes as well',
    requestUri: 'sip:rr-1@edge.acme.example',
    routes: [OURS, `<${BOB};x=1>;y=2`],
    to: [`${BOB};x=1`, [], 'sip:rr-1@edge.acme.example'],
  },
  {
    what: 'a user of ours is no Record-Route of ours',
    requestUri: 'sip:alice@edge.acme.example',
    routes: [P2],
    to: ['sip:alice@edge.acme.example', [P2], undefined],
  },
  {
    what: 'our Record-Route as Request-URI without Route stays',
    requestUri: 'sip:rr-1@edge.acme.example;lr',
    routes: [],
    to: ['sip:rr-1@edge.acme.example;lr', [], undefined],
  },
  {
    what: 'a Request-URI of another scheme stays',
    requestUri: 'tel:+12125551212',
    routes: [P2],
    to: ['tel:+12125551212', [P2], undefined],
  },
];

describe('route information preprocessing (RFC 3261 §16.4)', () => {
  for (const { what, requestUri, routes, to } of rows) {
    it(what, () => {
      const [wantUri, wantRoutes, ownRoute] = to;
      assert.deepEqual(preprocessRoute(requestUri, routes, OWN), {
        ok: true,
        value: { requestUri: wantUri, routes: wantRoutes, ownRoute },
      });
    });
  }

  for (const [requestUri, routes] of [
    [BOB, ['<sip:p2.example']],
    ['sip:rr-1@edge.acme.example', [P2, '<']],
  ] as const) {
    it(`refuses ${routes.at(-1)}`, () => {
      assert.deepEqual(preprocessRoute(requestUri, routes, OWN), {
        ok: false,
        error: 'sip-route-malformed',
      });
    });
  }
});

describe('maddr in the Request-URI (RFC 3261 §16.4)', () => {
  const maddrs: readonly (readonly [string, string])[] = [
    ['sip:bob@acme.example;maddr=192.0.2.1;transport=tls', 'sip:bob@acme.example'],
    [
      'sip:bob@acme.example:5061;maddr=EDGE.acme.example;transport=TLS',
      'sip:bob@acme.example:5061',
    ],
    ['sips:bob@acme.example;x=y;maddr=192.0.2.1', 'sips:bob@acme.example;x=y'],
    ['sip:bob@acme.example;maddr=192.0.2.1', 'sip:bob@acme.example;maddr=192.0.2.1'],
    [
      'sip:bob@acme.example:5070;maddr=192.0.2.1;transport=tls',
      'sip:bob@acme.example:5070;maddr=192.0.2.1;transport=tls',
    ],
    ['sips:bob@acme.example;maddr=198.51.100.1', 'sips:bob@acme.example;maddr=198.51.100.1'],
    ['sips:bob@acme.example;maddr', 'sips:bob@acme.example;maddr'],
  ];
  for (const [from, to] of maddrs) {
    it(`${from} -> ${to}`, () => {
      const received = preprocessRoute(from, [], OWN);
      assert.equal(received.ok && received.value.requestUri, to);
    });
  }

  it('goes where the request came by plain TCP, and the URI says TCP', () => {
    const own: OwnNames = { ...OWN, receivedPort: 5060, receivedTransport: 'tcp' };
    const goesOn = (uri: string) => {
      const received = preprocessRoute(uri, [], own);
      return received.ok && received.value.requestUri;
    };
    assert.equal(
      goesOn('sip:bob@acme.example;maddr=192.0.2.1;transport=TCP'),
      'sip:bob@acme.example',
    );
    for (const other of ['', ';transport=udp', ';transport=tls']) {
      const uri = `sip:bob@acme.example;maddr=192.0.2.1${other}`;
      assert.equal(goesOn(uri), uri);
    }
  });

  it('takes away a port that only TLS of ours listens on', () => {
    const own: OwnNames = { ...OWN, receivedPort: 5070 };
    const uri = 'sip:bob@acme.example:5070;maddr=192.0.2.1;transport=tls';
    const received = preprocessRoute(uri, [], own);
    assert.equal(received.ok && received.value.requestUri, 'sip:bob@acme.example');
  });
});
