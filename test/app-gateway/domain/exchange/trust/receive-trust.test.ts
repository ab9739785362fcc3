import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import { signerDigest } from '@sallyport/app-gateway/domain/exchange/trust/known-signers.ts';
import {
  type ReceivedTrust,
  receiveTrust,
} from '@sallyport/app-gateway/domain/exchange/trust/receive-trust.ts';
import type {
  TrustOrigin,
  TrustSet,
} from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildCertificate, ecKey } from '../../../../x509-builder.ts';
import {
  ann,
  codeOf,
  done,
  NOW_MS,
  olga,
  partner,
  received,
  trustSet,
} from '../exchange-fixture.ts';

const known = partner([trustSet('t1', 'retired'), trustSet('t2', 'active')], {
  receivedSequence: 4,
});
const pins = (count: number) => Array.from({ length: count }, (_, n) => `pin ${n}`);
const pending = (count: number) =>
  partner(Array.from({ length: count }, (_, n) => trustSet(`t${n + 1}`, 'received')));

function offer(content: string, change: Partial<TrustOrigin>): ReceivedTrust {
  const plain = received(content);
  return { ...plain, origin: { ...plain.origin, format: 'sallyport', ...change } };
}

function signedBy(signer: string): TrustSet {
  const set = trustSet('t1', 'active');
  return { ...set, origin: { ...set.origin, format: 'sallyport', signer } };
}

const SPKI = Buffer.alloc(44, 7).toString('base64');
const FILED = signerDigest(SPKI);
/** As `import` leaves a set of a partner's file: it has the signer's key, and was never an offer. */
const filed = partner([{ ...trustSet('t1', 'active'), signingKeys: [SPKI] }]);

const newSigner = { reason: 'they lost the old key' };
const rows: readonly (readonly [string, PartnerRecord, ReceivedTrust, string])[] = [
  ['takes the first set', partner(), received('a'), 'done'],
  ['takes what was retired again', known, received('t1'), 'done'],
  ['knows what is live', known, received('t2'), 'trust-known'],
  ['wants content', partner(), received('a', { pins: [] }), 'trust-empty'],
  ['takes 64 pins', partner(), received('a', { pins: pins(64) }), 'done'],
  ['refuses 65 pins', partner(), received('a', { pins: pins(65) }), 'trust-too-large'],
  ['takes an eighth waiting set', pending(7), received('a'), 'done'],
  ['refuses a ninth waiting set', pending(8), received('a'), 'trust-pending-max'],
  ['takes a number that rises', known, offer('a', { sequence: 5 }), 'done'],
  ['refuses the same number', known, offer('a', { sequence: 4 }), 'sequence-not-rising'],
  ['takes an offer until its end', known, offer('a', { expiresAtMs: NOW_MS }), 'done'],
  ['refuses it afterwards', known, offer('a', { expiresAtMs: NOW_MS - 1 }), 'offer-expired'],
  ['takes the first signer', partner(), offer('a', { signer: 'S1' }), 'done'],
  ['takes the known signer', partner([signedBy('S1')]), offer('a', { signer: 'S1' }), 'done'],
  ['takes a signer of the site\u2019s own file', filed, offer('a', { signer: FILED }), 'done'],
  [
    'refuses a stranger beside the site\u2019s own file',
    filed,
    offer('a', { signer: 'S3' }),
    'signer-unknown',
  ],
  ['refuses a stranger', partner([signedBy('S1')]), offer('a', { signer: 'S3' }), 'signer-unknown'],
];

describe('a partner\u2019s file is received', () => {
  for (const [what, record, file, expected] of rows) {
    it(what, () => assert.equal(codeOf(receiveTrust(record, file, ann, NOW_MS)), expected));
  }

  it('takes a new signer on an officer\u2019s word only', () => {
    const file = { ...offer('a', { signer: 'S3' }), newSigner };
    const record = partner([signedBy('S1')]);
    assert.equal(codeOf(receiveTrust(record, file, ann, NOW_MS)), 'officer-needed');
    const { events } = done(receiveTrust(record, file, olga, NOW_MS));
    assert.equal(events[0].detail['newSigner'], newSigner.reason);
  });

  it('does not learn a signer from a set that nobody verified', () => {
    const record = partner([{ ...signedBy('S1'), state: 'received' }]);
    assert.equal(codeOf(receiveTrust(record, offer('a', { signer: 'S3' }), ann, NOW_MS)), 'done');
  });

  it('refuses faults, even an officer\u2019s, and notes warnings', () => {
    const weak = { severity: 'error', message: 'RSA-1024' } as const;
    const soon = { severity: 'warning', message: 'ends soon' } as const;
    const refused = receiveTrust(
      partner(),
      received('a', { problems: [soon, weak] }),
      olga,
      NOW_MS,
    );
    assert.equal(!refused.ok && refused.error.message, 'faults (1): RSA-1024');
    const taken = done(receiveTrust(partner(), received('a', { problems: [soon] }), ann, NOW_MS));
    assert.deepEqual(taken.events[0].detail['warnings'], ['ends soon']);
  });

  it('gives it the next name and trusts nothing yet', () => {
    const { record, set, events } = done(
      receiveTrust(known, offer('a', { sequence: 9 }), ann, NOW_MS),
    );
    assert.deepEqual([set.id, set.state, set.verifications], ['t3', 'received', []]);
    assert.equal(record.receivedSequence, 9);
    assert.deepEqual([events[0].kind, events[0].subject], ['trust-received', 'partner/globex']);
  });

  it('never gives a name twice, though old sets leave the record', () => {
    let record = partner();
    for (let n = 0; n < 60; n++) {
      const taken = done(receiveTrust(record, received(`set ${n}`), ann, NOW_MS));
      assert.equal(taken.set.id, `t${n + 1}`);
      const trustSets = taken.record.trustSets.map((set) => ({
        ...set,
        state: 'retired' as const,
      }));
      record = { ...taken.record, trustSets };
    }
    assert.equal(record.trustSets.length, 51);
  });

  it('shows what is new, kept and gone, whatever the PEM looks like', () => {
    const [kept, gone, added] = ['kept', 'gone', 'new'].map((name) =>
      buildCertificate({ subject: `CN=${name}`, key: ecKey() }),
    ) as [Buffer, Buffer, Buffer];
    const pem = (certificate: Buffer) => encodePem(certificate, 'CERTIFICATE');
    const old = { ...trustSet('t1', 'active'), anchors: [pem(kept), pem(gone)], pins: [] };
    const wrapped = `text around\r\n${pem(kept).replaceAll('\n', '\r\n')}`;
    const file = received('a', {
      anchors: [wrapped, pem(added)],
      pins: [],
      domains: ['Globex.example', 'two.example'],
    });
    const { difference } = done(receiveTrust(partner([old]), file, ann, NOW_MS));
    assert.deepEqual(
      [difference.anchors.added, difference.anchors.kept, difference.anchors.gone].map(
        (list) => list.length,
      ),
      [1, 1, 1],
    );
    assert.deepEqual(difference.domains, {
      added: ['two.example'],
      kept: ['globex.example'],
      gone: [],
    });
  });
});
