import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type RequestFacts,
  type RequestVerdict,
  validateRequest,
} from '@sallyport/shared/sip/proxy/request-validation.ts';

const GOOD: RequestFacts = {
  method: 'MESSAGE',
  requestUriScheme: 'sip',
  maxForwards: 70,
  maxBreadth: undefined,
  isLoop: false,
  proxyRequire: [],
};
const KNOWN: ReadonlySet<string> = new Set(['privacy']);

const BAD_SCHEME: Partial<RequestFacts> = { requestUriScheme: 'tel' };
const NO_HOPS: Partial<RequestFacts> = { maxForwards: 0 };
const LOOP: Partial<RequestFacts> = { isLoop: true };
const NO_BREADTH: Partial<RequestFacts> = { maxBreadth: 0 };
const UNKNOWN: Partial<RequestFacts> = { proxyRequire: ['foo', 'Privacy', 'bar'] };

//  what                                 request                                    verdict
const table: readonly (readonly [string, Partial<RequestFacts>, string])[] = [
  ['nothing wrong', {}, 'proceed'],
  ['a sips URI', { requestUriScheme: 'sips' }, 'proceed'],
  ['no Max-Forwards', { maxForwards: undefined }, 'proceed'],
  ['the last hop', { maxForwards: 1 }, 'proceed'],
  ['the last breadth', { maxBreadth: 1 }, 'proceed'],
  ['a scheme we do not know', BAD_SCHEME, '416 Unsupported URI Scheme'],
  ['no hop left', NO_HOPS, '483 Too Many Hops'],
  ['no hop left for an OPTIONS', { ...NO_HOPS, method: 'OPTIONS' }, 'answer-options'],
  ['a loop', LOOP, '482 Loop Detected'],
  ['no breadth left', NO_BREADTH, '440 Max-Breadth Exceeded'],
  ['a known extension', { proxyRequire: ['PRIVACY'] }, 'proceed'],
  ['unknown extensions', UNKNOWN, '420 Bad Extension, Unsupported: foo, bar'],
  ['unknown extensions in a CANCEL', { ...UNKNOWN, method: 'CANCEL' }, 'proceed'],
  ['unknown extensions in an ACK', { ...UNKNOWN, method: 'ACK' }, 'proceed'],
  ['ACK with a bad scheme', { ...BAD_SCHEME, method: 'ACK' }, 'drop'],
  ['ACK without a hop left', { ...NO_HOPS, method: 'ACK' }, 'drop'],
  ['ACK in a loop', { ...LOOP, method: 'ACK' }, 'drop'],
  ['ACK without breadth', { ...NO_BREADTH, method: 'ACK' }, 'drop'],
  ['a method that nobody knows', { method: 'FOO' }, 'proceed'],
  [
    'first the scheme',
    { ...BAD_SCHEME, ...NO_HOPS, ...LOOP, ...UNKNOWN },
    '416 Unsupported URI Scheme',
  ],
  ['then the hops', { ...NO_HOPS, ...LOOP, ...NO_BREADTH, ...UNKNOWN }, '483 Too Many Hops'],
  ['then the loop', { ...LOOP, ...NO_BREADTH, ...UNKNOWN }, '482 Loop Detected'],
  ['then the breadth', { ...NO_BREADTH, ...UNKNOWN }, '440 Max-Breadth Exceeded'],
];

describe('request validation at a proxy (RFC 3261 §16.3)', () => {
  for (const [what, change, verdict] of table) {
    it(`${what} -> ${verdict}`, () => {
      assert.equal(describeVerdict(validateRequest({ ...GOOD, ...change }, KNOWN)), verdict);
    });
  }
});

function describeVerdict(verdict: RequestVerdict): string {
  if (verdict.type !== 'reply') return verdict.type;
  return [`${verdict.status} ${verdict.reasonPhrase}`, ...verdict.headers].join(', ');
}
