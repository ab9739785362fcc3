import type { Result } from '../result.ts';
import { decodeJson, integer, list, oneOf, record, text } from './strict-json.ts';

/** A partner's connection as the channel sees it; its number is in the frame header. */
export interface FlowOpened {
  /** Id of the partner the certificate proved. */
  readonly partner: string;
  /** Every domain the certificate covers (RFC 5922 §7.4 keeps the set). */
  readonly identities: readonly string[];
  /** Name of our own identity that was shown. */
  readonly ownIdentity: string;
  readonly direction: 'inbound' | 'outbound';
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

const token = text(128, /^[A-Za-z0-9._:/-]+$/, 'a word');
const port = integer(0, 65_535);
const flowOpened = record<FlowOpened>({
  partner: token,
  // As many as a partner may have domains.
  identities: list(1000, text(253, /^[a-z0-9._:[\]-]+$/, 'a domain in lower case')),
  ownIdentity: token,
  direction: oneOf('inbound', 'outbound'),
  remoteAddress: text(64, IP_ADDRESS, 'an IP address'),
  remotePort: port,
  localPort: port,
  openedAtMs: integer(0, Number.MAX_SAFE_INTEGER),
  tls: record<FlowOpened['tls']>({ version: token, cipher: token, group: token }, ['group']),
});
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
