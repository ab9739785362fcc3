import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { coversAddress, coversDomain } from '@sallyport/shared/x509/sip-identity.ts';
import { ecKey, nameConstraints, subjectAltName, TEST_TIME_MS } from '../../x509-builder.ts';
import { authority, type Entity, endEntity } from './path-stage.ts';

/** Absent, the one that is asked for, another one. */
const VALUES = ['none', 'asked', 'other'] as const;
type Value = (typeof VALUES)[number];

const HOSTS = { asked: 'test.localhost', other: 'bad.example.com' } as const;
const DOMAINS = { asked: 'localhost', other: 'example.com' } as const;
const ADDRESSES = { asked: '127.0.0.1', other: '1.1.1.1' } as const;
const ADDRESS_BYTES = { asked: '7f000001', other: '01010101' } as const;
const NETWORKS = { asked: '7f000000ffffff00', other: '01010100ffffff00' } as const;

const key = ecKey();
const issuer: Entity = { subject: 'CN=names', key, der: Buffer.alloc(0) };
const leafKey = ecKey();

interface Leaf {
  readonly commonNameKind: 'dns' | 'ip';
  readonly commonName: Value;
  readonly dns: Value;
  readonly ip: Value;
  readonly certificate: Certificate;
}

interface Anchor {
  readonly permittedDns: Value;
  readonly permittedIp: Value;
  readonly excludedDns: Value;
  readonly excludedIp: Value;
  readonly certificate: Certificate;
}

const leaves: Leaf[] = (['dns', 'ip'] as const).flatMap((commonNameKind) =>
  tuples(3).map(([commonName, dns, ip]) => {
    const names = [
      ...(dns === 'none' ? [] : [`dns:${HOSTS[dns]}`]),
      ...(ip === 'none' ? [] : [`ip:${ADDRESS_BYTES[ip]}`]),
    ];
    const texts = commonNameKind === 'dns' ? HOSTS : ADDRESSES;
    const made = endEntity(issuer, {
      key: leafKey,
      subject: commonName === 'none' ? 'O=Names' : `O=Names,CN=${texts[commonName]}`,
      names: names.length === 0 ? null : subjectAltName(names),
    });
    return { commonNameKind, commonName, dns, ip, certificate: parsed(made) };
  }),
);

const anchors: Anchor[] = tuples(4).map(([permittedDns, permittedIp, excludedDns, excludedIp]) => {
  const subtrees = (dns: Value, ip: Value) => [
    ...(dns === 'none' ? [] : [`dns:${DOMAINS[dns]}`]),
    ...(ip === 'none' ? [] : [`ip:${NETWORKS[ip]}`]),
  ];
  const permitted = subtrees(permittedDns, permittedIp);
  const excluded = subtrees(excludedDns, excludedIp);
  const isFree = permitted.length + excluded.length === 0;
  const more = isFree ? [] : [nameConstraints(permitted, excluded)];
  const certificate = parsed(authority({ subject: 'CN=names', key, more }));
  return { permittedDns, permittedIp, excludedDns, excludedIp, certificate };
});

describe('host names and addresses under name constraints (after bettertls)', () => {
  it('has a case for each of 54 leaves under each of 81 authorities', () => {
    assert.equal(leaves.length * anchors.length, 4374);
  });

  for (const leaf of leaves) {
    const { commonNameKind, commonName, dns, ip } = leaf;
    it(`common name (${commonNameKind}) ${commonName}, dNSName ${dns}, iPAddress ${ip}`, () => {
      for (const anchor of anchors) {
        const isAllowed = isPath(leaf, anchor);
        const { permittedDns, permittedIp, excludedDns, excludedIp } = anchor;
        const under = `${permittedDns} ${permittedIp} but ${excludedDns} ${excludedIp}`;
        assert.equal(isAllowed, expected(leaf, anchor), under);
      }
      assert.equal(coversDomain(leaf.certificate, HOSTS.asked), isNamed(leaf));
      assert.equal(coversAddress(leaf.certificate, ADDRESSES.asked), ip === 'asked');
    });
  }
});

function isPath({ certificate }: Leaf, anchor: Anchor): boolean {
  return validatePath({
    leaf: certificate,
    intermediates: [],
    anchors: [anchor.certificate],
    pins: [],
    purpose: 'server',
    policy: defaultPathPolicy,
    atMs: TEST_TIME_MS,
  }).ok;
}

/** All that is named is bound; of common names, host names where there is no subjectAltName. */
function expected({ commonNameKind, commonName, dns, ip }: Leaf, anchor: Anchor): boolean {
  const isHostInCommonName = commonNameKind === 'dns' && dns === 'none' && ip === 'none';
  const bound = isHostInCommonName ? commonName : dns;
  return (
    isInside(bound, anchor.permittedDns, anchor.excludedDns) &&
    isInside(ip, anchor.permittedIp, anchor.excludedIp)
  );
}

function isInside(name: Value, permitted: Value, excluded: Value): boolean {
  return name === 'none' || ((permitted === 'none' || permitted === name) && excluded !== name);
}

/** By a dNSName, or by a common name that is a host and beside no other name (RFC 5922 §7.1). */
function isNamed({ commonNameKind, commonName, dns, ip }: Leaf): boolean {
  if (dns !== 'none' || ip !== 'none') return dns === 'asked';
  return commonNameKind === 'dns' && commonName === 'asked';
}

function tuples(length: 3): [Value, Value, Value][];
function tuples(length: 4): [Value, Value, Value, Value][];
function tuples(length: number): Value[][] {
  let all: Value[][] = [[]];
  for (let n = 0; n < length; n++)
    all = all.flatMap((one) => VALUES.map((value) => [...one, value]));
  return all;
}

function parsed({ der }: Entity): Certificate {
  const certificate = parseCertificate(der);
  assert.ok(certificate.ok);
  return certificate.value;
}
