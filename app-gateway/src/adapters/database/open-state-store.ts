import { join } from 'node:path';
import type { Result } from '@sallyport/shared/result.ts';
import type { DatabaseSettings } from '../../config/database-schema.ts';
import type { DatabaseRefusal } from './database-refusal.ts';
import { openEmbeddedStore } from './embedded-database.ts';
import { openPostgresStore } from './postgres-database.ts';
import type { SqlStateStore } from './sql-state-store.ts';

/** Folder of the embedded database below a gateway's bundle. */
export const STATE_FOLDER = 'state';

/** Opens the database that a site names; its paths are meant from the folder of the gateway's bundle. `upTo`: see `migrate`. */
export function openStateStore(
  settings: Exclude<DatabaseSettings, { readonly kind: 'files' }>,
  bundleFolder: string,
  upTo?: string,
): Promise<Result<SqlStateStore, DatabaseRefusal>> {
  if (settings.kind === 'embedded')
    return openEmbeddedStore(join(bundleFolder, STATE_FOLDER), upTo);
  const { kind: _, passwordFile, ca, ...rest } = settings;
  const inBundle = {
    ...(passwordFile === undefined ? {} : { passwordFile: join(bundleFolder, passwordFile) }),
    ...(ca === undefined ? {} : { caFile: join(bundleFolder, ca) }),
  };
  return openPostgresStore({ ...rest, ...inBundle }, upTo);
}
