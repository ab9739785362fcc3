import { type KeyObject, sign, verify } from 'node:crypto';
import { ed25519OfSpki } from '../x509/spki.ts';
import { canonicalJson } from './snapshot.ts';

/**
 * Signs a document (Ed25519): its canonical JSON behind a label, so that no signature of another kind ever passes for
 * one of this. Base64.
 */
export function signJson(label: string, unsigned: object, key: KeyObject): string {
  return sign(null, signedOctets(label, unsigned), key).toString('base64');
}

/** Whether that is the signature of a public key (base64 SPKI); false where the key is none, or of another kind. */
export function isSignedJson(
  label: string,
  unsigned: object,
  publicKey: string,
  signature: string,
): boolean {
  const key = ed25519OfSpki(publicKey);
  const octets = signedOctets(label, unsigned);
  return key !== undefined && verify(null, octets, key, Buffer.from(signature, 'base64'));
}

function signedOctets(label: string, unsigned: object): Buffer {
  return Buffer.from(label + canonicalJson(unsigned));
}
