import { readFileSync, renameSync } from 'node:fs';
import { NEVER_WITNESSED, type Witnessed } from '@sallyport/shared/audit/witness.ts';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { replaceDurably } from '../bundle/durable-file.ts';

const TEXT = /^(\d{1,16}) ([A-Za-z0-9+/]{43}=)\n$/;

/**
 * The newest head of the ledger that this host gave its word for, on its disk, so that no restart makes it forget.
 *
 * A file that is there and cannot be read is not the same as none: then it gives no word at all.
 */
export class WitnessFile {
  readonly #path: string;
  readonly #beside: string;

  constructor(path: string) {
    this.#path = path;
    this.#beside = `${path}.new`;
  }

  /** The newest head: a loss of power may have taken back that the file beside has its name, and the word was given. */
  read(): Witnessed | 'unreadable' {
    const kept = this.#headIn(this.#path);
    if (kept === 'unreadable') return kept;
    const beside = this.#headIn(this.#beside);
    if (beside === 'unreadable' || beside.size <= kept.size) return kept;
    try {
      renameSync(this.#beside, this.#path);
      return beside;
    } catch {
      return 'unreadable';
    }
  }

  /** A crash leaves the old head or the new one; false where it cannot be written. */
  write({ size, root }: Witnessed): boolean {
    try {
      replaceDurably(this.#path, `${size} ${root.toString('base64')}\n`, this.#beside);
      return true;
    } catch {
      return false;
    }
  }

  #headIn(path: string): Witnessed | 'unreadable' {
    try {
      const match = TEXT.exec(readFileSync(path, 'latin1'));
      if (match === null) return 'unreadable';
      return { size: Number(match[1]), root: Buffer.from(match[2] as string, 'base64') };
    } catch (cause) {
      return errorCode(cause) === 'ENOENT' ? NEVER_WITNESSED : 'unreadable';
    }
  }
}
