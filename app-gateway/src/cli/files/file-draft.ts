import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';

/** A file under another name until all of it is there. Throws what the file system throws. */
export class FileDraft {
  readonly path: string;
  readonly #target: string;
  #descriptor: number | undefined;

  /** Begins the file `path`, which must not be there. */
  constructor(path: string, mode: number, target = path) {
    this.path = path;
    this.#target = target;
    this.#descriptor = openSync(path, 'wx', mode);
  }

  /** Begins a file that will be `target`, which must not be there; beside it, by a name that nothing else has. */
  static ofNew(target: string, mode: number): FileDraft {
    refuseExisting(target);
    return new FileDraft(`${target}.${randomBytes(4).toString('hex')}.part`, mode, target);
  }

  /** Puts that behind what was written before. */
  write(content: string | Uint8Array): void {
    if (this.#descriptor !== undefined) writeFileSync(this.#descriptor, content);
  }

  /** Nothing more comes: all of it is on the disk. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    fsyncSync(descriptor);
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  /** Gives the whole file its name, over nothing that has got it meanwhile. */
  publish(): void {
    this.close();
    try {
      linkSync(this.path, this.#target);
      rmSync(this.path);
    } catch (cause) {
      // Memory sticks have file systems without links.
      if (!NO_LINKS.has(errorCode(cause) ?? '')) throw cause;
      refuseExisting(this.#target);
      renameSync(this.path, this.#target);
    }
    const folder = openSync(dirname(this.#target), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  /** Takes it away again; what cannot be taken away has a name that says what it is. */
  drop(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    try {
      rmSync(this.path, { force: true });
    } catch {
      // The one who gave the command hears why it did not work.
    }
  }
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

function refuseExisting(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  throw Object.assign(new Error(`${path} is there already`), { code: 'EEXIST' });
}
