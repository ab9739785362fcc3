import { err, ok, type Result } from '../result.ts';
import { IP_ADDRESS } from './flow.ts';
import { SIP_TO_TARGET_BYTES_MAX } from './frame.ts';
import { commonVersion, type Hello } from './hello.ts';
import { decodeJson, integer, list, ofPayload, oneOf, record, text } from './strict-json.ts';

/** Where a request without a flow shall go; the proxy finds or opens the connection (RFC 3263). */
export interface SipTarget {
  readonly partner: string;
  /** The next hop, a sip or sips URI. */
  readonly uri: string;
  /** Transport addresses (`ip:port`) that have failed already for this request. */
  readonly avoid: readonly string[];
  /** The request says that it goes over plain TCP; without this it goes over TLS alone. */
  readonly transport?: 'tcp';
}

/** The request left by this flow; its transport address is what a retry must avoid. */
export interface Sent {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Why a request could not be sent: a transport error to the client transaction (RFC 3261 §16.9). */
export type SendFailure =
  | 'no-target'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'identity'
  | 'limit'
  | 'timeout'
  | 'flow-gone'
  | 'draining';

export interface SendFailed {
  readonly reason: SendFailure;
  readonly detail?: string;
}

const sipTarget = record<SipTarget>(
  {
    partner: text(128, /^[A-Za-z0-9._:/-]+$/, 'a word'),
    uri: text(24_576, /^sips?:[!-~]+$/i, 'a sip or sips URI'),
    avoid: list(64, text(80, /^[0-9A-Za-z.:[\]%_-]+:\d+$/, 'an address and port')),
    transport: oneOf('tcp'),
  },
  ['transport'],
);
const sent = record<Sent>({
  remoteAddress: text(64, IP_ADDRESS, 'an IP address'),
  remotePort: integer(1, 65_535),
});
const sendFailed = record<SendFailed>(
  {
    reason: oneOf(
      'no-target',
      'dns',
      'connect',
      'tls',
      'identity',
      'limit',
      'timeout',
      'flow-gone',
      'draining',
    ),
    detail: text(512, /^[ -~]*$/, 'printable ASCII'),
  },
  ['detail'],
);

/** The target as it stands in a `sipTo` payload: u16 length, then JSON; the SIP bytes follow. */
export function encodeSipTarget(target: SipTarget): Buffer {
  const json = Buffer.from(JSON.stringify(target), 'utf8');
  if (json.length > SIP_TO_TARGET_BYTES_MAX) throw new Error('target too long for a sipTo frame');
  const encoded = Buffer.allocUnsafe(2 + json.length);
  encoded.writeUInt16BE(json.length, 0);
  json.copy(encoded, 2);
  return encoded;
}

/** Splits a `sipTo` payload; the SIP message is `bytes[sipStart, end)`. */
export function decodeSipTo(
  bytes: Buffer,
  start: number,
  end: number,
): Result<{ readonly target: SipTarget; readonly sipStart: number }, readonly string[]> {
  if (end - start < 2) return err(['shorter than its length field']);
  const sipStart = start + 2 + bytes.readUInt16BE(start);
  if (sipStart > end) return err(['target longer than the payload']);
  const target = decodeJson(bytes.subarray(start + 2, sipStart), sipTarget);
  return target.ok ? ok({ target: target.value, sipStart }) : target;
}

export const decodeSent = ofPayload(sent);
export const decodeSendFailed = ofPayload(sendFailed);

/** From this version on, both ends know the frame that says: this exchange gets no answer. */
const ABANDONED_VERSION = 4;

/** Whether a peer knows that frame: an older one would close the channel at the sight of it. */
export function knowsAbandoned(ours: readonly number[], peer: Hello | undefined): boolean {
  return (commonVersion(ours, peer?.protocolVersions ?? []) ?? 0) >= ABANDONED_VERSION;
}
