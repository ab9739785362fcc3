import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import type { SipFault } from '@sallyport/shared/sip/sip-fault.ts';

//  fault           status
const table: readonly (readonly [SipFault, number])[] = [
  ['sip-head-too-large', 513],
  ['sip-body-too-large', 513],
  ['sip-too-many-headers', 513],
  ['sip-line-too-long', 513],
  ['sip-request-uri-too-long', 414],
  ['sip-request-uri-scheme-unsupported', 416],
  ['sip-version-unsupported', 505],
  ['sip-content-length-missing', 400],
  ['sip-header-repeated', 400],
  ['sip-via-malformed', 400],
  ['sip-cseq-method-mismatch', 400],
  ['sip-subscription-state-malformed', 400],
];

describe('status of a fault (RFC 3261 §21)', () => {
  for (const [fault, status] of table) {
    it(`${fault} -> ${status}`, () => {
      const { status: told, reasonPhrase } = statusOf(fault);
      assert.equal(told, status);
      assert.match(reasonPhrase, /^[A-Za-z0-9 -]+$/);
    });
  }
});
