import { NOT_THERE } from './file-findings.ts';
import { type Finding, fine, type Level, unknown } from './finding.ts';
import type { SystemView } from './system-view.ts';

const MIB = 1_048_576;

/** Bytes and parts of the whole below which somebody should look, or must. */
const BYTES = { warning: 1024 * MIB, fault: 200 * MIB };
const PARTS = { warning: 0.1, fault: 0.02 };
const INODE_PARTS = { warning: 0.05, fault: 0.01 };

/** Room where a program writes: a spool or journal without it takes no more traffic. */
export function diskFindings(system: SystemView, folders: readonly string[]): readonly Finding[] {
  return folders.flatMap((folder) => {
    const room = system.room(folder);
    if (room === undefined)
      return [unknown('disk-room', folder, 'its disk cannot be looked at', NOT_THERE)];
    const { bytesFree, bytesTotal, inodesFree, inodesTotal } = room;
    const part = bytesTotal === 0 ? 1 : bytesFree / bytesTotal;
    const level = worse(levelOf(bytesFree, BYTES), levelOf(part, PARTS));
    const bytes = `${Math.floor(bytesFree / MIB)} MiB free, ${Math.floor(part * 100)} %`;
    const inodePart = inodesTotal === 0 ? 1 : inodesFree / inodesTotal;
    const inodes = `${Math.floor(inodePart * 100)} % of the inodes free`;
    return [
      finding('disk-room', folder, level, bytes),
      finding('disk-inodes', folder, levelOf(inodePart, INODE_PARTS), inodes),
    ];
  });
}

function finding(id: string, where: string, level: Level, what: string): Finding {
  if (level === 'ok') return fine(id, where, what);
  return { id, level, what, where, next: 'make room: without it the site refuses traffic' };
}

function levelOf(
  value: number,
  limits: { readonly warning: number; readonly fault: number },
): Level {
  if (value < limits.fault) return 'fault';
  return value < limits.warning ? 'warning' : 'ok';
}

/** A large disk may have little of itself free and be roomy; a small one never. */
function worse(bytes: Level, part: Level): Level {
  if (bytes === 'ok') return part === 'fault' ? 'warning' : 'ok';
  return bytes;
}
