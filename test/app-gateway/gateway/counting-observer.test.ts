import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CountingObserver } from '@sallyport/app-gateway/gateway/counting-observer.ts';

describe('counters of the gateway', () => {
  it('count decisions by rule, direction and class of answer', () => {
    const observer = new CountingObserver();
    observer.refused(undefined, { rule: 'no-open-relay', status: 403 });
    observer.refused(undefined, { rule: 'no-open-relay', status: 403 });
    observer.refused(undefined, { rule: 'options-to-us', status: 200 });
    observer.forwarded('MESSAGE', 'inward');
    observer.forwarded('MESSAGE', 'outward');
    for (const status of [180, 200, 202, 503]) observer.answered('INVITE', status);
    observer.stray('ack');
    assert.deepEqual(observer.counts(), {
      'refused.no-open-relay': 2,
      'options-to-us': 1,
      'requests.inward': 1,
      'requests.outward': 1,
      'responses.1xx': 1,
      'responses.2xx': 2,
      'responses.5xx': 1,
      'stray.ack': 1,
    });
  });
});
