import { Buffer } from 'node:buffer';

const TEXT = /^([0-9a-f]{16})(?: ([0-9a-f]{64}))?\n$/;

/** What a run of a program keeps for the next one on the same host to name. */
export interface EarlierRun {
  readonly epoch: bigint;
  /** Hash of its last seal: known where it ended in order, and all of it was safe elsewhere. */
  readonly lastSeal: Buffer | undefined;
}

/** The one line in which that is kept: epoch and, once known, seal in hexadecimal. */
export function earlierRunText({ epoch, lastSeal }: EarlierRun): string {
  const words = epoch.toString(16).padStart(16, '0');
  return lastSeal === undefined ? `${words}\n` : `${words} ${lastSeal.toString('hex')}\n`;
}

/** Reads it; undefined for anything else, such as an empty or torn file. */
export function parseEarlierRun(text: string): EarlierRun | undefined {
  const [, epoch, seal] = TEXT.exec(text) ?? [];
  if (epoch === undefined) return undefined;
  const lastSeal = seal === undefined ? undefined : Buffer.from(seal, 'hex');
  return { epoch: BigInt(`0x${epoch}`), lastSeal };
}
