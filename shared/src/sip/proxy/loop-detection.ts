import { parseBranch } from './branch.ts';

/**
 * Everything of a request as received that decides where it goes next (RFC 5393 §4.2.1).
 *
 * A spiral, which comes back with another Request-URI or Route, must differ in one of them. Absent on purpose: the
 * Via, which grows on each turn, and the method, so that ACK and CANCEL hash as their INVITE.
 */
export interface LoopFields {
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly cseqNumber: number;
  readonly proxyRequire: string;
  readonly proxyAuthorization: string;
}

/**
 * The loop part of a branch: 53 bits as up to eleven letters and digits.
 *
 * `seed` must be the same on all gateways of a site. The hash is quick rather than cryptographic: with a collision
 * a sender only gets its own request refused.
 */
export function loopHash(fields: LoopFields, seed: number): string {
  let low = 0xde_ad_be_ef ^ seed;
  let high = 0x41_c6_ce_57 ^ seed;
  const mix = (text: string): void => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      low = Math.imul(low ^ code, 2_654_435_761);
      high = Math.imul(high ^ code, 1_597_334_677);
    }
    // A separator that no field holds: moving a letter from one field to the next changes the hash.
    low = Math.imul(low ^ 0x1_00_00, 2_654_435_761);
    high = Math.imul(high ^ 0x1_00_00, 1_597_334_677);
  };
  mix(fields.requestUri);
  for (const route of fields.routes) mix(route);
  mix(fields.callId);
  mix(fields.fromTag);
  mix(fields.toTag);
  mix(String(fields.cseqNumber));
  mix(fields.proxyRequire);
  mix(fields.proxyAuthorization);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return ((high >>> 0) * 0x20_00_00 + ((low >>> 0) & 0x1f_ff_ff)).toString(36);
}

/**
 * Whether a request has been here before on the same grounds: a loop, to be answered 482 (RFC 5393 §4.2.2).
 *
 * `ownBranches` are the branches of all Via values whose sent-by is ours; one whose loop part differs is a spiral.
 */
export function findLoop(ownBranches: readonly string[], hash: string): boolean {
  return ownBranches.some((branch) => parseBranch(branch)?.loop === hash);
}
