import { PGlite } from '@electric-sql/pglite';
import { BIGINT } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';

let fresh: Promise<Blob> | undefined;

/** An empty database in memory, to be closed: a copy of one that is made once, since making one takes five times as long. */
export async function memoryDatabase(): Promise<PGlite> {
  fresh ??= PGlite.create().then(async (pglite) => {
    const data = await pglite.dumpDataDir('none');
    await pglite.close();
    return data;
  });
  return PGlite.create({ loadDataDir: await fresh, parsers: { [BIGINT]: Number } });
}
