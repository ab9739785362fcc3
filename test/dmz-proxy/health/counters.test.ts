import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';

it('counters add up by name, and names fit a metrics frame', () => {
  const counters = new Counters();
  counters.add('requests');
  counters.add('requests', 2);
  counters.add('x'.repeat(100));
  assert.deepEqual(counters.read(), { requests: 3, ['x'.repeat(64)]: 1 });
});
