import { Buffer } from 'node:buffer';

/** A seal by which the run that wrote it can be named: its number in the stream, and SHA-256 of the whole record. */
export interface NamedSeal {
  readonly seq: number;
  readonly hash: Buffer;
}

/** What a run of a program keeps for the next one on the same host to name. */
export interface EarlierRun {
  readonly epoch: bigint;
  /** The newest seal of which it is known that all up to it was safe elsewhere; of a run that ended in order, the last one. */
  readonly lastSeal: NamedSeal | undefined;
}

const SEQ_DIGITS = 10;
const TEXT = /^([0-9a-f]{16})(?: ([0-9a-f]{64}) (\d{10})\n$|[ \n])/;

/**
 * The one line in which that is kept: epoch and, once known, a seal's hash in hexadecimal and its number. All lines with a seal
 * are of one length, and begin as that without, so that a newer one may be written over an older.
 */
export function earlierRunText({ epoch, lastSeal }: EarlierRun): string {
  const run = epoch.toString(16).padStart(16, '0');
  if (lastSeal === undefined) return `${run}\n`;
  const seq = String(lastSeal.seq).padStart(SEQ_DIGITS, '0');
  return `${run} ${lastSeal.hash.toString('hex')} ${seq}\n`;
}

/** Reads it; of a line that was torn when another was written over it the epoch; undefined for anything else. */
export function parseEarlierRun(text: string): EarlierRun | undefined {
  const [, epoch, seal, seq] = TEXT.exec(text) ?? [];
  if (epoch === undefined) return undefined;
  const lastSeal =
    seal === undefined ? undefined : { seq: Number(seq), hash: Buffer.from(seal, 'hex') };
  return { epoch: BigInt(`0x${epoch}`), lastSeal };
}
