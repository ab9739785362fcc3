import {
  type Decoder,
  flag,
  integer,
  list,
  ofPayload,
  oneOf,
  record,
  text,
} from './strict-json.ts';

/**
 * A partner's connection as the channel sees it; its number is in the frame header.
 *
 * Sent again for a flow that is known, it says what has changed: trust set, domains, or what is to be put on record.
 */
export type FlowOpened = SecuredFlow | PlainFlow;

interface AnyFlow {
  /** Id of the partner that was proven: by its certificate, or over plain TCP by its network alone. */
  readonly partner: string;
  /** Every domain it may speak for (RFC 5922 §7.4 keeps the set). */
  readonly identities: readonly string[];
  readonly direction: 'inbound' | 'outbound';
  /** Nothing new may use it: it closes when what is under way is answered. */
  readonly isEnding?: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  /** `host:port` by which partners know the listener that it came through, where that has a name of its own. */
  readonly advertised?: string;
  readonly openedAtMs: number;
}

/** A connection without TLS, of a partner whose record allows that. */
export interface PlainFlow extends AnyFlow {
  readonly transport: 'tcp';
  readonly sightings: readonly never[];
}

/** A TLS connection. */
export interface SecuredFlow extends AnyFlow {
  readonly transport?: never;
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
  readonly sightings: readonly Sighting[];
  readonly tls: {
    readonly version: string;
    readonly cipher: string;
    /** Told by proxies of before. */
    readonly group?: string;
  };
}

/** What the newest announcements of a channel's open flows may hold together: one of them is some 600 octets, and more with many domains. */
export const ANNOUNCED_BYTES_MAX = 33_554_432;

/** What of a handshake is put on record. */
export type Sighting = 'accepted' | 'presented';

/** Why a flow was or must be closed: a code, never a peer's bytes. */
export interface FlowReason {
  readonly reason: string;
}

/** With the zone of a link-local one. */
export const IP_ADDRESS = /^[0-9a-fA-F.:]+(%[A-Za-z0-9._-]+)?$/;

const sha256 = text(44, /^[A-Za-z0-9+/]{43}=$/, 'a base64 SHA-256');
const token = text(128, /^[A-Za-z0-9._:/-]+$/, 'a word');
const port = integer(0, 65_535);
/** A host and port as Via shows them: IPv6 in brackets. */
export const hostPort: Decoder<string> = text(
  262,
  /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/,
  'a host and port in lower case',
);
const ofAny = {
  partner: token,
  // As many as a partner may have domains.
  identities: list(1000, text(253, /^[a-z0-9._:[\]-]+$/, 'a domain in lower case')),
  direction: oneOf('inbound', 'outbound'),
  isEnding: flag,
  remoteAddress: text(64, IP_ADDRESS, 'an IP address'),
  remotePort: port,
  localPort: port,
  advertised: hostPort,
  openedAtMs: integer(0, Number.MAX_SAFE_INTEGER),
} as const;
const plainFlow = record<PlainFlow>(
  { ...ofAny, transport: oneOf('tcp'), sightings: list<never>(0, () => undefined as never) },
  ['isEnding', 'advertised'],
);
const securedFlow = record<Omit<SecuredFlow, 'transport'>>(
  {
    ...ofAny,
    ownIdentity: token,
    ownKey: sha256,
    trustSet: token,
    certificate: record<SecuredFlow['certificate']>({
      spki: sha256,
      fingerprint: text(64, /^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal'),
      // Far enough for certificates that are said never to end (RFC 5280 §4.1.2.5).
      notAfterMs: integer(0, 253_402_300_799_000),
    }),
    sightings: list(2, oneOf('accepted', 'presented')),
    tls: record<SecuredFlow['tls']>({ version: token, cipher: token, group: token }, ['group']),
  },
  ['isEnding', 'advertised'],
);
const flowOpened: Decoder<FlowOpened> = (value, at, problems) => {
  const isPlain = typeof value === 'object' && value !== null && 'transport' in value;
  return isPlain ? plainFlow(value, at, problems) : securedFlow(value, at, problems);
};
const flowReason = record<FlowReason>({ reason: token });

export const decodeFlowOpened = ofPayload(flowOpened);

/** Payload of `flowClosed` and of `closeFlow`. */
export const decodeFlowReason = ofPayload(flowReason);
