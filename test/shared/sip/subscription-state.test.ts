import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSubscriptionState } from '@sallyport/shared/sip/subscription-state.ts';

//  text        state, reason, expires, retry-after
const accepted: readonly (readonly [string, readonly unknown[]])[] = [
  ['active;expires=600', ['active', undefined, 600, undefined]],
  ['Pending', ['pending', undefined, undefined, undefined]],
  ['terminated;reason=NoResource', ['terminated', 'noresource', undefined, undefined]],
  ['terminated;reason=probation;retry-after=30', ['terminated', 'probation', undefined, 30]],
  ['terminated ; x="y"', ['terminated', undefined, undefined, undefined]],
];

const refused = [
  '',
  'terminated;reason',
  'terminated;reason="@"',
  'terminated;retry-after=-1',
  'terminated;retry-after=40,*',
  'terminated;expires=40aaa',
  'terminated;expires',
  'terminated;expires=4294967296',
  'terminated@x;expires=40',
  'terminated;;;;',
  'active, pending',
  '\u0142',
];

describe('Subscription-State (RFC 6665 §8.2.3)', () => {
  for (const [text, parts] of accepted) {
    it(`takes ${text} apart`, () => {
      const parsed = parseSubscriptionState(text);
      assert.ok(parsed.ok);
      const { state, reason, expires, retryAfter } = parsed.value;
      assert.deepEqual([state, reason, expires, retryAfter], parts);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const error = 'sip-subscription-state-malformed';
      assert.deepEqual(parseSubscriptionState(text), { ok: false, error });
    });
  }
});
