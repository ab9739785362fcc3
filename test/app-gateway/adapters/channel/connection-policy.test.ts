import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  ConnectionPolicy,
  shownKey,
} from '@sallyport/app-gateway/adapters/channel/connection-policy.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { around } from '../../../integration/support/proxy-site.ts';
import { OPENED } from './fake-connection.ts';

const [now, next] = await Promise.all(
  ['now', 'next'].map((commonName) => createAuthority({ commonName, ...around() })),
);
assert.ok(now !== undefined && next !== undefined);
const key = { now: shownKey(now.certificatePem), next: shownKey(next.certificatePem) };

const SECURED = {
  plainTcp: false,
  endpoints: [],
  trustSets: [{ id: 't1', anchors: [], intermediates: [], pins: [] }],
};

describe('what a partner is shown', () => {
  const policy = new ConnectionPolicy();
  policy.use({
    public: { host: 'sip.acme.example', port: 5061 },
    proxies: [],
    identities: [
      { name: 'main', serverNames: ['acme.example'], chainPem: now.certificatePem, keyPem: '' },
      { name: 'main-k2', serverNames: [], chainPem: next.certificatePem, keyPem: '' },
    ],
    partners: [
      { id: 'globex', ownIdentity: 'main', connectionReuse: 'alias', ...SECURED },
      { id: 'initech', ownIdentity: 'main-k2', connectionReuse: 'always', ...SECURED },
    ],
  });

  it('is named as proxies name it', () => {
    const parsed = parseCertificate(new X509Certificate(now.certificatePem).raw);
    assert.ok(parsed.ok);
    assert.equal(key.now, parsed.value.spkiSha256);
  });

  it('lets a partner be sent to on any of its connections where that was agreed', () => {
    const reused = ['globex', 'initech', 'nobody'].filter((id) => policy.reusesAlways(id));
    assert.deepEqual(reused, ['initech']);
  });

  // partner      direction   identity    key     shown by a new connection too
  const rows = [
    ['globex', 'outbound', 'main', 'now', true],
    ['globex', 'outbound', 'main', 'next', false],
    ['globex', 'inbound', 'main', 'now', true],
    ['globex', 'inbound', 'main', 'next', false],
    ['initech', 'outbound', 'main', 'now', false],
    ['initech', 'outbound', 'main-k2', 'next', true],
    ['initech', 'inbound', 'main', 'now', true],
    ['nobody', 'outbound', 'main', 'now', false],
  ] as const;
  for (const [partner, direction, ownIdentity, shown, isOfNow] of rows) {
    it(`${isOfNow ? 'is' : 'is not'} ${shown} of ${ownIdentity}: ${partner}, ${direction}`, () => {
      const flow = { ...OPENED, partner, direction, ownIdentity, ownKey: key[shown] };
      assert.equal(policy.isOfNow(flow), isOfNow);
    });
  }
});
