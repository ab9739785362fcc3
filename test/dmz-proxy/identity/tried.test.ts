import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { identifyClient } from '@sallyport/dmz-proxy/identity/identity.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import { triedOnIdentity, triedOnRequest } from '@sallyport/dmz-proxy/identity/tried.ts';
import type { TrialSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { around, partnerSnapshot } from '../../integration/support/proxy-site.ts';
import { type RequestParts, request } from '../../integration/support/sip-text.ts';
import { LIMITS, shownBy } from '../edge-fixture.ts';

const root = await createAuthority({ commonName: 'globex', ...around() });
const serverOnly = await issueDomainCertificate(root, {
  domains: ['globex.example'],
  usages: ['serverAuth'],
  ...around(),
});

function identityUnder(trial: TrialSnapshot) {
  const settings = { ...partnerSnapshot(root.certificatePem), trial };
  const table = partnerTable([settings], NO_PARTNERS, 0);
  assert.ok(table.ok);
  const identity = identifyClient(
    { table: table.value, cache: new PathCache(1) },
    {
      ...shownBy(serverOnly.certificatePem),
      sourceAddress: '192.0.2.1',
      resumed: false,
      atMs: Date.now(),
    },
  );
  assert.ok(identity.ok);
  return identity.value;
}

//   rule that is tried                        rules that would have refused the handshake
const handshakes: readonly (readonly [TrialSnapshot, readonly string[]])[] = [
  [{}, []],
  [{ purposes: 'federation' }, []],
  [{ purposes: 'strict' }, ['purposes']],
  [{ allowNoEku: false }, []],
  [{ sourceNetworks: ['192.0.2.0/24'] }, []],
  [{ sourceNetworks: ['198.51.100.0/24'] }, ['source-networks']],
  [{ sourceNetworks: [] }, []],
  [{ revocation: 'soft-fail' }, []],
  [{ revocation: 'hard-fail' }, ['revocation']],
  [{ methods: ['MESSAGE'] }, []],
  [{ purposes: 'strict', revocation: 'hard-fail' }, ['purposes', 'revocation']],
];

//   rule that is tried            request                                  rule that would have refused it
const messages: readonly (readonly [TrialSnapshot, RequestParts, string | undefined])[] = [
  [{}, {}, undefined],
  [{ methods: ['MESSAGE'] }, {}, undefined],
  [{ methods: ['INVITE'] }, {}, 'methods'],
  [{ methods: ['INVITE'] }, { method: 'ACK' }, undefined],
  [{ eventPackages: [] }, {}, undefined],
  [{ eventPackages: [] }, { method: 'SUBSCRIBE', headers: ['Event: presence'] }, 'event-packages'],
  [
    { eventPackages: ['presence'] },
    { method: 'SUBSCRIBE', headers: ['Event: presence;id=1'] },
    undefined,
  ],
  [{ purposes: 'strict' }, {}, undefined],
];

describe('rules on trial', () => {
  for (const [trial, rules] of handshakes) {
    it(`${JSON.stringify(trial)} on a handshake: ${rules.join() || 'nothing'}`, () => {
      const identity = identityUnder(trial);
      assert.ok(identity.partner.trial);
      const tried = triedOnIdentity(
        identity.partner.trial,
        identity,
        'client',
        '192.0.2.1',
        undefined,
        Date.now(),
      );
      assert.deepEqual(tried, rules);
    });
  }

  for (const [trial, parts, rule] of messages) {
    it(`${JSON.stringify(trial)} on ${JSON.stringify(parts)}: ${rule ?? 'nothing'}`, () => {
      const index = new MessageIndex(LIMITS);
      const bytes = Buffer.from(request(parts));
      index.scan(bytes, 0, bytes.length);
      const { partner } = identityUnder(trial);
      assert.ok(partner.trial);
      assert.equal(triedOnRequest(partner.trial, index, index.method()), rule);
    });
  }

  it('are none where nothing is tried', () => {
    const table = partnerTable([partnerSnapshot(root.certificatePem)], NO_PARTNERS, 0);
    assert.ok(table.ok);
    assert.equal(table.value.byId.get('globex')?.trial, undefined);
  });
});
