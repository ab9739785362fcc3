import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clockFindings } from '@sallyport/app-gateway/doctor/clock-findings.ts';
import { type FakeMachine, fakeSystem, glance } from './fake-system.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;
const BUNDLE = '/etc/sallyport/edge-1';
const STAMP = '/run/systemd/timesync/synchronized';

function bad(machine: FakeMachine, nowMs = NOW_MS, aheadMs: readonly (number | undefined)[] = []) {
  const facts = {
    [STAMP]: { changedMs: nowMs },
    [`${BUNDLE}/proxy.json`]: { changedMs: NOW_MS },
    ...machine.facts,
  };
  const answers = aheadMs.map((ahead) => ({ server: '192.0.2.60', aheadMs: ahead }));
  const found = clockFindings(fakeSystem({ ...machine, facts }), BUNDLE, nowMs, answers);
  return glance(found.filter(({ level }) => level !== 'ok'));
}

describe('the clock of a host', () => {
  it('that is right, and set by a service: nothing to say', () => {
    assert.deepEqual(bad({}), []);
  });

  it('whose year cannot be', () => {
    const files = { facts: { [`${BUNDLE}/proxy.json`]: { changedMs: 0 } } };
    assert.deepEqual(bad(files, Date.UTC(2025, 11, 31)), ['fault clock-year']);
    assert.deepEqual(bad(files, Date.UTC(2026, 0, 1)), []);
    assert.deepEqual(bad(files, Date.UTC(2100, 0, 1)), ['fault clock-year']);
  });

  it('that is behind the files it has', () => {
    const changed = (ms: number) => ({ facts: { [`${BUNDLE}/proxy.json`]: { changedMs: ms } } });
    assert.deepEqual(bad(changed(NOW_MS + 300_000)), []);
    assert.deepEqual(bad(changed(NOW_MS + 300_001)), ['fault clock-behind-files']);
  });

  it('that was not set for a day', () => {
    const set = (ms: number) => ({ facts: { [STAMP]: { changedMs: NOW_MS - ms } } });
    assert.deepEqual(bad(set(24 * HOUR_MS - 1)), []);
    assert.deepEqual(bad(set(24 * HOUR_MS)), ['warning clock-service']);
  });

  //  ahead of this clock      finding
  const offsets: readonly (readonly [number | undefined, readonly string[]])[] = [
    [999, []],
    [-999, []],
    [1000, ['warning clock-offset']],
    [-59_999, ['warning clock-offset']],
    [60_000, ['fault clock-offset']],
    [undefined, ['unknown clock-offset']],
  ];
  for (const [aheadMs, expected] of offsets) {
    it(`a time server that is ${aheadMs ?? '?'} ms ahead: ${expected.join() || 'fine'}`, () => {
      assert.deepEqual(bad({}, NOW_MS, [aheadMs]), expected);
    });
  }

  it('with another service it is not said to be right, without any it is not known', () => {
    const without = (texts: Record<string, string>) =>
      glance(clockFindings(fakeSystem({ texts }), BUNDLE, NOW_MS, [])).at(-1);
    assert.equal(without({ '/proc/7/comm': 'chronyd\n' }), 'notice clock-service');
    assert.equal(without({ '/proc/7/comm': 'bash\n' }), 'unknown clock-service');
  });
});
