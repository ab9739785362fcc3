import type { KeyObject } from 'node:crypto';
import { ok, type Result } from '../result.ts';
import {
  type CertificationRequestFault,
  encodeCertificationRequest,
  parseCertificationRequest,
} from './certification-request.ts';
import { type ChannelIdentity, formatChannelIdentity } from './channel-identity.ts';
import { encodePem } from './pem.ts';

/** What a host asks a gateway for. */
export interface ChannelRequest {
  /** The file that goes to whoever keeps the gateways. */
  readonly pem: string;
  /** SHA-256 of the public key in lower-case hexadecimal, to be read out to them. */
  readonly keyFingerprint: string;
}

/** Writes the request for the channel certificate of a host that made its own key, which must be of P-256. */
export function channelRequest(
  key: KeyObject,
  identity: ChannelIdentity,
): Result<ChannelRequest, CertificationRequestFault> {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return { ok: false, error: 'request-key-refused' };
  }
  const { site, role, node } = identity;
  const name = `${node} ${role} of ${site}`;
  const der = encodeCertificationRequest(key, name, formatChannelIdentity(identity));
  const request = parseCertificationRequest(der);
  if (!request.ok) return request;
  const { keyFingerprint } = request.value;
  return ok({ pem: encodePem(der, 'CERTIFICATE REQUEST'), keyFingerprint });
}
