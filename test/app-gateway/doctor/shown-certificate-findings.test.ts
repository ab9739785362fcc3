import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shownCertificateFindings } from '@sallyport/app-gateway/doctor/shown-certificate-findings.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { NOW_MS, YEAR } from '../site-fixture.ts';

const DAY_MS = 86_400_000;
const authority = await createAuthority({ commonName: 'Federation CA', ...YEAR });

async function shown(change: object = {}) {
  const domains = ['acme.example', 'sip.acme.example'] as const;
  const { certificatePem } = await issueDomainCertificate(authority, {
    domains,
    ...YEAR,
    ...change,
  });
  return decodePem(certificatePem, 'CERTIFICATE')[0];
}

const good = await shown();
const ended = await shown({ notAfterMs: NOW_MS - DAY_MS });
const ending = await shown({ notAfterMs: NOW_MS + 10 * DAY_MS });

describe('what partners are shown', () => {
  //  certificate           name asked for           finding
  const rows: readonly (readonly [string, Buffer | undefined, string | undefined, RegExp])[] = [
    ['good', good, 'sip.acme.example', /^ok /],
    ['good, asked for the domain', good, 'acme.example', /^ok /],
    ['good, asked for nothing', good, undefined, /^ok /],
    [
      'of another name',
      good,
      'sip.other.example',
      /^fault is of acme\.example, sip\.acme\.example/,
    ],
    ['ended', ended, 'sip.acme.example', /^fault the certificate expired/],
    ['soon at its end', ending, 'sip.acme.example', /^warning .* in 10 days/],
    ['none', undefined, 'sip.acme.example', /^unknown none was shown/],
    ['no certificate', Buffer.from('x'), undefined, /^fault cannot be used/],
  ];
  for (const [what, certificate, serverName, expected] of rows) {
    it(what, () => {
      const place = { host: '192.0.2.11', port: 5061, serverName, certificate };
      const [finding] = shownCertificateFindings([place], NOW_MS);
      assert.match(`${finding?.level} ${finding?.what}`, expected);
    });
  }
});
