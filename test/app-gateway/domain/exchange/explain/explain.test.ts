import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '@sallyport/app-gateway/domain/exchange/explain/explain.ts';
import type {
  ExplainQuery,
  ExplainView,
} from '@sallyport/app-gateway/domain/exchange/explain/explain-query.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { TrustSet } from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import {
  basicConstraints,
  buildCertificate,
  ecKey,
  extendedKeyUsage,
  Oid,
  subjectAltName,
} from '../../../../x509-builder.ts';
import {
  DAY_MS,
  identity,
  identityKey,
  NOW_MS,
  partner,
  settings,
  trustSet,
} from '../exchange-fixture.ts';

const [key, leafKey] = [ecKey(), ecKey()];
const authority = (name: string) =>
  buildCertificate({ subject: name, key, extensions: [basicConstraints(true)] });
const GLOBEX = 'CN=Globex CA';
const pem = (der: Buffer) => encodePem(der, 'CERTIFICATE');

function chain(
  names: readonly string[],
  issuer = GLOBEX,
  purposes: readonly string[] = [Oid.serverAuth],
): Buffer[] {
  const extensions = [subjectAltName(names), extendedKeyUsage(purposes)];
  const draft = { subject: 'CN=leaf', key: leafKey, issuer: { subject: issuer, key }, extensions };
  return [buildCertificate(draft)];
}

function anchored(id: string, name: string): TrustSet {
  return { ...trustSet(id, 'active'), anchors: [pem(authority(name))], pins: [] };
}

const globex = (change: Record<string, unknown> = {}, more: Partial<PartnerRecord> = {}) =>
  partner([anchored('t1', GLOBEX)], {
    settings: settings({
      domains: ['globex.example', 'two.example'],
      methods: ['MESSAGE', 'SUBSCRIBE'],
      eventPackages: ['presence'],
      ...change,
    }),
    ...more,
  });

const view = (...partners: readonly PartnerRecord[]): ExplainView => ({
  domains: ['acme.example', 'empty.example'],
  publicHosts: ['sip.acme.example', 'edge.acme.example'],
  hasPlainListener: true,
  communities: [{ id: 'staff', domains: ['acme.example'] }],
  partners,
  severed: ['hooli'],
  identities: [identity('main', [identityKey('k1', 'active', { notAfterMs: NOW_MS + DAY_MS })])],
});

const shown = chain(['dns:globex.example']);
const inbound: ExplainQuery = {
  from: 'sip:ann@globex.example',
  to: 'bob@acme.example',
  direction: 'inbound',
  method: 'MESSAGE',
  chain: shown,
  sourceIp: '192.0.2.7',
};
const outbound: ExplainQuery = {
  ...inbound,
  from: 'sip:bob@acme.example',
  to: 'sip:ann@globex.example',
  direction: 'outbound',
};

const toOutside = { direction: 'outbound' } as const;
const severed = { atMs: NOW_MS, operator: 'ann', reason: 'breach' };
const delegated = {
  delegations: [{ certificate: 'host.example', domains: ['two.example'] }],
};
const hosted = { from: 'a@two.example', chain: chain(['dns:host.example']) };

/** `where code` of the check that refuses the message; the code is what the running program counts. */
function refusedBy(partners: readonly PartnerRecord[], query: ExplainQuery): string {
  const { outcome, decidedBy } = explain(view(...partners), query, NOW_MS);
  return outcome === 'fail' ? `${decidedBy?.where} ${decidedBy?.code}` : 'nobody';
}

const PLAIN = { plainTcp: true, sourceNetworks: ['192.0.2.0/24'] };

type Row = readonly [what: string, PartnerRecord, Partial<ExplainQuery>, expected: string];

const ASKS = { methods: ['MESSAGE', 'OPTIONS'] };
const options = (to: string, from = 'globex.example') => ({ method: 'OPTIONS', to, from });

const inward: readonly Row[] = [
  ['all in order', globex(), {}, 'nobody'],
  ['nothing of the partner given', globex(), { chain: undefined as never }, 'nobody'],
  ['a stranger', globex(), { chain: chain(['dns:evil.example']) }, 'proxy identity-unknown'],
  ['a severed partner', globex({}, { severed }), {}, 'proxy identity-unknown'],
  ['one cut off by the site’s list', globex({}, { id: 'hooli' }), {}, 'proxy identity-unknown'],
  ['a partner switched off', globex({ enabled: false }), {}, 'proxy identity-unknown'],
  ['its network', globex({ sourceNetworks: ['192.0.2.0/24'] }), {}, 'nobody'],
  [
    'another network',
    globex({ sourceNetworks: ['198.51.100.0/24'] }),
    {},
    'proxy identity-source-network',
  ],
  [
    'another authority',
    globex(),
    { chain: chain(['dns:globex.example'], 'CN=X') },
    'proxy path-not-found',
  ],
  ['no set', globex({}, { trustSets: [] }), {}, 'proxy path-not-found'],
  ['rubbish', globex(), { chain: [Buffer.from('x')] }, 'proxy certificate-malformed'],
  ['no certificate in the handshake', globex(), { chain: [] }, 'proxy peer-certificate-missing'],
  ['purposes strict', globex({ purposes: 'strict' }), {}, 'proxy path-purpose-refused'],
  [
    'purposes strict and clientAuth',
    globex({ purposes: 'strict' }),
    { chain: chain(['dns:globex.example'], GLOBEX, [Oid.clientAuth]) },
    'nobody',
  ],
  ['a method that is not agreed', globex(), { method: 'INVITE' }, 'proxy method-not-allowed'],
  ['an ACK', globex(), { method: 'ACK' }, 'nobody'],
  [
    'another domain of the partner',
    globex(),
    { from: 'a@two.example' },
    'proxy from-domain-not-covered',
  ],
  ['the same by delegation', globex(delegated), hosted, 'nobody'],
  [
    'no delegation for this domain',
    globex(delegated),
    { ...hosted, from: 'a@globex.example' },
    'proxy from-domain-not-covered',
  ],
  ['a delegation to somebody else', globex(), hosted, 'proxy identity-unknown'],
  [
    'a stranger\u2019s domain',
    globex(),
    { from: 'a@evil.example' },
    'proxy from-domain-not-covered',
  ],
  ['an agreed package', globex(), { method: 'SUBSCRIBE', eventPackage: 'presence' }, 'nobody'],
  [
    'another package',
    globex(),
    { method: 'SUBSCRIBE', eventPackage: 'dialog' },
    'proxy event-package-not-allowed',
  ],
  [
    'a domain that nobody serves',
    globex(),
    { to: 'b@empty.example' },
    'gateway no-community-for-domain',
  ],
  ['a relay to others', globex(), { to: 'b@evil.example' }, 'gateway no-open-relay'],
  ['OPTIONS to our own name', globex(ASKS), options('sip.acme.example'), 'nobody'],
  ['OPTIONS to our address', globex(ASKS), options('192.0.2.1'), 'nobody'],
  ['OPTIONS of its server', globex(ASKS), options('[2001:db8::1]', 'sbc.globex.example'), 'nobody'],
  ['OPTIONS of its address', globex(ASKS), options('192.0.2.1', '192.0.2.7'), 'nobody'],
  [
    'OPTIONS of another\u2019s server',
    globex(ASKS),
    options('sip.acme.example', 'sbc.evil.example'),
    'proxy from-domain-not-covered',
  ],
  [
    'OPTIONS of its server to a user',
    globex(ASKS),
    options('bob@acme.example', 'sbc.globex.example'),
    'proxy from-domain-not-covered',
  ],
  ['OPTIONS that are not agreed', globex(), options('192.0.2.1'), 'proxy method-not-allowed'],
  ['our own name', globex(), { to: 'sip.acme.example' }, 'nobody'],
  ['a name that a listener advertises', globex(), { to: 'edge.acme.example' }, 'nobody'],
  [
    'plain TCP from its network',
    globex(PLAIN, { trustSets: [] }),
    { chain: undefined as never },
    'nobody',
  ],
  [
    'plain TCP from another network',
    globex({ ...PLAIN, sourceNetworks: ['198.51.100.0/24'] }, { trustSets: [] }),
    { chain: undefined as never },
    'proxy identity-source-network',
  ],
  [
    'plain TCP that is not allowed',
    globex({ ...PLAIN, plainTcp: false }, { trustSets: [] }),
    { chain: undefined as never },
    'proxy path-not-found',
  ],
  ['no URI', globex(), { to: 'sip:@' }, 'gateway request-uri-syntax'],
];

const outward: readonly Row[] = [
  ['all in order', globex(), {}, 'nobody'],
  ['a stranger', globex(), { to: 'a@evil.example' }, 'gateway partner-unknown'],
  ['ourselves', globex(), { to: 'a@acme.example' }, 'gateway own-domain-is-inside'],
  ['no URI', globex(), { to: 'sip:@' }, 'gateway request-uri-syntax'],
  ['a severed partner', globex({}, { severed }), {}, 'gateway partner-unknown'],
  ['one cut off by the site’s list', globex({}, { id: 'hooli' }), {}, 'gateway partner-unknown'],
  ['a partner switched off', globex({ enabled: false }), {}, 'gateway partner-unknown'],
  ['a sender that is not ours', globex(), { from: 'a@evil.example' }, 'gateway sender-not-ours'],
  ['a method that is not agreed', globex(), { method: 'INVITE' }, 'gateway method-not-allowed'],
  ['another name', globex(), { to: 'a@two.example' }, 'proxy identity-domain-not-covered'],
  [
    'another authority',
    globex(),
    { chain: chain(['dns:globex.example'], 'CN=X') },
    'proxy path-not-found',
  ],
  [
    'a certificate for clients only',
    globex(),
    { chain: chain(['dns:globex.example'], GLOBEX, [Oid.clientAuth]) },
    'proxy path-purpose-refused',
  ],
  ['an identity that there is not', globex({ ownIdentity: 'gone' }), {}, 'proxy no-target'],
];

describe('a message that nobody sends', () => {
  for (const [what, known, change, expected] of inward) {
    it(`inbound, ${what}: refused by ${expected}`, () => {
      assert.equal(refusedBy([known], { ...inbound, ...change }), expected);
    });
  }
  for (const [what, known, change, expected] of outward) {
    it(`outbound, ${what}: refused by ${expected}`, () => {
      assert.equal(refusedBy([known], { ...outbound, ...change }), expected);
    });
  }
});

describe('plain SIP over TCP, explained', () => {
  const plain = globex(PLAIN, { trustSets: [] });

  it('needs a listener for it', () => {
    const query = { ...inbound, chain: undefined as never };
    const none = explain({ ...view(plain), hasPlainListener: false }, query, NOW_MS);
    assert.deepEqual([none.outcome, none.decidedBy?.code], ['fail', 'no-listener']);
  });

  it('counts keys that are accepted, and goes by what endpoints say', () => {
    const says = (known: PartnerRecord) =>
      explain(view(known), { ...outbound, chain: undefined as never }, NOW_MS).checks.some(
        ({ check }) => check === 'plain TCP',
      );
    const [accepted] = globex().trustSets;
    assert.ok(accepted);
    const endpoints = [{ host: '192.0.2.5', port: 5061, transport: 'tls' as const }];
    assert.equal(says(globex(PLAIN, { trustSets: [accepted] })), false);
    assert.equal(says(globex(PLAIN, { trustSets: [{ ...accepted, state: 'received' }] })), true);
    assert.equal(says(globex({ ...PLAIN, endpoints }, { trustSets: [] })), false);
  });

  it('asks a partner without keys for no certificate, and shows none', () => {
    const { checks } = explain(view(plain), { ...outbound, chain: undefined as never }, NOW_MS);
    const names = checks.map(({ check }) => check);
    assert.ok(names.includes('plain TCP'));
    for (const name of ['our certificate', 'server\u2019s name', 'certificate path']) {
      assert.ok(!names.includes(name), name);
    }
  });
});

describe('an explanation', () => {
  const names = (query: ExplainQuery) =>
    explain(view(globex()), query, NOW_MS).checks.map(({ where, check }) => `${where}: ${check}`);

  it('lists what comes in, in the order of the programs', () => {
    assert.deepEqual(names({ ...inbound, method: 'SUBSCRIBE' }), [
      'proxy: connection limits',
      'proxy: certificate',
      'proxy: partner known',
      'proxy: partner severed',
      'proxy: source network',
      'proxy: certificate path',
      'proxy: partner connections',
      'proxy: message rate',
      'proxy: syntax',
      'proxy: method',
      'proxy: sender\u2019s domain',
      'proxy: event package',
      'proxy: gateway within reach',
      'proxy: requests in flight',
      'gateway: method',
      'gateway: sender',
      'gateway: resource priority',
      'gateway: recipient',
      'gateway: community up',
    ]);
  });

  it('ends at the edge where that is asked by OPTIONS itself', () => {
    const asked = { ...inbound, ...options('bob@acme.example') };
    for (const to of ['sip.acme.example', 'acme.example', 'sip:192.0.2.1:5061']) {
      const { outcome, checks } = explain(view(globex(ASKS)), { ...asked, to }, NOW_MS);
      assert.notEqual(outcome, 'fail', to);
      assert.equal(checks.at(-1)?.check, 'answered by the edge', to);
      assert.ok(
        checks.every(({ where }) => where === 'proxy'),
        to,
      );
    }
    const throughIt = explain(view(globex(ASKS)), asked, NOW_MS);
    assert.equal(throughIt.checks.at(-1)?.check, 'community up');
  });

  it('lists what goes out, in the order of the programs', () => {
    assert.deepEqual(names(outbound), [
      'gateway: partner known',
      'gateway: sender',
      'gateway: method',
      'gateway: proxy within reach',
      'proxy: our certificate',
      'proxy: target',
      'proxy: connection',
      'proxy: server\u2019s name',
      'proxy: certificate path',
    ]);
  });

  it('tells of each set whether the certificate leads to it', () => {
    const two = globex({}, { trustSets: [anchored('t1', GLOBEX), anchored('t2', 'CN=Next')] });
    const path = explain(view(two), inbound, NOW_MS).checks.find(
      ({ check }) => check === 'certificate path',
    );
    assert.deepEqual(
      [path?.outcome, path?.detail],
      ['pass', 't2: path-not-found; t1: leads to it'],
    );
  });

  it('takes the first partner that the certificate proves, as the proxy does', () => {
    const initech = {
      ...globex({ domains: ['initech.example'] }, { trustSets: [anchored('t1', 'CN=Other')] }),
      id: 'initech',
    };
    const both = { ...inbound, chain: chain(['dns:initech.example', 'dns:globex.example']) };
    assert.equal(refusedBy([initech, globex()], both), 'nobody');
    const proven = { ...initech, trustSets: [anchored('t1', GLOBEX)] };
    assert.equal(refusedBy([proven, globex()], both), 'proxy from-domain-not-covered');
  });

  it('does not judge our own certificate that has ended, but says what to expect', () => {
    const late = explain(view(globex()), outbound, NOW_MS + DAY_MS + 1).checks;
    const own = late.find(({ check }) => check === 'our certificate');
    assert.equal(own?.outcome, 'not-known');
    assert.match(own?.detail ?? '', /main\/k1, which ended on 2026-06-02/);
  });

  it('holds no user\u2019s address', () => {
    const { chain: _, ...bare } = inbound;
    const stranger = { ...bare, from: 'ann@evil.example' };
    const broken = { ...bare, from: 'ann@', to: 'bob@' };
    for (const query of [inbound, outbound, stranger, broken, { ...broken, ...toOutside }]) {
      const { checks } = explain(view(globex()), query, NOW_MS);
      assert.doesNotMatch(JSON.stringify(checks), /ann@|bob@/);
    }
  });
});
