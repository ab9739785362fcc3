import { createPrivateKey, X509Certificate } from 'node:crypto';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { checkDates } from '../config/check-anchors.ts';
import { type Finding, fine } from './finding.ts';

/** What a gateway’s bundle has of the authority that it renews channel certificates with. */
export interface IssuingFiles {
  /** Empty: the file is not there. */
  readonly certificatePem: string;
  /** Its key, opened; undefined: it does not open with cluster.key. */
  readonly keyPem: string | undefined;
  /** The root of the channels, which every node trusts. */
  readonly caPem: string;
}

const ID = 'channel-issuing';
const CERTIFICATE = 'channel-issuing.crt';
const KEY = 'channel-issuing.key';
const NEXT =
  'write new bundles with "sallyport bundle --root-passphrase-file", put those of the gateways in place, and restart them';

/**
 * Whether a gateway can renew the certificates of the channel: its issuing authority is in date, comes from the root that
 * nodes trust, and its key can be used. Without it every node’s certificate ends within days.
 */
export function issuingFindings(files: IssuingFiles, nowMs: number): readonly Finding[] {
  const { certificatePem, keyPem, caPem } = files;
  if (certificatePem === '') {
    const what = 'none is here: this gateway renews no certificates of the channel';
    return [{ id: ID, level: 'warning', what, where: CERTIFICATE, next: NEXT }];
  }
  const authority = firstOfPem(certificatePem);
  if (authority === undefined) return [fault('holds no readable PEM certificate')];
  const found = [
    ...checkDates(authority, 'the authority', nowMs).map(
      ({ severity, message }): Finding => ({
        ...fault(message),
        level: severity === 'error' ? 'fault' : 'warning',
      }),
    ),
    ...originFaults(authority.der, caPem),
    ...keyFaults(authority.der, keyPem),
  ];
  return found.length === 0 ? [fine(ID, CERTIFICATE, 'good, and its key opens')] : found;
}

function originFaults(der: Buffer, caPem: string): readonly Finding[] {
  const issuing = new X509Certificate(der);
  const [root] = decodePem(caPem, 'CERTIFICATE').map((one) => new X509Certificate(one));
  const isOfRoot =
    root !== undefined && issuing.ca && issuing.checkIssued(root) && issuing.verify(root.publicKey);
  return isOfRoot ? [] : [fault('is no authority that channel-ca.crt has issued')];
}

function keyFaults(der: Buffer, keyPem: string | undefined): readonly Finding[] {
  if (keyPem === undefined) return [fault('does not open with cluster.key', KEY)];
  if (new X509Certificate(der).checkPrivateKey(createPrivateKey(keyPem))) return [];
  return [fault(`does not belong to ${CERTIFICATE}`, KEY)];
}

function fault(what: string, where = CERTIFICATE): Finding {
  return { id: ID, level: 'fault', what, where, next: NEXT };
}
