import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { environment } from './environment.ts';

const FILLER = 'filler';
const BLOCK_BYTES = 65_536;

/** A file system of its own with a size that ends: a tmpfs that was mounted for one test. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static mount(mebibytes: number): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'sp-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** From now on that folder lies on this disk, with what is in it. */
  holds(folder: string): void {
    mkdirSync(dirname(folder), { recursive: true });
    if (existsSync(folder)) {
      cpSync(folder, this.folder, { recursive: true });
      rmSync(folder, { recursive: true });
    }
    symlinkSync(this.folder, folder);
  }

  /** Somebody else's file takes all the room that there is, but for some bytes. */
  fill(leavingBytes = 0): void {
    const descriptor = openSync(join(this.folder, FILLER), 'a');
    try {
      for (let bytes = BLOCK_BYTES; bytes >= 1; ) {
        if (!appends(descriptor, bytes)) bytes >>= 1;
      }
      if (leavingBytes > 0) ftruncateSync(descriptor, fstatSync(descriptor).size - leavingBytes);
    } finally {
      closeSync(descriptor);
    }
  }

  /** And goes. */
  free(): void {
    rmSync(join(this.folder, FILLER), { force: true });
  }

  /** Whoever still has files open there may close them later. */
  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }
}

function appends(descriptor: number, bytes: number): boolean {
  try {
    return writeSync(descriptor, Buffer.alloc(bytes, 1)) === bytes;
  } catch {
    return false;
  }
}

/** Options for a test that mounts: skipped, with the reason on the report, where that is not allowed; a failure in CI. */
export function needsMounts(): { skip: string | false } {
  if (canMount()) return { skip: false };
  const reason = 'NO MOUNTS: filling a disk needs root and the right to mount a tmpfs';
  if (environment['CI'] === 'true') throw new Error(reason);
  console.error(`peers: ${reason}`);
  return { skip: reason };
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    SmallDisk.mount(1).unmount();
    return true;
  } catch {
    return false;
  }
}
