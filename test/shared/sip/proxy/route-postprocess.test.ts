import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { postprocessRoute } from '@sallyport/shared/sip/proxy/route-postprocess.ts';
import { type OwnNames, preprocessRoute } from '@sallyport/shared/sip/proxy/route-preprocess.ts';

const CALLEE = 'sip:callee@u2.domain.example';

//  what, Request-URI, routes, then Request-URI, routes, next hop
type Row = readonly [string, string, readonly string[], string, readonly string[], string];

const rows: readonly Row[] = [
  ['no Route: the Request-URI is next', CALLEE, [], CALLEE, [], CALLEE],
  [
    'a loose router stays on top and is next',
    CALLEE,
    ['<sip:p2.example;lr>', '<sip:p3.example>'],
    CALLEE,
    ['<sip:p2.example;lr>', '<sip:p3.example>'],
    'sip:p2.example;lr',
  ],
  [
    'lr counts with a value and in any case',
    CALLEE,
    ['<sip:p2.example;LR=on>'],
    CALLEE,
    ['<sip:p2.example;LR=on>'],
    'sip:p2.example;LR=on',
  ],
  [
    'lr outside the URI does not count',
    CALLEE,
    ['<sip:p2.example>;lr'],
    'sip:p2.example',
    [`<${CALLEE}>`],
    'sip:p2.example',
  ],
  [
    'a strict router becomes the Request-URI, which goes to the end',
    CALLEE,
    ['<sip:p2.example>', '<sip:p3.example;lr>'],
    'sip:p2.example',
    ['<sip:p3.example;lr>', `<${CALLEE}>`],
    'sip:p2.example',
  ],
  [
    'what no Request-URI may hold is left out',
    CALLEE,
    ['"P" <sip:u@p2.example:5062;method=INVITE;transport=tls?Subject=x>;a=b'],
    'sip:u@p2.example:5062;transport=tls',
    [`<${CALLEE}>`],
    'sip:u@p2.example:5062;transport=tls',
  ],
];

describe('route information postprocessing (RFC 3261 §16.6 steps 6 and 7)', () => {
  for (const [what, requestUri, routes, toUri, toRoutes, nextHop] of rows) {
    it(what, () => {
      assert.deepEqual(postprocessRoute(requestUri, routes), {
        ok: true,
        value: { requestUri: toUri, routes: toRoutes, nextHop },
      });
    });
  }

  for (const route of ['<sip:p2.example', '<tel:+12125551212>', '']) {
    it(`refuses ${JSON.stringify(route)}`, () => {
      assert.deepEqual(postprocessRoute(CALLEE, [route]), {
        ok: false,
        error: 'sip-route-malformed',
      });
    });
  }
});

describe('traversing a strict router, p1 to p4 (RFC 3261 §16.12.1.2)', () => {
  const own = (host: string): OwnNames => ({
    isOwnRoute: (uri) => uri.host === host,
    isOwnRecordRoute: (uri) => uri.host === host,
    isOwnHost: () => false,
    receivedPort: 5061,
    receivedTransport: 'tls',
  });
  const P1 = '<sip:p1.example.com;lr>';
  const P2 = '<sip:p2.middle.example>';
  const P3 = '<sip:p3.middle.example>';
  const P4 = '<sip:p4.domain.example;lr>';

  it('leaves p1 with p2 as Request-URI', () => {
    const received = preprocessRoute(CALLEE, [P1, P2, P3, P4], own('p1.example.com'));
    assert.ok(received.ok);
    const sent = postprocessRoute(received.value.requestUri, received.value.routes);
    assert.deepEqual(sent.ok && sent.value, {
      requestUri: 'sip:p2.middle.example',
      routes: [P3, P4, `<${CALLEE}>`],
      nextHop: 'sip:p2.middle.example',
    });
  });

  it('leaves p4 with the callee as Request-URI again', () => {
    const received = preprocessRoute(
      'sip:p4.domain.example;lr',
      [`<${CALLEE}>`],
      own('p4.domain.example'),
    );
    assert.ok(received.ok);
    const sent = postprocessRoute(received.value.requestUri, received.value.routes);
    assert.deepEqual(sent.ok && sent.value, { requestUri: CALLEE, routes: [], nextHop: CALLEE });
  });
});
