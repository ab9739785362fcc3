import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { OCSP_BYTES_MAX, stapledStatus } from '@sallyport/shared/x509/ocsp.ts';
import fc from 'fast-check';
import { type OcspDraft, ocspResponse } from '../../ocsp-builder.ts';
import { OPENSSL, opensslAnswer, parsed } from './revocation-stage.ts';

const NOW_MS = Date.now();
const MINUTE_MS = 60_000;
const DATES = { notBeforeMs: NOW_MS - 3_600_000, notAfterMs: NOW_MS + 86_400_000 };

const authority = await createAuthority({ commonName: 'Answering CA', ...DATES });
const namesake = await createAuthority({ commonName: 'Answering CA', ...DATES });
const issued = await issueLeaf(authority, { commonName: 'leaf', ...DATES });
const delegate = { commonName: 'responder', ...DATES, usages: ['ocspSigning'] } as const;
const responders = {
  delegated: await issueLeaf(authority, delegate),
  withRsa: await issueLeaf(authority, { ...delegate, kind: 'rsa-2048' }),
  anyPurpose: await issueLeaf(authority, { ...delegate, usages: ['any'] }),
  noPurpose: await issueLeaf(authority, { ...delegate, usages: [] }),
  ofNamesake: await issueLeaf(namesake, delegate),
  expired: await issueLeaf(authority, { ...delegate, notAfterMs: NOW_MS - MINUTE_MS }),
  furtherDown: await issueLeaf(
    await issueIntermediate(
      await createAuthority({ commonName: 'Above', ...DATES, pathLength: 1 }),
      { commonName: 'Answering CA', ...DATES },
    ),
    delegate,
  ),
};
const issuer = parsed(authority);
const leaf = parsed(issued);
const other = parsed(await issueLeaf(authority, { commonName: 'other', ...DATES }));

describe('a stapled OCSP response', { skip: OPENSSL.skip }, () => {
  const good = { certificate: leaf, status: 'V' } as const;
  const hour = ['-nmin', '60'];
  const rows = [
    ['that all is well', good, 'good'],
    ['the same by SHA-256', { ...good, digest: 'sha256' }, 'good'],
    ['that it was revoked', { ...good, status: 'keyCompromise' }, 'revoked keyCompromise'],
    ['that it is superseded', { ...good, status: 'superseded' }, 'revoked superseded'],
    ['that it was never heard of', { ...good, status: undefined }, 'ocsp-status-unknown'],
    ['about another certificate', { ...good, certificate: other }, 'ocsp-other-certificate'],
    ['without an end', { ...good, arguments: [] }, 'ocsp-no-next-update'],
    ['by a responder of the authority', { ...good, responder: responders.delegated }, 'good'],
    ['by a responder with an RSA key', { ...good, responder: responders.withRsa }, 'good'],
    [
      'by a responder named by its key',
      { ...good, responder: responders.delegated, arguments: [...hour, '-resp_key_id'] },
      'good',
    ],
    [
      'by the authority, named by its key',
      { ...good, arguments: [...hour, '-resp_key_id'] },
      'good',
    ],
    [
      'by a responder whose certificate is missing',
      { ...good, responder: responders.delegated, arguments: [...hour, '-resp_no_certs'] },
      'not allowed',
    ],
    [
      'by a certificate for any purpose',
      { ...good, responder: responders.anyPurpose },
      'not allowed',
    ],
    ['by one without purpose', { ...good, responder: responders.noPurpose }, 'not allowed'],
    ['by a namesake’s responder', { ...good, responder: responders.ofNamesake }, 'not allowed'],
    ['by one further down', { ...good, responder: responders.furtherDown }, 'not allowed'],
    ['by one that has expired', { ...good, responder: responders.expired }, 'not allowed'],
    ['by a namesake of the authority', { ...good, responder: namesake }, 'ocsp-signature-bad'],
  ] as const;
  for (const [name, request, expected] of rows) {
    it(`${name}: ${expected}`, () => {
      const status = stapledStatus(opensslAnswer(authority, request), leaf, issuer, Date.now());
      const seen = status.ok
        ? [status.value.kind, 'reason' in status.value ? status.value.reason : ''].join(' ').trim()
        : status.error;
      assert.equal(seen, expected === 'not allowed' ? 'ocsp-responder-not-allowed' : expected);
    });
  }

  const answer = OPENSSL.skip === false ? opensslAnswer(authority, good) : Buffer.alloc(0);
  const at = (atMs: number, bytes = answer) => {
    const status = stapledStatus(bytes, leaf, issuer, atMs);
    return status.ok ? status.value.kind : status.error;
  };

  it('is good from five minutes before its beginning until its end', () => {
    const now = stapledStatus(answer, leaf, issuer, Date.now());
    assert.ok(now.ok);
    const endMs = now.value.nextUpdateMs;
    const beginMs = endMs - 60 * MINUTE_MS;
    assert.equal(at(endMs), 'good');
    assert.equal(at(endMs + 1), 'ocsp-expired');
    assert.equal(at(beginMs - 5 * MINUTE_MS), 'good');
    assert.equal(at(beginMs - 5 * MINUTE_MS - 1), 'ocsp-not-yet-valid');
  });

  it('is about one authority, whatever it is called', () => {
    const status = stapledStatus(answer, leaf, parsed(namesake), Date.now());
    assert.deepEqual(status, { ok: false, error: 'ocsp-other-certificate' });
  });

  it('proves nothing when one of its bytes is another', () => {
    const nowMs = Date.now();
    const certificatesAt = answer.indexOf(issuer.der);
    assert.ok(certificatesAt > 0);
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.integer({ min: 1, max: 255 }), (n, difference) => {
        const changed = Buffer.from(answer);
        changed[n] = (changed[n] as number) ^ difference;
        // The certificates behind the answer are the sender's and need not be there at all.
        if (at(nowMs, changed) === 'good') assert.ok(n >= certificatesAt, `byte ${n}`);
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  it('proves nothing when cut anywhere, or followed by anything', () => {
    const nowMs = Date.now();
    for (let n = 0; n < answer.length; n++) {
      assert.equal(at(nowMs, answer.subarray(0, n)), 'ocsp-malformed', `${n} bytes`);
    }
    assert.equal(at(nowMs, Buffer.concat([answer, Buffer.of(0)])), 'ocsp-malformed');
  });

  it('is looked at up to 64 KiB', () => {
    assert.equal(at(0, Buffer.alloc(OCSP_BYTES_MAX)), 'ocsp-malformed');
    assert.equal(at(0, Buffer.alloc(OCSP_BYTES_MAX + 1)), 'ocsp-too-large');
  });

  it('that only says that there is none proves nothing', () => {
    // tryLater (RFC 6960 §2.3)
    assert.equal(at(0, Buffer.from('30030a0103', 'hex')), 'ocsp-unsuccessful');
  });
});

describe('an OCSP response whose version is written out', () => {
  for (const [writtenVersion, expected] of [
    [undefined, 'good'],
    [0, 'good'],
    [1, 'ocsp-malformed'],
  ] as const) {
    it(`${writtenVersion ?? 'none'}: ${expected}`, () => {
      const draft = {
        certificate: leaf,
        authority,
        ...(writtenVersion !== undefined && { writtenVersion }),
      };
      const status = stapledStatus(ocspResponse(draft), leaf, issuer, Date.now());
      assert.equal(status.ok ? status.value.kind : status.error, expected);
    });
  }
});

it('an OCSP response with a reason that means nothing still revokes', () => {
  for (const [reason, expected] of [
    [1, 'keyCompromise'],
    [7, 'unspecified'],
    [11, 'unspecified'],
  ] as const) {
    const draft = { certificate: leaf, authority, isRevoked: true, reason };
    const status = stapledStatus(ocspResponse(draft), leaf, issuer, Date.now());
    assert.ok(status.ok && status.value.kind === 'revoked');
    assert.equal(status.value.reason, expected);
  }
});

describe('several OCSP answers about one certificate, in one response', () => {
  const past = { nextUpdateMs: NOW_MS - MINUTE_MS, thisUpdateMs: NOW_MS - 2 * MINUTE_MS };
  const revoked = { isRevoked: true };
  const rows: readonly (readonly [string, readonly Parameters<typeof several>[0][], string])[] = [
    ['good twice', [{}, {}], 'good'],
    ['good, then revoked', [{}, revoked], 'revoked'],
    ['revoked, then good', [revoked, {}], 'revoked'],
    ['past its end, then good', [past, {}], 'good'],
    ['past its end, then revoked', [past, revoked], 'revoked'],
    ['good, then revoked and past its end', [{}, { ...past, ...revoked }], 'good'],
    ['past their ends', [past, { ...past, ...revoked }], 'ocsp-expired'],
  ];
  for (const [what, [first = {}, ...also], expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(several(first, ...also), expected));
  }
});

type Answer = NonNullable<OcspDraft['also']>[number];

function several(first: Answer, ...also: readonly Answer[]): string {
  const response = ocspResponse({ certificate: leaf, authority, ...first, also });
  const status = stapledStatus(response, leaf, issuer, NOW_MS);
  return status.ok ? status.value.kind : status.error;
}
