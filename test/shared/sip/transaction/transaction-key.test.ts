import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  hasMagicCookie,
  type LegacyRequest,
  legacyServerTransactionKey,
  serverTransactionKey,
} from '@sallyport/shared/sip/transaction/transaction-key.ts';

const BRANCH = 'z9hG4bK776asdhds';

describe('matching requests to server transactions (RFC 3261 §17.2.3)', () => {
  const invite = serverTransactionKey(BRANCH, 'pc33.example.com:5061', 'INVITE');

  //  what                                   branch            sent-by                  method    same
  const rows: readonly (readonly [string, string, string, string, boolean])[] = [
    ['the request again', BRANCH, 'pc33.example.com:5061', 'INVITE', true],
    ['its ACK', BRANCH, 'pc33.example.com:5061', 'ACK', true],
    ['a sent-by in other case', BRANCH, 'PC33.Example.COM:5061', 'INVITE', true],
    ['a branch in other case (§7.3.1)', BRANCH.toUpperCase(), 'pc33.example.com:5061', 'ACK', true],
    ['its CANCEL, a transaction of its own', BRANCH, 'pc33.example.com:5061', 'CANCEL', false],
    ['another method', BRANCH, 'pc33.example.com:5061', 'MESSAGE', false],
    ['a method in other case', BRANCH, 'pc33.example.com:5061', 'invite', false],
    ['another host that copies the branch', BRANCH, 'evil.example.com:5061', 'INVITE', false],
    ['another port', BRANCH, 'pc33.example.com:5062', 'INVITE', false],
    ['another branch', `${BRANCH}1`, 'pc33.example.com:5061', 'INVITE', false],
  ];
  for (const [what, branch, sentBy, method, same] of rows) {
    it(`${same ? 'matches' : 'keeps apart'}: ${what}`, () => {
      assert.equal(serverTransactionKey(branch, sentBy, method) === invite, same);
    });
  }
});

describe('the magic cookie (RFC 3261 §8.1.1.7)', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['z9hG4bK776asdhds', true],
    ['Z9HG4BK776asdhds', true],
    ['z9hG4bK', false],
    ['z9hG4b', false],
    ['776asdhds', false],
    ['', false],
  ];
  for (const [branch, expected] of rows) {
    it(`${JSON.stringify(branch)} -> ${expected}`, () =>
      assert.equal(hasMagicCookie(branch), expected));
  }
});

describe('matching requests of RFC 2543 elements (RFC 3261 §17.2.3)', () => {
  const INVITE: LegacyRequest = {
    method: 'INVITE',
    requestUri: 'sip:bob@biloxi.example.com',
    callId: 'a84b4c76e66710',
    fromTag: '1928301774',
    toTag: '',
    cseqNumber: 314_159,
    via: 'SIP/2.0/TLS pc33.example.com;branch=1',
  };
  const BYE: LegacyRequest = { ...INVITE, method: 'BYE', toTag: 'a6c85cf' };

  const rows: readonly (readonly [string, LegacyRequest, LegacyRequest, boolean])[] = [
    ['an INVITE again', INVITE, { ...INVITE }, true],
    [
      'an ACK, with the To tag of the response',
      INVITE,
      { ...INVITE, method: 'ACK', toTag: 'x' },
      true,
    ],
    ['a CANCEL', INVITE, { ...INVITE, method: 'CANCEL' }, false],
    ['another Request-URI', INVITE, { ...INVITE, requestUri: 'sip:carol@x.example' }, false],
    ['another Call-ID', INVITE, { ...INVITE, callId: 'b' }, false],
    ['another From tag', INVITE, { ...INVITE, fromTag: 'b' }, false],
    ['another CSeq number', INVITE, { ...INVITE, cseqNumber: 314_160 }, false],
    ['another topmost Via', INVITE, { ...INVITE, via: 'SIP/2.0/TLS pc34.example.com' }, false],
    ['a BYE again', BYE, { ...BYE }, true],
    ['a BYE with another To tag', BYE, { ...BYE, toTag: 'b' }, false],
    [
      'fields that only look alike when joined',
      INVITE,
      { ...INVITE, callId: 'a84b4c76e66710,1928301774' },
      false,
    ],
  ];
  for (const [what, one, other, same] of rows) {
    it(`${same ? 'matches' : 'keeps apart'}: ${what}`, () => {
      assert.equal(legacyServerTransactionKey(one) === legacyServerTransactionKey(other), same);
    });
  }
});
