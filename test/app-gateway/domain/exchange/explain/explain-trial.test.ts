import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '@sallyport/app-gateway/domain/exchange/explain/explain.ts';
import type { ExplainQuery } from '@sallyport/app-gateway/domain/exchange/explain/explain-query.ts';
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

const key = ecKey();
const CA = 'CN=Globex CA';
const authority = buildCertificate({ subject: CA, key, extensions: [basicConstraints(true)] });
const leafWith = (purposes: readonly string[]) =>
  buildCertificate({
    subject: 'CN=leaf',
    key: ecKey(),
    issuer: { subject: CA, key },
    extensions: [
      subjectAltName(['dns:globex.example']),
      ...(purposes.length === 0 ? [] : [extendedKeyUsage(purposes)]),
    ],
  });

const SERVER = [leafWith([Oid.serverAuth])];
const ANY = [leafWith([])];
const INBOUND: ExplainQuery = {
  from: 'sip:ann@globex.example',
  to: 'bob@acme.example',
  direction: 'inbound',
  method: 'SUBSCRIBE',
  eventPackage: 'presence',
  chain: SERVER,
  sourceIp: '192.0.2.7',
};
const OUTBOUND: ExplainQuery = {
  ...INBOUND,
  from: 'sip:bob@acme.example',
  to: 'sip:ann@globex.example',
  direction: 'outbound',
};

/** `rule outcome` of each rule on trial. */
function tried(trial: object | undefined, query: ExplainQuery): readonly string[] {
  const set = {
    ...trustSet('t1', 'active'),
    anchors: [encodePem(authority, 'CERTIFICATE')],
    pins: [],
  };
  const globex = partner([set], {
    settings: settings({
      domains: ['globex.example'],
      methods: ['MESSAGE', 'SUBSCRIBE'],
      eventPackages: ['presence', 'dialog'],
      ...(trial === undefined ? {} : { trial }),
    }),
  });
  const view = {
    domains: ['acme.example'],
    publicHosts: [],
    hasPlainListener: false,
    communities: [{ id: 'staff', domains: ['acme.example'] }],
    partners: [globex],
    severed: [],
    identities: [identity('main', [identityKey('k1', 'active', { notAfterMs: NOW_MS + DAY_MS })])],
  };
  const { trials } = explain(view, query, NOW_MS);
  assert.ok(trials.every((one) => one.partner === 'globex'));
  return trials.map(({ rule, outcome }) => `${rule} ${outcome}`);
}

describe('rules on trial, for a message that is not refused', () => {
  for (const [what, trial, query, expected] of [
    ['none', undefined, {}, []],
    ['strict purposes, and a server’s', { purposes: 'strict' }, {}, ['purposes fail']],
    ['strict purposes, and none', { purposes: 'strict' }, { chain: ANY }, ['purposes pass']],
    [
      'no certificate without purposes',
      { acceptNoExtendedKeyUsage: false },
      { chain: ANY },
      ['no-eku fail'],
    ],
    ['revocation', { revocation: 'hard-fail' }, {}, ['revocation not-known']],
    ['another network', { sourceNetworks: ['198.51.100.0/24'] }, {}, ['source-networks fail']],
    ['its network', { sourceNetworks: ['192.0.2.0/24'] }, {}, ['source-networks pass']],
    [
      'a network, and no source',
      { sourceNetworks: ['192.0.2.0/24'] },
      { sourceIp: undefined },
      ['source-networks not-known'],
    ],
    ['fewer methods', { methods: ['MESSAGE'] }, {}, ['methods fail']],
    ['fewer packages', { eventPackages: ['dialog'] }, {}, ['event-packages fail']],
    [
      'several, each alone',
      { methods: ['SUBSCRIBE'], eventPackages: ['dialog'], purposes: 'strict' },
      {},
      ['purposes fail', 'methods pass', 'event-packages fail'],
    ],
  ] as const) {
    it(what, () => {
      assert.deepEqual(tried(trial, { ...INBOUND, ...query } as ExplainQuery), expected);
    });
  }

  it('of what partners send are not tried of what we send', () => {
    const trial = {
      ...{ methods: ['MESSAGE'], eventPackages: ['dialog'], revocation: 'hard-fail' },
      sourceNetworks: ['198.51.100.0/24'],
    };
    assert.deepEqual(tried(trial, OUTBOUND), ['revocation not-known']);
  });

  it('are tried of no message that is refused anyway', () => {
    assert.deepEqual(tried({ methods: ['MESSAGE'] }, { ...INBOUND, method: 'INVITE' }), []);
  });
});
