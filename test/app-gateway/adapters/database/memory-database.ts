import { after } from 'node:test';
import { PGlite, type Results, type Transaction } from '@electric-sql/pglite';
import { BIGINT } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import type { PGliteDialectConfig } from 'kysely';

type ForKysely = Exclude<PGliteDialectConfig['pglite'], (...none: never[]) => unknown>;

/** Databases that were closed: emptied, and used again. */
const idle: PGlite[] = [];
let fresh: Promise<Blob> | undefined;
// One that stays open keeps its process running.
after(() => Promise.all(idle.splice(0).map((pglite) => pglite.close())));

/**
 * An empty database in memory for one test; to be closed.
 *
 * Making one takes seconds, and filling a new process's memory with a copy half of one, so the next test gets the one
 * that this test closes, without its tables and its settings.
 */
export async function memoryDatabase(): Promise<MemoryDatabase> {
  return new MemoryDatabase(idle.pop() ?? (await copyOfFresh()));
}

/** What the dialect needs of PGlite, and `exec`. */
export class MemoryDatabase implements ForKysely {
  readonly ready = true;
  readonly waitReady = Promise.resolve();
  closed = false;
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  async query<T>(...words: Parameters<PGlite['query']>): Promise<Results<T>> {
    return this.#open.query<T>(...words);
  }

  async exec(statements: string): Promise<void> {
    await this.#open.exec(statements);
  }

  async transaction<T>(steps: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#open.transaction(steps);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.#pglite.exec('drop schema public cascade; create schema public');
    await this.#pglite.exec('discard all');
    idle.push(this.#pglite);
  }

  get #open(): PGlite {
    if (this.closed) throw new Error('PGlite is closed');
    return this.#pglite;
  }
}

function copyOfFresh(): Promise<PGlite> {
  const parsers = { [BIGINT]: Number };
  fresh ??= PGlite.create().then(async (pglite) => {
    const data = await pglite.dumpDataDir('none');
    await pglite.close();
    return data;
  });
  return fresh.then((loadDataDir) => PGlite.create({ loadDataDir, parsers }));
}
