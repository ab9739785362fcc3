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

const LISTENER = {
  host: '10.0.0.1',
  port: 5061,
  transport: 'tls',
  proxyProtocolFrom: [],
  checksFrom: [],
} as const;
const SECURED = {
  plainTcp: false,
  endpoints: [],
  trustSets: [{ id: 't1', anchors: [], intermediates: [], pins: [] }],
};

describe('what a partner is shown', () => {
  const policy = new ConnectionPolicy();
  policy.use({
    public: { host: 'sip.acme.example', port: 5061 },
    proxies: [
      {
        node: 'edge-1',
        listen: [
          LISTENER,
          { ...LISTENER, advertise: { host: 'north.acme.example', port: 5071 } },
          { ...LISTENER, transport: 'tcp', port: 5060 },
        ],
      },
    ],
    identities: [
      { name: 'main', serverNames: ['acme.example'], chainPem: now.certificatePem, keyPem: '' },
      { name: 'main-k2', serverNames: [], chainPem: next.certificatePem, keyPem: '' },
    ],
    partners: [
      { id: 'globex', ownIdentity: 'main', connectionReuse: 'alias', ...SECURED },
      { id: 'initech', ownIdentity: 'main-k2', connectionReuse: 'always', ...SECURED },
      {
        id: 'umbrella',
        ownIdentity: 'main',
        connectionReuse: 'alias',
        plainTcp: true,
        endpoints: [],
        trustSets: [],
      },
    ],
  });

  // said by the proxy    direction    name
  const names = [
    [undefined, 'inbound', 'sip.acme.example:5061'],
    ['north.acme.example:5071', 'inbound', 'north.acme.example:5071'],
    ['evil.example:5071', 'inbound', 'sip.acme.example:5061'],
    ['north.acme.example:5071', 'outbound', 'sip.acme.example:5061'],
  ] as const;
  for (const [advertised, direction, expected] of names) {
    it(`is asked for by ${expected}: ${direction}, ${advertised ?? 'no name of its own'}`, () => {
      const opened = { ...OPENED, direction, ...(advertised === undefined ? {} : { advertised }) };
      assert.equal(policy.nameOf('edge-1', opened).hostPort, expected);
    });
  }

  it('is nothing without TLS, and then every connection is of now', () => {
    const {
      ownIdentity: _,
      ownKey: __,
      trustSet: ___,
      certificate: ____,
      tls: _____,
      ...rest
    } = OPENED;
    const opened = { ...rest, transport: 'tcp', sightings: [] } as const;
    assert.equal(policy.isOfNow(opened), true);
    const name = { hostPort: 'sip.acme.example:5060', transport: 'tcp' };
    assert.deepEqual(policy.nameOf('edge-1', opened), name);
    assert.deepEqual(policy.nameFor('edge-1', 'tcp'), name);
    assert.equal(policy.transportTo('globex'), 'tls');
    assert.equal(policy.transportTo('umbrella'), 'tcp');
    assert.equal(policy.transportTo('nobody'), 'tls');
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
