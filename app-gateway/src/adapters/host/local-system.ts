import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { networkInterfaces } from 'node:os';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import type { SocketTables } from '../../doctor/listening-sockets.ts';
import type { FileFacts, SystemView } from '../../doctor/system-view.ts';

/** Tables of a busy host are large; what is longer is cut. */
const TEXT_BYTES_MAX = 33_554_432;
const PIECE_BYTES = 65_536;
const PERMISSIONS = 0o7777;

/** This machine. */
export const localSystem: SystemView = {
  text: (path) => attempt(() => textOf(path)),
  facts: (path) => attempt(() => factsOf(path)),
  names: (folder) => attempt(() => readdirSync(folder)) ?? [],
  link: (path) => attempt(() => readlinkSync(path)),
  room: (folder) =>
    attempt(() => {
      const { bsize, bavail, blocks, ffree, files } = statfsSync(folder);
      return {
        bytesFree: bsize * bavail,
        bytesTotal: bsize * blocks,
        inodesFree: ffree,
        inodesTotal: files,
      };
    }),
};

/** The tables of sockets of the network namespace that this process is in. */
export function socketTables(system: SystemView): SocketTables {
  const table = (name: string) => system.text(`/proc/self/net/${name}`);
  return { tcp: table('tcp'), tcp6: table('tcp6'), udp: table('udp'), udp6: table('udp6') };
}

/** Addresses of this machine that others can reach, or try to. */
export function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .flatMap(({ address }) => normalizeAddress(address) ?? []);
}

/** Files of the kernel have no size: they are read until they end. */
function textOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let bytes = 0; bytes < TEXT_BYTES_MAX; ) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const read = readSync(file, piece);
      if (read === 0) break;
      pieces.push(piece.subarray(0, read));
      bytes += read;
    }
    return Buffer.concat(pieces).toString('utf8');
  } finally {
    closeSync(file);
  }
}

function factsOf(path: string): FileFacts {
  const own = lstatSync(path);
  const stats = own.isSymbolicLink() ? statSync(path) : own;
  const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
  const { mode, uid, gid, mtimeMs } = stats;
  return { kind, mode: mode & PERMISSIONS, uid, gid, changedMs: mtimeMs };
}

/** What cannot be looked at is not known: whose files they are, that is how it must be. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
