import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HEADER_IDS, Header, headerIdOf } from '@sallyport/shared/sip/header-name.ts';

//  name              field
const table: readonly (readonly [string, number])[] = [
  ['Via', Header.via],
  ['vIA', Header.via],
  ['v', Header.via],
  ['V', Header.via],
  ['f', Header.from],
  ['t', Header.to],
  ['i', Header.callId],
  ['l', Header.contentLength],
  ['m', Header.contact],
  ['c', Header.contentType],
  ['o', Header.event],
  ['u', Header.allowEvents],
  ['k', Header.supported],
  ['r', Header.referTo],
  ['b', Header.referredBy],
  ['CSEQ', Header.cseq],
  ['Content-Length', Header.contentLength],
  ['Subscription-State', Header.subscriptionState],
  ['P-Preferred-Identity', Header.pPreferredIdentity],
  ['s', Header.other],
  ['x', Header.other],
  ['', Header.other],
  ['Vi', Header.other],
  ['Viaa', Header.other],
  ['Call ID', Header.other],
  ['Call\rID', Header.other],
  ['C%6Fntact', Header.other],
  ['X-Unknown', Header.other],
  ['x'.repeat(500), Header.other],
];

describe('header names (RFC 3261 §7.3.1, §7.3.3)', () => {
  for (const [name, id] of table) {
    it(`${JSON.stringify(name.slice(0, 24))} is ${id}`, () => {
      const bytes = new TextEncoder().encode(`:${name}:\r\n`);
      assert.equal(headerIdOf(new DataView(bytes.buffer), 1, 1 + name.length), id);
    });
  }

  it('every field has its own number, in range', () => {
    const ids = Object.values(Header);
    assert.equal(new Set(ids).size, HEADER_IDS);
    assert.ok(ids.every((id) => id < HEADER_IDS));
  });
});
