import { ok, type Result } from '@sallyport/shared/result.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { identityKeyIn, identitySubject, withKey } from './identity-keys.ts';
import type { IdentityRecord } from './identity-record.ts';

/** A CA's answer, and what was found about it. */
export interface InstalledCertificate {
  readonly key: string;
  /** Leaf first. */
  readonly chainPem: string;
  readonly anchorsPem: string;
  readonly problems: readonly {
    readonly severity: 'error' | 'warning';
    readonly message: string;
  }[];
}

/**
 * Gives a key its certificate: from now on it is ready to be used. A key that has one gets the renewed one.
 *
 * Faults refuse it, and so does a certificate for another key, whatever was found before.
 */
export function installCertificate(
  record: IdentityRecord,
  { key: id, chainPem, anchorsPem, problems }: InstalledCertificate,
  actor: Actor,
  nowMs: number,
): Result<Change<IdentityRecord>, ExchangeRefusal> {
  const found = identityKeyIn(record, id, 'install', ['requested', 'ready', 'active']);
  if (!found.ok) return found;
  const key = found.value;
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const texts = errors.map(({ message }) => message);
    return refuse('certificate-problems', { count: errors.length, problems: texts });
  }
  const [der] = decodePem(chainPem, 'CERTIFICATE');
  if (der === undefined) return refuse('certificate-unreadable', { fault: 'not PEM' });
  const leaf = parseCertificate(der);
  if (!leaf.ok) return refuse('certificate-unreadable', { fault: leaf.error });
  const { spkiSha256, notAfterMs, fingerprintSha256 } = leaf.value;
  if (spkiSha256 !== key.spki) {
    return refuse('certificate-other-key', { identity: record.name, key: id });
  }
  const state = key.state === 'requested' ? 'ready' : key.state;
  const detail = { key: id, fingerprint: fingerprintSha256, notAfterMs };
  return ok({
    record: withKey(record, { ...key, state, chainPem, anchorsPem, notAfterMs }),
    events: [eventOf(actor, nowMs, 'identity-key-installed', identitySubject(record.name), detail)],
  });
}
