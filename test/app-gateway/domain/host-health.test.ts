import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probed, UNTRIED } from '@sallyport/app-gateway/domain/host-health.ts';

const POLICY = { failuresToDown: 2, successesToUp: 3 };

/** `+` a probe that was answered, `-` one that was not; verdicts after each. */
const rows: readonly (readonly [string, string])[] = [
  ['+', 'u'],
  ['-', 'u'],
  ['--', 'ud'],
  ['-+-', 'uuu'],
  ['--+', 'udd'],
  ['--++-+++', 'uddddddu'],
  ['--+++-', 'uddduu'],
];

describe('health of an inner host', () => {
  for (const [probes, verdicts] of rows) {
    it(`${probes} → ${verdicts}`, () => {
      let health = UNTRIED;
      let seen = '';
      for (const probe of probes) {
        health = probed(health, probe === '+', POLICY);
        seen += health.isUp ? 'u' : 'd';
      }
      assert.equal(seen, verdicts);
    });
  }
});
