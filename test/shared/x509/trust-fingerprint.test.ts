import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type TrustContent, trustFingerprint } from '@sallyport/shared/x509/trust-fingerprint.ts';

const A = Buffer.from('certificate a');
const B = Buffer.from('certificate b');
const PIN = Buffer.alloc(32, 7).toString('base64');
const KEY = Buffer.alloc(44, 9).toString('base64');
const EMPTY: TrustContent = { anchors: [], intermediates: [], pins: [], signingKeys: [] };
const BASE: TrustContent = { ...EMPTY, anchors: [A, B], pins: [PIN] };

const same: readonly (readonly [string, TrustContent])[] = [
  ['in another order', { ...BASE, anchors: [B, A] }],
  ['with one certificate twice', { ...BASE, anchors: [A, B, A] }],
  ['with a pin that lacks its padding', { ...BASE, pins: [PIN.replace('=', '')] }],
];

const others: readonly (readonly [string, TrustContent])[] = [
  ['nothing', EMPTY],
  ['one anchor less', { ...BASE, anchors: [A] }],
  ['an anchor as intermediate', { ...BASE, anchors: [A], intermediates: [B] }],
  ['no pin', { ...BASE, pins: [] }],
  ['another pin', { ...BASE, pins: [Buffer.alloc(32, 8).toString('base64')] }],
  ['a pin as signing key', { ...BASE, pins: [], signingKeys: [PIN] }],
  ['a signing key', { ...BASE, signingKeys: [KEY] }],
];

describe('fingerprint of what a partner gives to trust', () => {
  it('never changes: people have it on paper', () => {
    assert.equal(
      trustFingerprint({ ...BASE, signingKeys: [KEY] }),
      'cb22a017de72f2e5513c404569b32ac837c599d1fbe90e10efaa16fff5e6920e',
    );
  });

  for (const [name, content] of same) {
    it(`is the same ${name}`, () =>
      assert.equal(trustFingerprint(content), trustFingerprint(BASE)));
  }

  for (const [name, content] of others) {
    it(`is another with ${name}`, () => {
      assert.match(trustFingerprint(content), /^[0-9a-f]{64}$/);
      assert.notEqual(trustFingerprint(content), trustFingerprint(BASE));
    });
  }

  it('tells all of these sets apart', () => {
    const all = [BASE, ...others.map(([, content]) => content)].map(trustFingerprint);
    assert.equal(new Set(all).size, all.length);
  });
});
