import { hash } from 'node:crypto';
import { parseBranch } from './branch.ts';

/**
 * Everything of a request as received that decides where it goes next (RFC 5393 §4.2.1).
 *
 * A spiral, which comes back with another Request-URI or Route, must differ in one of them. Absent on purpose: the
 * Via, which grows on each turn; the method, so that ACK and CANCEL hash as their INVITE; and Proxy-Require and
 * Proxy-Authorization (RFC 3261 §16.6 step 8): with the one nothing goes on, and by the other nothing is routed here.
 */
export interface LoopFields {
  readonly requestUri: string;
  readonly routes: readonly string[];
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly cseqNumber: number;
}

/** Hexadecimal digits of a loop part. */
const LOOP_DIGITS = 16;

/**
 * The loop part of a branch: 64 bits of a keyed SHA-256 (RFC 5393 §4.2.1 leaves the hash to us).
 *
 * `seed` must be the same on all gateways of a site, and secret: everything else is known to whoever sees the
 * branch, and could be searched for a request that looks like a loop. No field holds the line feed between them.
 */
export function loopHash(fields: LoopFields, seed: string): string {
  const { requestUri, routes, callId, fromTag, toTag, cseqNumber } = fields;
  const way = [requestUri, ...routes].join('\n');
  const text = `${seed}\n${callId}\n${fromTag}\n${toTag}\n${cseqNumber}\n${way}`;
  return hash('sha256', text, 'hex').slice(0, LOOP_DIGITS);
}

/**
 * Whether a request has been here before on the same grounds: a loop, to be answered 482 (RFC 5393 §4.2.2).
 *
 * `ownBranches` are the branches of all Via values whose sent-by is ours; one whose loop part differs is a spiral.
 */
export function findLoop(ownBranches: readonly string[], hash: string): boolean {
  return ownBranches.some((branch) => parseBranch(branch)?.loop === hash);
}
