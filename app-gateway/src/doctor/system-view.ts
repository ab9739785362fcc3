/** What is known of a file or folder without opening it. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other';
  /** Permission bits alone. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly changedMs: number;
}

/** Room on the file system that holds a folder. */
export interface DiskRoom {
  readonly bytesFree: number;
  readonly bytesTotal: number;
  /** 0 in total: the file system does not count them. */
  readonly inodesFree: number;
  readonly inodesTotal: number;
}

/** The machine as it shows itself in files. What cannot be read is undefined, never a guess. */
export interface SystemView {
  /** A text, `/proc` included, up to some megabytes. */
  text(path: string): string | undefined;
  facts(path: string): FileFacts | undefined;
  /** Names in a folder; empty where it cannot be read. */
  names(folder: string): readonly string[];
  /** Where a symbolic link leads. */
  link(path: string): string | undefined;
  room(folder: string): DiskRoom | undefined;
}
