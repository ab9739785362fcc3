import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import type { KeyKind } from '@sallyport/certs/key-pair.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  parseRevocationList,
  revocationListRefusal,
} from '@sallyport/shared/x509/revocation-list.ts';
import { OPENSSL, openssl, parsed } from '../shared/x509/revocation-stage.ts';
import { issueRevocationList } from './issue-revocation-list.ts';

const DATES = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2036, 0, 1) };
const TIMES = { thisUpdateMs: Date.UTC(2026, 5, 1), nextUpdateMs: Date.UTC(2026, 5, 8) };

for (const kind of ['ec-p256', 'rsa-2048'] satisfies KeyKind[]) {
  describe(`a revocation list of an ${kind} authority`, () => {
    let authority: Issued;
    before(async () => {
      authority = await createAuthority({ commonName: 'List CA', kind, ...DATES });
    });

    const rows = [
      ['no certificate', 1, []],
      [
        'one',
        127,
        [{ serialHex: '05', revokedAtMs: DATES.notBeforeMs, reason: 'cessationOfOperation' }],
      ],
      [
        'several, and a number whose first bit is set',
        128,
        [
          { serialHex: '0080', revokedAtMs: DATES.notBeforeMs, reason: 'keyCompromise' },
          { serialHex: '7f'.repeat(20), revokedAtMs: DATES.notBeforeMs, reason: 'superseded' },
        ],
      ],
    ] as const;
    for (const [name, number, revoked] of rows) {
      it(`names ${name}`, async () => {
        const pem = await issueRevocationList(authority, { number, ...TIMES, revoked });
        const [der] = decodePem(pem, 'X509 CRL');
        const list = parseRevocationList(der as Buffer);
        assert.ok(list.ok, JSON.stringify(list));
        assert.equal(list.value.thisUpdateMs, TIMES.thisUpdateMs);
        assert.equal(list.value.nextUpdateMs, TIMES.nextUpdateMs);
        assert.equal(revocationListRefusal(list.value, parsed(authority)), undefined);
        assert.deepEqual(
          revoked.map(({ serialHex }) => list.value.entries.find(Buffer.from(serialHex, 'hex'))),
          revoked.map(({ revokedAtMs, reason }) => ({ revokedAtMs, reason })),
        );
        assert.equal(list.value.entries.size, revoked.length);
      });
    }

    it('is one that openssl reads too', { skip: OPENSSL.skip }, async () => {
      const pem = await issueRevocationList(authority, {
        number: 7,
        ...TIMES,
        revoked: [{ serialHex: '1234', revokedAtMs: DATES.notBeforeMs, reason: 'superseded' }],
      });
      const text = openssl(['crl', '-noout', '-text'], pem).toString();
      assert.match(text, /Serial Number: 1234/);
      assert.match(text, /Superseded/);
      assert.match(text, /X509v3 CRL Number:\s+7/);
    });
  });
}
