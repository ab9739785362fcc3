import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
/** Below the bundle, and never above it. */
const innerPath = z
  .string()
  .max(1024)
  .refine(
    (path) => path !== '' && !path.startsWith('/') && !/[\\\0]/.test(path),
    'is no inner path',
  )
  .refine((path) => path.split('/').every((part) => !['', '.', '..'].includes(part)), 'leads out');

/** A file of the bundle. */
export const backupFileSchema = z.strictObject({
  path: innerPath,
  /** Permissions alone. */
  mode: z.int().min(0).max(0o777),
  /** Versions of a site are times of its files, and of a folder that a file was taken out of. */
  mtimeMs: count,
  folderMtimeMs: count,
});

/** What a copy of the database is of; see the port. */
export const archiveMarkSchema = z.strictObject({
  migrations: z.array(z.string().max(100)).max(1000).readonly(),
  revision: count,
  eventSequence: count,
  size: count,
  root: sha256,
  day: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .nullable(),
  copied: count,
});

/** Last of all: what must have come before it. */
export const backupManifestSchema = z.strictObject({
  format: z.literal('sallyport-backup'),
  version: z.literal(1),
  site: z.string().min(1).max(63),
  node: z.string().min(1).max(63),
  /** Version of the program that wrote it. */
  program: z.string().max(100),
  createdAtMs: count,
  /** Absent: the site has no database. */
  mark: archiveMarkSchema.optional(),
  /** Octets of records that the gateway had in its journal and not in its database: they are not in the backup. */
  journalWaitingBytes: count.optional(),
  tables: z.record(z.string().max(63), z.strictObject({ rows: count, sha256 })),
  files: z.array(z.strictObject({ ...backupFileSchema.shape, bytes: count, sha256 })).max(100_000),
});

export type BackupFile = z.infer<typeof backupFileSchema>;
export type BackupManifest = z.infer<typeof backupManifestSchema>;
