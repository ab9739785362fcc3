import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientAuthSunset } from '@sallyport/app-gateway/domain/exchange/forecast/client-auth-sunset.ts';
import {
  brokenPartners,
  type ForecastView,
  forecast,
} from '@sallyport/app-gateway/domain/exchange/forecast/forecast.ts';
import { severityOf } from '@sallyport/app-gateway/domain/exchange/forecast/foresight.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { TrustSet } from '@sallyport/app-gateway/domain/exchange/trust/trust-set.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import {
  basicConstraints,
  buildCertificate,
  type CertificateDraft,
  ecKey,
  extendedKeyUsage,
  Oid,
  rsaKey,
} from '../../../../x509-builder.ts';
import {
  DAY_MS,
  identity,
  identityKey,
  NOW_MS,
  partner,
  settings,
  sighting,
  trustSet,
} from '../exchange-fixture.ts';

const key = ecKey();
const weak = rsaKey(1024);
const strong = rsaKey(2048);
const inDays = (days: number) => NOW_MS + days * DAY_MS;

function anchor(days: number, change: Partial<CertificateDraft> = {}): string {
  return encodePem(
    buildCertificate({
      subject: `CN=CA ${days},O=Globex`,
      key,
      notAfterMs: inDays(days),
      extensions: [basicConstraints(true)],
      ...change,
    }),
    'CERTIFICATE',
  );
}

function setOf(...anchors: readonly string[]): TrustSet {
  return { ...trustSet('t1', 'active'), anchors, pins: [] };
}

function view(change: Partial<ForecastView>): ForecastView {
  const nothing = { partners: [], identities: [], nodes: [], sightings: [], held: [] };
  return { ...nothing, channelCertificateDays: 7, ...change };
}

const told = (change: Partial<ForecastView>, atMs = NOW_MS) =>
  forecast(view(change), certificatesOfPem, atMs).map(
    ({ subject, what, severity, breaks }) =>
      `${subject} ${what} ${severity}${breaks ? ' breaks' : ''}`,
  );
const broken = (change: Partial<ForecastView>, atMs = NOW_MS) =>
  brokenPartners(forecast(view(change), certificatesOfPem, atMs)).map(
    ({ partner: id, direction }) => `${id} ${direction}`,
  );

describe('how near a time is', () => {
  for (const [days, expected] of [
    [-1, 'expired'],
    [0, 'days-7'],
    [7, 'days-7'],
    [7.01, 'days-14'],
    [14, 'days-14'],
    [30, 'days-30'],
    [60, 'days-60'],
    [60.01, undefined],
  ] as const) {
    it(`${days} days: ${expected}`, () => assert.equal(severityOf(inDays(days), NOW_MS), expected));
  }
});

describe('a forecast of what partners show', () => {
  const of = (...sets: TrustSet[]): PartnerRecord[] => [partner(sets)];
  const p = 'partner/globex';
  const rows = [
    ['the only anchor ends', of(setOf(anchor(10))), [`${p} anchor-ends days-14 breaks`]],
    ['the only anchor ends later', of(setOf(anchor(61))), []],
    [
      'one of two anchors ends',
      of(setOf(anchor(10), anchor(20))),
      [`${p} anchor-ends days-14`, `${p} anchor-ends days-30 breaks`],
    ],
    [
      'another set is longer',
      of(setOf(anchor(10)), setOf(anchor(100))),
      [`${p} anchor-ends days-14`],
    ],
    [
      'pins do not end',
      of(setOf(anchor(10)), trustSet('t2', 'active')),
      [`${p} anchor-ends days-14`],
    ],
    ['a retired set says nothing', of({ ...setOf(anchor(10)), state: 'retired' }), []],
    [
      'an anchor whose key is refused does not count',
      of(setOf(anchor(10), anchor(90, { key: weak }))),
      [`${p} weak-key expired`, `${p} anchor-ends days-14 breaks`],
    ],
    [
      'nothing but a refused key',
      of(setOf(anchor(90, { key: weak }))),
      [`${p} weak-key expired breaks`],
    ],
    [
      'an offer that nobody staged',
      of({
        ...trustSet('t1', 'verified'),
        origin: { file: 'o', format: 'sallyport', sha256: '', expiresAtMs: inDays(3) },
      }),
      [`${p} received-offer-ends days-7`],
    ],
  ] as const;
  for (const [what, partners, expected] of rows) {
    it(what, () => assert.deepEqual(told({ partners }), expected));
  }

  it('a severed partner cannot break', () => {
    const severed = { atMs: 1, operator: 'ann', reason: 'breach' };
    assert.deepEqual(told({ partners: [{ ...partner([setOf(anchor(1))]), severed }] }), []);
  });

  it('the certificate shown last counts, not those before', () => {
    const sightings = [
      sighting('t1', DAY_MS, { notAfterMs: inDays(2) }),
      sighting('t1', 0, { notAfterMs: inDays(20) }),
    ];
    assert.deepEqual(told({ partners: of(setOf(anchor(200))), sightings }), [
      `${p} partner-certificate-ends days-30 breaks`,
    ]);
  });

  it('RSA-2048 ends with 2030', () => {
    const anchors = [
      anchor(0, { key: strong, validity: undefined as never, notAfterMs: Date.UTC(2040, 0, 1) }),
    ];
    const partners = of(setOf(...anchors));
    assert.deepEqual(told({ partners }), []);
    assert.deepEqual(told({ partners }, Date.UTC(2031, 0, 1)), [`${p} rsa-2048-sunset expired`]);
  });
});

describe('the sunset of clientAuth', () => {
  const digicert = anchor(4000, { subject: 'CN=Root,O=DigiCert Inc' });
  const sunsetMs = Date.UTC(2027, 2, 1);
  const later = sunsetMs + 1;
  const strict = settings({ purposes: 'strict' });
  const rows = [
    ['federation', settings(), [setOf(digicert)], []],
    ['strict', strict, [setOf(digicert)], ['globex accepted']],
    ['strict, and a private CA beside', strict, [setOf(digicert, anchor(4000))], []],
    ['strict, and pins beside', strict, [setOf(digicert), trustSet('t2', 'active')], []],
    ['strict on trial', settings({ trial: { purposes: 'strict' } }), [setOf(digicert)], []],
  ] as const;
  for (const [what, given, sets, expected] of rows) {
    it(`${what}: breaks ${expected.join() || 'nobody'}`, () => {
      const partners = [partner([...sets], { settings: given })];
      assert.deepEqual(broken({ partners }, later), expected);
      assert.deepEqual(broken({ partners }, sunsetMs), []);
    });
  }

  it('comes only when the certificate of today has ended', () => {
    const partners = [partner([setOf(digicert)], { settings: strict })];
    const sightings = [sighting('t1', 0, { notAfterMs: later + DAY_MS })];
    assert.deepEqual(broken({ partners, sightings }, later), []);
    assert.deepEqual(broken({ partners, sightings }, later + DAY_MS + 1), ['globex accepted']);
  });

  it('knows public CAs by their organisation, however it is written', () => {
    const dateOf = (subject: string) => {
      const [certificate] = certificatesOfPem(anchor(1, { subject }));
      return certificate && clientAuthSunset(certificate);
    };
    assert.equal(dateOf("CN=R11,O=Let's Encrypt"), Date.UTC(2026, 6, 8));
    assert.equal(dateOf('CN=Root,O=GlobalSign nv-sa'), Date.UTC(2027, 2, 15));
    assert.equal(dateOf('CN=DigiCert Inc,O=Globex'), undefined);
    assert.equal(dateOf('CN=DigiCert Inc'), undefined);
  });
});

describe('a forecast of what we show', () => {
  const leaf = (days: number, usage: readonly string[] = [Oid.serverAuth]) => {
    const issuer = { subject: 'CN=R11,O=Let\u2019s Encrypt'.replace('\u2019', "'"), key };
    const extensions = [extendedKeyUsage(usage)];
    const draft = { subject: 'CN=acme.example', key, issuer, extensions };
    return encodePem(buildCertificate({ ...draft, notAfterMs: inDays(days) }), 'CERTIFICATE');
  };
  const issuing = anchor(100, { subject: "CN=R11,O=Let's Encrypt" });
  const ours = (days: number, chain = leaf(days)) => [
    identity('main', [identityKey('k1', 'active', { chainPem: chain, notAfterMs: inDays(days) })]),
  ];

  it('names the identity, and every partner that sees it', () => {
    const identities = ours(5);
    const partners = [partner([trustSet('t1', 'active')])];
    assert.deepEqual(told({ identities, partners }), [
      'partner/globex own-certificate-ends days-7 breaks',
      'identity/main own-certificate-ends days-7',
    ]);
    assert.deepEqual(broken({ identities, partners }), []);
    assert.deepEqual(broken({ identities, partners }, inDays(6)), ['globex presented']);
  });

  it('tells the soonest first, whoever it is of', () => {
    const partners = [partner([setOf(anchor(20))])];
    const foresights = forecast(
      view({ partners, identities: ours(10) }),
      certificatesOfPem,
      NOW_MS,
    );
    assert.deepEqual(
      foresights.map(({ whenMs }) => whenMs),
      [inDays(10), inDays(10), inDays(20)],
    );
  });

  it('sees an intermediate that ends first', () => {
    const identities = ours(200, leaf(200) + anchor(5));
    assert.deepEqual(told({ identities }), ['identity/main own-certificate-ends days-7']);
  });

  it('warns that ours will be renewed without clientAuth', () => {
    const both = leaf(200, [Oid.serverAuth, Oid.clientAuth]) + issuing;
    assert.ok(
      told({ identities: ours(200, both) }).includes('identity/main client-auth-sunset days-60'),
    );
    const serverOnly = leaf(200) + issuing;
    assert.ok(
      !told({ identities: ours(200, serverOnly) })
        .join()
        .includes('sunset'),
    );
  });

  it('warns of an offer that no handshake has used', () => {
    const offered = { identity: 'main', key: 'k1', sequence: 1, offeredAtMs: 0 } as const;
    const withState = (state: 'offered' | 'seen') => [
      partner([trustSet('t1', 'active')], {
        presentations: [{ ...offered, state, offerExpiresAtMs: inDays(1) }],
      }),
    ];
    assert.deepEqual(told({ partners: withState('offered') }), [
      'partner/globex own-offer-ends days-7',
    ]);
    assert.deepEqual(told({ partners: withState('seen') }), []);
  });
});

describe('a forecast of channel certificates', () => {
  const node = (days: number, state: 'approved' | 'revoked' = 'approved') => ({
    node: 'edge-1',
    role: 'proxy' as const,
    state,
    hosts: [],
    certificates: [
      { serial: '01', notAfterMs: inDays(days) },
      { serial: '02', notAfterMs: inDays(days - 3) },
    ],
  });
  for (const [days, state, expected] of [
    [1.76, 'approved', []],
    [1.75, 'approved', ['node/edge-1 channel-certificate-ends days-7']],
    [-1, 'approved', ['node/edge-1 channel-certificate-ends expired']],
    [1, 'revoked', []],
  ] as const) {
    it(`${days} days left, ${state}: ${expected.join() || 'nothing'}`, () => {
      assert.deepEqual(told({ nodes: [node(days, state)] }), expected);
    });
  }
});

it('a forecast of many partners looks at each handshake for one of them alone', () => {
  let looks = 0;
  const ids = Array.from({ length: 50 }, (_, at) => `partner-${at}`);
  const sightings = ids.map((id, at) => {
    const { partner: _, ...rest } = sighting('t1', at, { notAfterMs: inDays(at) });
    return {
      ...rest,
      get partner() {
        looks++;
        return id;
      },
    };
  });
  const partners = ids.map((id) => partner([], { id }));
  assert.deepEqual(
    told({ partners, sightings }).slice(0, 2),
    ids.slice(0, 2).map((id) => `partner/${id} partner-certificate-ends days-7 breaks`),
  );
  assert.ok(looks <= 2 * sightings.length, `${looks} looks`);
});
