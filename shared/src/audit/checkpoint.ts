import { Buffer } from 'node:buffer';
import { err, ok, type Result } from '../result.ts';
import { HASH_BYTES } from './merkle.ts';

/** The head of a tree, as the text of a signed note says it (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log: `sallyport/<site>`. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** Lines after the third; we write none. */
  readonly extensions: readonly string[];
}

const SIZE = /^(?:0|[1-9]\d{0,15})$/;
const LINES_MAX = 64;

/** The text that is signed: origin, size and root, a line each. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  return `${[origin, size, root.toString('base64'), ...extensions].join('\n')}\n`;
}

/** Reads the text of a note whose signature is good; exactly one spelling of every checkpoint passes. */
export function parseCheckpoint(text: string): Result<Checkpoint, 'checkpoint-malformed'> {
  const [origin, sizeText, rootText, ...rest] = text.split('\n', LINES_MAX);
  const extensions = rest.slice(0, -1);
  if (origin === undefined || sizeText === undefined || rootText === undefined) {
    return err('checkpoint-malformed');
  }
  const size = Number(sizeText);
  const root = Buffer.from(rootText, 'base64');
  const isWellFormed =
    origin !== '' &&
    SIZE.test(sizeText) &&
    Number.isSafeInteger(size) &&
    root.length === HASH_BYTES &&
    root.toString('base64') === rootText &&
    rest.at(-1) === '' &&
    !extensions.includes('');
  return isWellFormed ? ok({ origin, size, root, extensions }) : err('checkpoint-malformed');
}
