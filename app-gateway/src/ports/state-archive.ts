import type { Result } from '@sallyport/shared/result.ts';

/** The moment that a copy of a database is of: whatever comes later is not in it. */
export interface ArchiveMark {
  /** Steps that the tables have been through. */
  readonly migrations: readonly string[];
  readonly revision: number;
  readonly eventSequence: number;
  /** Records of the ledger, and the root of their tree in hexadecimal. */
  readonly size: number;
  readonly root: string;
  readonly day: string | null;
  /** Changes up to this one were copied into the ledger. */
  readonly copied: number;
}

/** Where a copy goes on: a step of it, and the key of the last row. */
export interface ArchivePlace {
  readonly step: number;
  readonly after: readonly string[];
}

/** Rows of one table as JSON, one text each. */
export interface ArchiveRows {
  readonly table: string;
  readonly rows: readonly string[];
}

/** A piece of a copy, and where the next one begins; undefined: this was the last. */
export interface ArchivePage {
  readonly tables: readonly ArchiveRows[];
  readonly next: ArchivePlace | undefined;
}

/** Why there is no copy; `overtaken`: what it was to be of has changed meanwhile, and it must begin anew. */
export type ArchiveFailure =
  | { readonly code: 'unavailable'; readonly reason: string }
  | { readonly code: 'overtaken' };

/**
 * Port. A database as rows, all of one moment, read while others write.
 *
 * Nothing is held between two pages: what only grows is cut at the mark, and what changes must not have changed
 * since.
 */
export interface StateArchive {
  mark(): Promise<Result<ArchiveMark, ArchiveFailure>>;
  page(
    mark: ArchiveMark,
    place: ArchivePlace | undefined,
  ): Promise<Result<ArchivePage, ArchiveFailure>>;
}
