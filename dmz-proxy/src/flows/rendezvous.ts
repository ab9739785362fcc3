import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';

/** Something that can be chosen: its hash is taken from its name once. */
export interface Candidate {
  readonly nameHash: number;
}

const FNV_OFFSET = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;

/** 32-bit FNV-1a of bytes in place; no string is made. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), FNV_PRIME);
  return hash >>> 0;
}

/** The same for a message's Call-ID; one number for all that have none. */
export function hashCallId(index: MessageIndex): number {
  const line = index.first(Header.callId);
  const { bytes, valueStart, valueEnd } = index;
  return line < 0 ? 0 : hashBytes(bytes, valueStart[line] as number, valueEnd[line] as number);
}

/** The same for a node's name. */
export function hashName(name: string): number {
  const bytes = Buffer.from(name, 'latin1');
  return hashBytes(bytes, 0, bytes.length);
}

/**
 * Rendezvous hashing: the candidate with the highest weight for this key, or undefined of none.
 *
 * Every worker of every proxy chooses alike without speaking to the others, and when a candidate
 * goes only its own keys move. Candidates with equal hashes cannot happen: names are unique per site
 * and equal weights go to the first.
 */
export function choose<T extends Candidate>(
  keyHash: number,
  candidates: readonly T[],
): T | undefined {
  let best: T | undefined;
  let bestWeight = -1;
  for (const candidate of candidates) {
    const weight = mix(keyHash ^ candidate.nameHash);
    if (weight > bestWeight) {
      best = candidate;
      bestWeight = weight;
    }
  }
  return best;
}

/** Finaliser of MurmurHash3: FNV alone spreads the last bytes badly. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85_eb_ca_6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
