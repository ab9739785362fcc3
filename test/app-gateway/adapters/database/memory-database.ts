import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { BIGINT } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { layEmptyDatabase } from '../../../empty-database.ts';

/** Those that were given back, emptied. */
const idle: PGlite[] = [];
let fresh: Promise<Blob | File> | undefined;
// Behind the last test of all: an open one keeps the process.
after(async () => {
  for (const pglite of idle.splice(0)) await pglite.close();
});

/**
 * An empty database in memory, to be closed. Closed, it is emptied for the next test, since that takes a tenth of what
 * it takes to open another one; whoever still has it gets an error.
 */
export async function memoryDatabase(): Promise<PGlite> {
  const pglite = idle.pop() ?? (await openedDatabase());
  let closing: Promise<void> | undefined;
  return new Proxy(pglite, {
    get: (target, name) => {
      if (name === 'close') return () => (closing ??= giveBack(target));
      if (name === 'closed') return closing !== undefined;
      if (closing !== undefined) throw new Error('this database was closed');
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function giveBack(pglite: PGlite): Promise<void> {
  try {
    await pglite.exec('drop schema public cascade; create schema public');
    await pglite.exec('discard all');
    idle.push(pglite);
  } catch {
    // Left in the middle of something: it is of no more use.
    await pglite.close();
  }
}

async function openedDatabase(): Promise<PGlite> {
  fresh ??= freshData();
  return PGlite.create({ loadDataDir: await fresh, parsers: { [BIGINT]: Number } });
}

async function freshData(): Promise<Blob | File> {
  const folder = await mkdtemp(join(tmpdir(), 'memory-database-'));
  await layEmptyDatabase(join(folder, 'data'));
  const pglite = await PGlite.create(join(folder, 'data'));
  const data = await pglite.dumpDataDir('none');
  await pglite.close();
  await rm(folder, { recursive: true });
  return data;
}
