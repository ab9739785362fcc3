import type { Result } from '../result.ts';
import { decodeJson, flag, integer, list, oneOf, record, text } from './strict-json.ts';

/**
 * A partner's connection as the channel sees it; its number is in the frame header.
 *
 * Sent again for a flow that is known, it says what has changed: trust set, domains, or what is to be put on record.
 */
export interface FlowOpened {
  /** Id of the partner the certificate proved. */
  readonly partner: string;
  /** Every domain the certificate covers (RFC 5922 §7.4 keeps the set). */
  readonly identities: readonly string[];
  /** Name of our own identity that was shown. */
  readonly ownIdentity: string;
  /** Base64 SHA-256 of the public key that we showed. */
  readonly ownKey: string;
  /** Which of the partner's trust sets its certificate fulfilled. */
  readonly trustSet: string;
  /** The partner's own certificate. */
  readonly certificate: {
    /** Base64 SHA-256 of its public key. */
    readonly spki: string;
    /** SHA-256 of the whole, hexadecimal. */
    readonly fingerprint: string;
    readonly notAfterMs: number;
  };
  /**
   * What this gateway is to put on record: the partner's key was accepted, it took ours. Several gateways hear of a
   * flow, and each thing is said to one of them once.
   */
  readonly sightings: readonly ('accepted' | 'presented')[];
  readonly direction: 'inbound' | 'outbound';
  /** Nothing new may use it: it closes when what is under way is answered. */
  readonly isEnding?: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly openedAtMs: number;
  readonly tls: {
    readonly version: string;
    readonly cipher: string;
    readonly group?: string;
  };
}

/** Why a flow was or must be closed: a code, never a peer's bytes. */
export interface FlowReason {
  readonly reason: string;
}

/** With the zone of a link-local one. */
export const IP_ADDRESS = /^[0-9a-fA-F.:]+(%[A-Za-z0-9._-]+)?$/;

const sha256 = text(44, /^[A-Za-z0-9+/]{43}=$/, 'a base64 SHA-256');
const token = text(128, /^[A-Za-z0-9._:/-]+$/, 'a word');
const port = integer(0, 65_535);
const flowOpened = record<FlowOpened>(
  {
    partner: token,
    // As many as a partner may have domains.
    identities: list(1000, text(253, /^[a-z0-9._:[\]-]+$/, 'a domain in lower case')),
    ownIdentity: token,
    ownKey: sha256,
    trustSet: token,
    certificate: record<FlowOpened['certificate']>({
      spki: sha256,
      fingerprint: text(64, /^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal'),
      // Far enough for certificates that are said never to end (RFC 5280 §4.1.2.5).
      notAfterMs: integer(0, 253_402_300_799_000),
    }),
    sightings: list(2, oneOf('accepted', 'presented')),
    direction: oneOf('inbound', 'outbound'),
    isEnding: flag,
    remoteAddress: text(64, IP_ADDRESS, 'an IP address'),
    remotePort: port,
    localPort: port,
    openedAtMs: integer(0, Number.MAX_SAFE_INTEGER),
    tls: record<FlowOpened['tls']>({ version: token, cipher: token, group: token }, ['group']),
  },
  ['isEnding'],
);
const flowReason = record<FlowReason>({ reason: token });

export function decodeFlowOpened(
  bytes: Buffer,
  start: number,
  end: number,
): Result<FlowOpened, readonly string[]> {
  return decodeJson(bytes, start, end, flowOpened);
}

/** Payload of `flowClosed` and of `closeFlow`. */
export function decodeFlowReason(
  bytes: Buffer,
  start: number,
  end: number,
): Result<FlowReason, readonly string[]> {
  return decodeJson(bytes, start, end, flowReason);
}
