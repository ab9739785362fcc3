import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entropyFindings } from '@sallyport/app-gateway/doctor/entropy-findings.ts';
import { fakeSystem, glance } from './fake-system.ts';

describe('random numbers of the kernel', () => {
  for (const [text, finding] of [
    ['256\n', 'ok randomness'],
    ['255\n', 'warning randomness'],
    ['x', 'unknown randomness'],
  ] as const) {
    it(`${JSON.stringify(text)}: ${finding}`, () => {
      const system = fakeSystem({ texts: { '/proc/sys/kernel/random/entropy_avail': text } });
      assert.deepEqual(glance(entropyFindings(system)), [finding]);
    });
  }

  it('that nobody shows are not known', () => {
    assert.deepEqual(glance(entropyFindings(fakeSystem({}))), ['unknown randomness']);
  });
});
