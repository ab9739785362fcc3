import { generateKeyPairSync } from 'node:crypto';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import type { OfferDraft } from '@sallyport/certs/offer.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { COMPANY_DATES, derOf } from './openssl.ts';

/** A fresh offer-signing key: what signs, and what the file says of it. */
export function offerKey(): { readonly privateKeyPem: string; readonly spki: string } {
  const pair = generateKeyPairSync('ed25519');
  return {
    privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spki: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}

export function spkiOf(der: Buffer): string {
  const parsed = parseCertificate(der);
  return parsed.ok ? parsed.value.spkiSha256 : '';
}

/** An offer of acme.example with a key in use and one whose certificate is not issued yet. */
export async function offerDraft(): Promise<OfferDraft> {
  const root = await createAuthority({ commonName: 'Acme Root', ...COMPANY_DATES });
  const leaf = await issueDomainCertificate(root, { domains: ['acme.example'], ...COMPANY_DATES });
  const chain = [derOf(leaf.certificatePem)] as const;
  return {
    site: 'acme-edge',
    sequence: 3,
    issuedAtMs: Date.UTC(2026, 5, 1),
    expiresAtMs: Date.UTC(2026, 6, 1),
    domains: ['acme.example'],
    endpoints: [{ host: 'edge.acme.example', port: 5061 }],
    contacts: [{ name: 'Ann Müller', email: 'ann@acme.example', phone: '+49 30 1234' }],
    identities: [
      {
        name: 'main',
        serverNames: ['acme.example'],
        keys: [
          { use: 'now', spki: spkiOf(chain[0]), chain },
          { use: 'next', spki: Buffer.alloc(32, 5).toString('base64'), chain: [] },
        ],
      },
    ],
    anchors: [derOf(root.certificatePem)],
    pins: [],
  };
}
