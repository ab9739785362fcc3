import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import { checkDates } from '../config/check-anchors.ts';
import { type Finding, fine, unknown } from './finding.ts';

/** What a listener for partners showed when it was asked for a name. */
export interface ShownCertificate {
  readonly host: string;
  readonly port: number;
  /** Under which partners know it; undefined where this node’s files do not say. */
  readonly serverName: string | undefined;
  /** DER; undefined: it showed none. */
  readonly certificate: Buffer | undefined;
}

/** Whether partners are shown a certificate that is in date and of the name that they dial. */
export function shownCertificateFindings(
  shown: readonly ShownCertificate[],
  nowMs: number,
): readonly Finding[] {
  return shown.map(({ host, port, serverName, certificate }) => {
    const id = 'shown-certificate';
    const where = hostPort(host, port) + (serverName === undefined ? '' : ` (${serverName})`);
    if (certificate === undefined) return unknown(id, where, 'none was shown to this host');
    const parsed = parseCertificate(certificate);
    if (!parsed.ok) return fault(id, where, `cannot be used: ${parsed.error}`);
    const [problem] = checkDates(parsed.value, 'the certificate', nowMs);
    if (problem?.severity === 'error') return fault(id, where, problem.message);
    const names = new Set([
      ...sipIdentities(parsed.value).domains,
      ...(parsed.value.subjectAltName?.dns ?? []),
    ]);
    if (serverName !== undefined && !names.has(serverName)) {
      return fault(id, where, `is of ${[...names].slice(0, NAMES_SHOWN).join(', ') || 'no name'}`);
    }
    if (problem !== undefined) {
      return { id, level: 'warning', what: problem.message, where, next: NEXT };
    }
    return fine(id, where, 'in date, and of the name');
  });
}

const NAMES_SHOWN = 5;
const NEXT = 'sallyport cert list, and "cert request" for a new one';

function fault(id: string, where: string, what: string): Finding {
  return { id, level: 'fault', what, where, next: NEXT };
}
