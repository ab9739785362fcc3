import { constants, hash, randomBytes, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { canonicalJson, type SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';

/** One certificate that we show, ready for handshakes in both directions. */
export interface OwnIdentity {
  readonly name: string;
  /** Base64 SHA-256 of the public key. */
  readonly key: string;
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
}

/** All of one snapshot; the first is the default. */
export interface OwnIdentities {
  readonly first: OwnIdentity;
  readonly byName: ReadonlyMap<string, OwnIdentity>;
  readonly byServerName: ReadonlyMap<string, OwnIdentity>;
  readonly unknownServerName: 'refuse' | 'default';
  readonly missingServerName: 'refuse' | 'default';
  /** Equal where nothing of this changed. */
  readonly mark: string;
}

/** Authenticated encryption and forward secrecy only (RFC 9325 §4.2). */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/**
 * What both directions of partner TLS share.
 *
 * `ca: []` loads no anchors at all: OpenSSL's verdict is not wanted, and a list of CA names in the
 * server's certificate request would tell every caller who our partners are.
 */
export const PARTNER_TLS = {
  ca: [],
  minVersion: 'TLSv1.2',
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  ciphers: CIPHERS,
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
} as const satisfies SecureContextOptions;

/**
 * How long keys of session tickets are used at most: as long as a ticket lives.
 *
 * Who has read them can put any partner's certificate into a ticket of their own, and read what TLS 1.2 carried under them.
 */
export const TICKET_KEYS_MS = 7_200_000;

/** Keys of session tickets: made here for this worker alone, never on disk, and replaced whenever trust changes. */
export function newTicketKeys(): Buffer {
  return randomBytes(48);
}

/** Loads the certificates of a snapshot, or names those that cannot be used; what did not change stays as it is. */
export function ownIdentities(
  snapshot: SnapshotContent,
  previous?: OwnIdentities,
): Result<OwnIdentities, readonly string[]> {
  const { unknownServerName, missingServerName } = snapshot;
  const content = [snapshot.identities, unknownServerName, missingServerName];
  const mark = hash('sha256', canonicalJson(content), 'base64');
  if (previous?.mark === mark) return ok(previous);
  const problems: string[] = [];
  const byName = new Map<string, OwnIdentity>();
  const byServerName = new Map<string, OwnIdentity>();
  for (const { name, serverNames, chainPem, keyPem } of snapshot.identities) {
    const options = { ...PARTNER_TLS, cert: chainPem, key: keyPem };
    const context = contextOf(options);
    if (context === undefined) {
      problems.push(`identity ${name}: certificate and key cannot be used`);
      continue;
    }
    const identity = {
      name,
      key: spkiSha256(new X509Certificate(chainPem).publicKey),
      options,
      context,
    };
    byName.set(name, identity);
    for (const serverName of serverNames) byServerName.set(serverName.toLowerCase(), identity);
  }
  const [first] = byName.values();
  if (first === undefined) problems.push('no identity');
  if (first === undefined || problems.length > 0) return err(problems);
  return ok({ first, byName, byServerName, unknownServerName, missingServerName, mark });
}

/**
 * The identity that was shown for a server name; undefined when such a client is refused.
 *
 * One that names none gets the first unless the site knows all its partners to send SNI, which is not
 * mandatory (RFC 6066 §3, RFC 5922 §7.8). An address, which may not stand there, names none: belle-sip puts there what it dials.
 */
export function identityShown(
  identities: OwnIdentities,
  serverName: string | undefined,
): OwnIdentity | undefined {
  if (serverName === undefined || isIP(serverName) !== 0) {
    return identities.missingServerName === 'default' ? identities.first : undefined;
  }
  const named = identities.byServerName.get(serverName.toLowerCase());
  if (named !== undefined) return named;
  return identities.unknownServerName === 'default' ? identities.first : undefined;
}

/**
 * What the server has before it hears a server name.
 *
 * Where a client that names none is refused it has no certificate, so that none can be shown.
 */
export function unnamedOptions(identities: OwnIdentities): SecureContextOptions {
  return identityShown(identities, undefined)?.options ?? PARTNER_TLS;
}

/** Certificate and key of the wrong kind are reported by throwing. */
function contextOf(options: SecureContextOptions): SecureContext | undefined {
  try {
    new X509Certificate(String(options.cert));
    return createSecureContext(options);
  } catch {
    return undefined;
  }
}
