import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that is being written. */
export interface SegmentFile {
  /** All of it, or an exception. */
  write(bytes: Buffer, position: number): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a file that was not there, and its name durable. */
export type CreateSegment = (folder: string, segment: number) => Promise<SegmentFile>;

const NAME = /^journal-([0-9a-f]{12})$/;

/** Path of a journal's file by its number. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, `journal-${segment.toString(16).padStart(12, '0')}`);
}

/** Numbers of the files that are there, ascending. */
export async function listSegments(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map((hex) => Number.parseInt(hex, 16))
    .sort((a, b) => a - b);
}

export const createSegment: CreateSegment = async (folder, segment) => {
  const path = segmentPath(folder, segment);
  const file = await open(path, 'wx', 0o600);
  try {
    await syncFolder(folder);
  } catch (cause) {
    await file.close();
    await rm(path, { force: true });
    throw cause;
  }
  return {
    write: async (bytes, position) => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
        at += bytesWritten;
      }
    },
    datasync: () => file.datasync(),
    close: () => file.close(),
  };
};

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
