import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import type { PeerCertificates } from '@sallyport/shared/x509/peer-certificates.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import type { Purpose } from '@sallyport/shared/x509/purpose.ts';
import { CLIENT_AUTH } from '@sallyport/shared/x509/purpose.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { acceptedTrustOf } from '../trust/accepted-trust.ts';
import type { TrustSet } from '../trust/trust-set.ts';
import type { CheckList } from './explained-check.ts';

/** Asks each accepted set, as a proxy does, whether the certificate leads to an anchor of it. */
export function explainPath(
  list: CheckList,
  partner: PartnerRecord,
  peer: PeerCertificates | undefined,
  purpose: Purpose,
  nowMs: number,
): void {
  const sets = acceptedTrustOf(partner);
  if (sets.length === 0) {
    list.fail('certificate path', 'path-not-found', `nothing is accepted of ${partner.id}`);
    return;
  }
  if (peer === undefined) {
    const names = sets.map(({ id, state }) => `${id} (${state})`).join(', ');
    list.notKnown('certificate path', `no certificate was given; accepted are ${names}`);
    return;
  }
  const faults = sets.map((set) => ({
    set,
    fault: faultUnder(set, partner, peer, purpose, nowMs),
  }));
  const detail = faults.map(({ set, fault }) => `${set.id}: ${fault ?? 'leads to it'}`).join('; ');
  const good = faults.some(({ fault }) => fault === undefined);
  list.judge(good, 'certificate path', faults.at(-1)?.fault ?? 'path-not-found', detail);
  if (good && partner.settings.revocation.mode !== 'off') {
    const { mode } = partner.settings.revocation;
    list.notKnown('revocation', `${mode}; the lists are at the proxies`);
  }
}

function faultUnder(
  set: TrustSet,
  { settings }: PartnerRecord,
  { leaf, intermediates }: PeerCertificates,
  purpose: Purpose,
  atMs: number,
): string | undefined {
  const path = validatePath({
    leaf,
    intermediates: [...intermediates, ...set.intermediates.flatMap(certificatesOfPem)],
    anchors: set.anchors.flatMap(certificatesOfPem),
    pins: set.pins,
    purpose,
    policy: {
      ...defaultPathPolicy,
      acceptNoExtendedKeyUsage: settings.acceptNoExtendedKeyUsage,
      refusesUnknownRevocation: settings.revocation.mode === 'hard-fail',
    },
    atMs,
  });
  if (!path.ok) return path.error;
  const isRefused = settings.purposes === 'strict' && purpose === 'client' && !isForClients(leaf);
  return isRefused ? 'path-purpose-refused' : undefined;
}

/** Where purposes are strict, a certificate with purposes names the client's. */
function isForClients({ extensions }: Certificate): boolean {
  return extensions.extendedKeyUsage?.includes(CLIENT_AUTH) !== false;
}
