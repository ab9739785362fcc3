import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';

/**
 * What goes over the wire of a chain: the root at its end stays out (RFC 8446 §4.4.2), since a partner that
 * trusts it has it. In files it is welcome: it tells what partners need.
 */
export function shownChain(chainPem: string): string {
  const chain = decodePem(chainPem, 'CERTIFICATE');
  const last = parseCertificate(chain.at(-1) ?? Buffer.alloc(0));
  const endsInRoot = chain.length > 1 && last.ok && last.value.issuer.equals(last.value.subject);
  if (!endsInRoot) return chainPem;
  return chain
    .slice(0, -1)
    .map((der) => encodePem(der, 'CERTIFICATE'))
    .join('');
}
