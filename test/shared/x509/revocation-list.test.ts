import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  isInScope,
  parseRevocationList,
  REVOCATION_LIST_BYTES_MAX,
  revocationListRefusal,
  revokedEntry,
} from '@sallyport/shared/x509/revocation-list.ts';
import fc from 'fast-check';
import { issueRevocationList } from '../../certs/issue-revocation-list.ts';
import { judgeLists, leafOf, listFault, listOf, ROOT } from './list-stage.ts';
import { OPENSSL, opensslList, parsed, parsedList } from './revocation-stage.ts';

const DATES = { notBeforeMs: Date.UTC(2025, 0, 1), notAfterMs: Date.UTC(2045, 0, 1) };
const TIMES = { thisUpdateMs: Date.UTC(2026, 5, 1), nextUpdateMs: Date.UTC(2026, 5, 8) };
const URI = 'http://lists.example/1.crl';

const authority = await createAuthority({ commonName: 'List CA', ...DATES, pathLength: 1 });
const namesake = await createAuthority({ commonName: 'List CA', ...DATES });
const below = await issueIntermediate(authority, { commonName: 'Below', ...DATES });
const leaf = parsed(
  await issueLeaf(authority, { commonName: 'leaf', ...DATES, revocationListUris: [URI] }),
);
const pem = await issueRevocationList(authority, {
  number: 1,
  ...TIMES,
  revoked: [
    { serialHex: leaf.serialHex, revokedAtMs: DATES.notBeforeMs, reason: 'keyCompromise' },
    { serialHex: '7f', revokedAtMs: DATES.notBeforeMs, reason: 'superseded' },
  ],
});
const der = decodePem(pem, 'X509 CRL')[0] as Buffer;

describe('a revocation list', () => {
  const list = parsedList(pem);

  it('names the certificates it revokes, and no others', () => {
    const revoked = { reason: 'keyCompromise', revokedAtMs: DATES.notBeforeMs };
    assert.deepEqual(revokedEntry(list, leaf), revoked);
    assert.equal(revokedEntry(list, parsed(below)), undefined);
  });

  it('is taken from its own authority alone', () => {
    assert.equal(revocationListRefusal(list, parsed(authority)), undefined);
    assert.equal(revocationListRefusal(list, parsed(below)), 'list-of-another-issuer');
    assert.equal(revocationListRefusal(list, parsed(namesake)), 'list-signature-bad');
  });

  it('is not taken from an authority that may not sign lists', () => {
    const certificate = parsed(authority);
    const keyUsage = 1 << 5;
    const without = { ...certificate, extensions: { ...certificate.extensions, keyUsage } };
    assert.equal(revocationListRefusal(list, without), 'list-signer-not-allowed');
  });

  it('is not believed when one of its bytes is another', () => {
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const changed = Buffer.from(der);
        changed[at] = (changed[at] as number) ^ difference;
        const parsedAgain = parseRevocationList(changed);
        if (!parsedAgain.ok) return;
        assert.notEqual(revocationListRefusal(parsedAgain.value, parsed(authority)), undefined);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it('is refused when cut anywhere, or followed by anything', () => {
    for (let length = 0; length < der.length; length++) {
      assert.ok(!parseRevocationList(der.subarray(0, length)).ok, `${length} bytes`);
    }
    assert.deepEqual(parseRevocationList(Buffer.concat([der, Buffer.of(0)])), {
      ok: false,
      error: 'list-malformed',
    });
  });

  it('is refused above 10 MiB, before anything else', () => {
    const fault = (bytes: number) => parseRevocationList(Buffer.alloc(bytes));
    assert.deepEqual(fault(REVOCATION_LIST_BYTES_MAX), { ok: false, error: 'list-malformed' });
    assert.deepEqual(fault(REVOCATION_LIST_BYTES_MAX + 1), { ok: false, error: 'list-too-large' });
  });
});

describe('a revocation list written by openssl', { skip: OPENSSL.skip }, () => {
  const point = (...lines: string[]) => [
    'issuingDistributionPoint=critical,@point',
    '[point]',
    ...lines,
  ];
  const fullName = `fullname=URI:${URI}`;
  const rows = [
    ['of version 2 without entries', {}, 'all'],
    ['with reasons', { revoked: [['1234', 'keyCompromise']] }, 'all'],
    ['of version 1, which has no extensions', { extensions: [] }, 'all'],
    ['for users', { extensions: point('onlyuser=TRUE') }, 'user'],
    ['for authorities', { extensions: point('onlyCA=TRUE') }, 'ca'],
    ['of one point', { extensions: point(fullName) }, 'all'],
    [
      'of attribute certificates',
      { extensions: point('onlyAA=TRUE') },
      'list-attribute-certificates',
    ],
    ['that is indirect', { extensions: point('indirectCRL=TRUE') }, 'list-indirect'],
    [
      'with some reasons',
      { extensions: point('onlysomereasons=keyCompromise') },
      'list-partial-reasons',
    ],
    ['that is a delta', { extensions: ['2.5.29.27=critical,ASN1:INTEGER:1'] }, 'list-delta'],
    ['that is a delta uncritically', { extensions: ['2.5.29.27=ASN1:INTEGER:1'] }, 'list-delta'],
    [
      'with an unknown critical extension',
      { extensions: ['1.2.3.4=critical,ASN1:NULL'] },
      'list-critical-extension',
    ],
    ['with an unknown extension', { extensions: ['1.2.3.4=ASN1:NULL'] }, 'all'],
    [
      'with a point that makes no sense',
      { extensions: ['2.5.29.28=critical,ASN1:NULL'] },
      'list-extensions-malformed',
    ],
  ] as const;
  for (const [name, request, expected] of rows) {
    it(`${name}: ${expected}`, () => {
      const list = parseRevocationList(opensslList(authority, request));
      if (!list.ok) return assert.equal(list.error, expected);
      assert.equal(list.value.scope.certificates, expected);
      assert.equal(revocationListRefusal(list.value, parsed(authority)), undefined);
    });
  }

  it('signed with SHA-1 is nobody’s', () => {
    const list = parseRevocationList(opensslList(authority, { digest: 'sha1' }));
    assert.ok(list.ok);
    assert.equal(revocationListRefusal(list.value, parsed(authority)), 'list-signature-bad');
  });

  const scopes = [
    ['all of everything', [], true, true],
    ['users', point('onlyuser=TRUE'), true, false],
    ['authorities', point('onlyCA=TRUE'), false, true],
    ['the point that the leaf names', point(fullName), true, false],
    ['another point', point('fullname=URI:http://lists.example/2.crl'), false, false],
    [
      'several points, the leaf’s among them',
      point('fullname=@names', '[names]', 'URI.1=ldap://lists.example/', `URI.2=${URI}`),
      true,
      false,
    ],
    ['a point relative to the issuer', point('relativename=rdn', '[rdn]', 'CN=x'), false, false],
  ] as const;
  for (const [name, extensions, hasLeaf, hasAuthority] of scopes) {
    it(`for ${name} speaks of the leaf: ${hasLeaf}, of an authority: ${hasAuthority}`, () => {
      const list = parseRevocationList(
        opensslList(authority, extensions.length === 0 ? {} : { extensions }),
      );
      assert.ok(list.ok, JSON.stringify(list));
      assert.equal(isInScope(list.value, leaf), hasLeaf);
      assert.equal(isInScope(list.value, parsed(below)), hasAuthority);
    });
  }
});

describe('a revocation list of version 1', () => {
  const one = { version: 1, entries: [{ serial: Buffer.of(0x51) }] };

  it('revokes, and calls others good', () => {
    const list = listOf(ROOT, { ...one, number: null });
    assert.equal(listFault(list), 'taken');
    assert.equal(judgeLists([leafOf(ROOT, '51'), ROOT], [list]), 'revoked: unspecified');
    assert.equal(judgeLists([leafOf(ROOT, '52'), ROOT], [list]), 'good');
  });

  it('has no extensions, and an end', () => {
    assert.equal(listFault(listOf(ROOT, one)), 'list-malformed');
    assert.equal(
      listFault(listOf(ROOT, { ...one, number: null, nextUpdate: null })),
      'list-no-next-update',
    );
  });
});
