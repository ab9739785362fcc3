import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { grantsPurpose, type Purpose } from '@sallyport/shared/x509/purpose.ts';
import { buildCertificate, ecKey, extendedKeyUsage, Oid } from '../../x509-builder.ts';

const key = ecKey();
const { serverAuth, clientAuth, sipDomain, emailProtection, anyPurpose } = Oid;
type Usage = readonly string[] | undefined;

// leaf, CAs above it, granted to a client, granted to a server
const table: readonly (readonly [Usage, readonly Usage[], boolean, boolean])[] = [
  [[serverAuth, clientAuth], [], true, true],
  [[serverAuth], [], true, true],
  [[clientAuth], [], true, false],
  [[sipDomain], [], true, true],
  [[emailProtection], [], false, false],
  [[emailProtection, sipDomain], [], true, true],
  [[anyPurpose], [], false, false],
  [[anyPurpose, serverAuth], [], true, true],
  [undefined, [], true, true],
  [[serverAuth], [[serverAuth]], true, true],
  [[serverAuth], [undefined, undefined], true, true],
  [[serverAuth], [[anyPurpose]], true, true],
  [[serverAuth], [[emailProtection]], false, false],
  [[serverAuth, clientAuth], [[clientAuth]], true, false],
  [[serverAuth, clientAuth], [[serverAuth], [clientAuth]], false, false],
  [[sipDomain], [[serverAuth]], false, false],
  [undefined, [[clientAuth]], true, false],
  [undefined, [[serverAuth], [serverAuth, clientAuth]], true, true],
  [undefined, [[emailProtection]], false, false],
];

describe('purposes along a path (RFC 5280 §4.2.1.12)', () => {
  for (const [leaf, issuers, client, server] of table) {
    const story = [leaf, ...issuers].map((usage) => usage?.map(nameOf).join('+') ?? 'none');
    it(`${story.join(' below ')}: client ${client}, server ${server}`, () => {
      assert.equal(grants('client', leaf, issuers), client);
      assert.equal(grants('server', leaf, issuers), server);
    });
  }

  it('a leaf without purposes is refused where the policy wants one', () => {
    const policy = { ...defaultPathPolicy, acceptNoExtendedKeyUsage: false };
    assert.equal(grantsPurpose([withUsage(undefined)], 'server', policy), false);
    assert.equal(grantsPurpose([withUsage([serverAuth])], 'server', policy), true);
  });

  it('strictly, a client shows clientAuth and a server serverAuth', () => {
    const policy = { ...defaultPathPolicy, purposes: 'strict' } as const;
    const granted = (usage: Usage, issuers: readonly Usage[] = []) =>
      (['client', 'server'] as const).map((purpose) =>
        grantsPurpose([usage, ...issuers].map(withUsage), purpose, policy),
      );
    assert.deepEqual(granted([serverAuth, clientAuth]), [true, true]);
    assert.deepEqual(granted([serverAuth]), [false, true]);
    assert.deepEqual(granted([clientAuth]), [true, false]);
    assert.deepEqual(granted([sipDomain]), [false, false]);
    assert.deepEqual(granted([serverAuth, clientAuth], [[serverAuth]]), [false, true]);
    assert.deepEqual(granted(undefined), [true, true]);
  });

  it('anyExtendedKeyUsage alone is accepted where the policy says so', () => {
    const policy = { ...defaultPathPolicy, acceptAnyExtendedKeyUsage: true };
    assert.equal(grantsPurpose([withUsage([anyPurpose])], 'server', policy), true);
    assert.equal(grantsPurpose([withUsage([emailProtection])], 'server', policy), false);
    const limited = [withUsage([anyPurpose]), withUsage([clientAuth])];
    assert.equal(grantsPurpose(limited, 'server', policy), false);
    assert.equal(grantsPurpose(limited, 'client', policy), true);
  });
});

function grants(purpose: Purpose, leaf: Usage, issuers: readonly Usage[]): boolean {
  return grantsPurpose([leaf, ...issuers].map(withUsage), purpose, defaultPathPolicy);
}

function withUsage(usage: Usage): Certificate {
  const extensions = usage === undefined ? [] : [extendedKeyUsage(usage)];
  const parsed = parseCertificate(buildCertificate({ subject: 'CN=x', key, extensions }));
  assert.ok(parsed.ok);
  return parsed.value;
}

function nameOf(purpose: string): string {
  return Object.entries(Oid).find(([, oid]) => oid === purpose)?.[0] ?? purpose;
}
