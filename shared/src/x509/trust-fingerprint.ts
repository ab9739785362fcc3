import { createHash, hash } from 'node:crypto';

/** What a partner gives at one time to be trusted by: everything that its fingerprint stands for. */
export interface TrustContent {
  /** DER. */
  readonly anchors: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  /** Base64 SHA-256 of public keys. */
  readonly pins: readonly string[];
  /** Base64 SPKI of the Ed25519 keys that may sign this partner's next offers; none for other files. */
  readonly signingKeys: readonly string[];
}

/**
 * The SHA-256 that two people compare by telephone, in lower-case hexadecimal.
 *
 * It is taken over one line for each member, sorted and without repetition, below a heading with the kind
 * and the count of what follows: order does not matter, and a certificate cannot change its part.
 */
export function trustFingerprint(content: TrustContent): string {
  const whole = createHash('sha256').update('sallyport trust set v1\n');
  const sections = [
    ['anchors', content.anchors.map(digestOf)],
    ['intermediates', content.intermediates.map(digestOf)],
    ['pins', content.pins.map(canonicalBase64)],
    ['signing keys', content.signingKeys.map(canonicalBase64)],
  ] as const;
  for (const [name, members] of sections) {
    const lines = [...new Set(members)].toSorted();
    whole.update(`${name} ${lines.length}\n${lines.map((line) => `${line}\n`).join('')}`);
  }
  return whole.digest('hex');
}

function digestOf(der: Uint8Array): string {
  return hash('sha256', der, 'hex');
}

/** A pin is its octets, however its text was padded. */
function canonicalBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}
