import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { betterFinal } from '@sallyport/shared/sip/proxy/best-response.ts';
import fc from 'fast-check';

//  collected, in order     best
const table: readonly (readonly [readonly number[], number])[] = [
  [[404], 404],
  [[503], 503],
  [[503, 404], 404],
  [[404, 503], 404],
  [[503, 500], 500],
  [[500, 503], 500],
  [[503, 302], 302],
  [[486, 302], 302],
  [[486, 603], 603],
  [[302, 600], 600],
  [[408, 500], 408],
  [[408, 486], 486],
  [[486, 408], 486],
  [[408, 503], 408],
  [[486, 401], 401],
  [[486, 407], 407],
  [[486, 415], 415],
  [[486, 420], 420],
  [[486, 484], 484],
  [[401, 486], 401],
  [[403, 404], 404],
  [[500, 502, 404, 486, 603], 603],
];

describe('the better final response (RFC 3261 §16.7 step 6)', () => {
  for (const [statuses, best] of table) {
    it(`${statuses.join(', ')} -> ${best}`, () => {
      assert.equal(statuses.reduce(betterFinal, 0), best);
    });
  }

  it('is one of those collected, a 6xx if there is one, else of the lowest class', () => {
    const status = fc.integer({ min: 300, max: 699 });
    fc.assert(
      fc.property(fc.array(status, { minLength: 1, maxLength: 6 }), (statuses) => {
        const best = statuses.reduce(betterFinal, 0);
        const classes = statuses.map((given) => Math.floor(given / 100));
        assert.ok(statuses.includes(best));
        assert.equal(Math.floor(best / 100), classes.includes(6) ? 6 : Math.min(...classes));
      }),
      { seed: 3261 },
    );
  });
});
