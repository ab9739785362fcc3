import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/** Purpose of the key that seals the authority which issues channel certificates. */
export const ISSUING_SEAL = 'sallyport channel issuing authority';

/** A key for one purpose out of the cluster key (RFC 5869): no use of one tells anything of another. */
export function derive(clusterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, Buffer.alloc(0), purpose, KEY_BYTES));
}
