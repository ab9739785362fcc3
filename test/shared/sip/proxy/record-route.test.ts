import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordRouteScheme } from '@sallyport/shared/sip/proxy/record-route.ts';

const SIP = 'sip:bob@biloxi.example';
const SIPS = 'SIPS:bob@biloxi.example';

//  method       Request-URI  topmost Route   scheme
const table: readonly (readonly [string, string, string | undefined, string | undefined])[] = [
  ['INVITE', SIP, undefined, 'sip'],
  ['INVITE', SIP, 'sip:p1.example;lr', 'sip'],
  ['INVITE', SIPS, undefined, 'sips'],
  ['INVITE', SIPS, 'sip:p1.example;lr', 'sips'],
  ['INVITE', SIP, 'sips:p1.example;lr', 'sips'],
  ['INVITE', 'sip:sips:x@biloxi.example', undefined, 'sip'],
  ['SUBSCRIBE', SIP, undefined, 'sip'],
  ['REFER', SIP, undefined, 'sip'],
  ['NOTIFY', SIP, undefined, 'sip'],
  ['MESSAGE', SIP, undefined, undefined],
  ['OPTIONS', SIPS, undefined, undefined],
  ['PUBLISH', SIP, undefined, undefined],
  ['BYE', SIP, undefined, undefined],
  ['ACK', SIP, undefined, undefined],
  ['CANCEL', SIP, undefined, undefined],
  ['invite', SIP, undefined, undefined],
];

describe('whether to Record-Route, and with which scheme (RFC 3261 §16.6 step 4, RFC 6665 §4.3)', () => {
  for (const [method, requestUri, topmostRoute, scheme] of table) {
    it(`${method} ${requestUri}, Route ${topmostRoute} -> ${scheme}`, () => {
      assert.equal(recordRouteScheme(method, requestUri, topmostRoute), scheme);
    });
  }
});
