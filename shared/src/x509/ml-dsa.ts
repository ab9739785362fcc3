/** Signatures of module lattices, by strength (FIPS 204 §4). */
export type MlDsa = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87';

/** One object identifier for both key and signature; lengths of keys are fixed (RFC 9881 §2, §4; FIPS 204 table 2). */
export const ML_DSA: ReadonlyMap<string, { readonly name: MlDsa; readonly keyBytes: number }> =
  new Map([
    ['2.16.840.1.101.3.4.3.17', { name: 'ml-dsa-44', keyBytes: 1312 }],
    ['2.16.840.1.101.3.4.3.18', { name: 'ml-dsa-65', keyBytes: 1952 }],
    ['2.16.840.1.101.3.4.3.19', { name: 'ml-dsa-87', keyBytes: 2592 }],
  ]);

/** Whether a kind of key, as `PublicKeyInfo` and node:crypto call it, is one of these. */
export function isMlDsa(type: string): type is MlDsa {
  return type === 'ml-dsa-44' || type === 'ml-dsa-65' || type === 'ml-dsa-87';
}
