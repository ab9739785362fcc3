import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addRequestedKey } from '@sallyport/app-gateway/domain/exchange/identity/add-requested-key.ts';
import { installCertificate } from '@sallyport/app-gateway/domain/exchange/identity/install-certificate.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildCertificate, ecKey } from '../../../../x509-builder.ts';
import { ann, codeOf, done, identity, identityKey, NOW_MS } from '../exchange-fixture.ts';

const request = { kind: 'ec-p256', spki: 'new', requestPem: 'csr', sealedKey: 'sealed' } as const;
const main = identity('main', [identityKey('k1', 'retired'), identityKey('k7', 'active')]);

describe('a key is requested', () => {
  it('under the next name, which is never used again', () => {
    const { record, key, events } = done(
      addRequestedKey([main], { identity: 'main', ...request }, ann, NOW_MS),
    );
    assert.equal(key, 'k8');
    assert.equal(record.keys.at(-1)?.state, 'requested');
    assert.ok(!JSON.stringify(events).includes('sealed'));
  });

  it('and begins an identity that there was not', () => {
    const fresh = { identity: 'second', serverNames: ['two.example'], ...request };
    const { record } = done(addRequestedKey([main], fresh, ann, NOW_MS));
    assert.deepEqual(
      [record.name, record.serverNames, record.position, record.keys.length],
      ['second', ['two.example'], 1, 1],
    );
  });

  const full = identity(
    'main',
    Array.from({ length: 8 }, (_, n) => identityKey(`k${n}`, 'ready')),
  );
  const rows = [
    ['a name that is none', [main], { identity: '../x' }, 'identity-name-wrong'],
    ['the same key again', [main], { identity: 'second', spki: 'spki of k1' }, 'key-known'],
    ['a ninth key', [full], { identity: 'main' }, 'keys-max'],
    [
      'another\u2019s server name',
      [main],
      { identity: 'second', serverNames: ['main.example'] },
      'server-name-taken',
    ],
  ] as const;
  for (const [what, identities, change, expected] of rows) {
    it(`not ${what}: ${expected}`, () => {
      const outcome = addRequestedKey(identities, { ...request, ...change }, ann, NOW_MS);
      assert.equal(codeOf(outcome), expected);
    });
  }
});

describe('a certificate is installed', () => {
  const key = ecKey();
  const der = buildCertificate({ subject: 'CN=acme.example', key });
  const chainPem = encodePem(der, 'CERTIFICATE');
  const parsed = parseCertificate(der);
  assert.ok(parsed.ok);
  const spki = parsed.value.spkiSha256;
  const waiting = (state: Parameters<typeof identityKey>[1], of = spki) =>
    identity('main', [identityKey('k1', state, { spki: of })]);
  const answer = { key: 'k1', chainPem, anchorsPem: '', problems: [] };

  for (const [state, expected] of [
    ['requested', 'ready'],
    ['ready', 'ready'],
    ['active', 'active'],
    ['retired', 'key-state'],
  ] as const) {
    it(`for a key that is ${state}: ${expected}`, () => {
      const outcome = installCertificate(waiting(state), answer, ann, NOW_MS);
      const got = outcome.ok ? outcome.value.record.keys[0]?.state : outcome.error.code;
      assert.equal(got, expected);
    });
  }

  it('with its end', () => {
    const { record } = done(installCertificate(waiting('requested'), answer, ann, NOW_MS));
    assert.equal(record.keys[0]?.notAfterMs, Date.UTC(2027, 0, 1));
  });

  const fault = { severity: 'error', message: 'names' } as const;
  const rows = [
    ['for another key', waiting('requested', 'other'), {}, 'certificate-other-key'],
    ['with faults', waiting('requested'), { problems: [fault] }, 'certificate-problems'],
    ['that is no PEM', waiting('requested'), { chainPem: 'x' }, 'certificate-unreadable'],
    [
      'that is no certificate',
      waiting('requested'),
      { chainPem: encodePem(Buffer.from('x'), 'CERTIFICATE') },
      'certificate-unreadable',
    ],
  ] as const;
  for (const [what, record, change, expected] of rows) {
    it(`not one ${what}`, () => {
      const outcome = installCertificate(record, { ...answer, ...change }, ann, NOW_MS);
      assert.equal(codeOf(outcome), expected);
    });
  }
});
