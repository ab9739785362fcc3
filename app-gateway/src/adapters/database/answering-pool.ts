import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';

/**
 * A pool that lends out no connection again which once brought no answer.
 *
 * The pool below would: a query that ran into its time limit looks to it like any other failure. Behind a firewall that
 * has lost its state every query on such a connection waits in vain, until the kernel gives it up after a quarter of an
 * hour, while a new one would be answered at once.
 */
export class AnsweringPool implements PostgresPool {
  readonly options: object;
  readonly #pool: PostgresPool;
  readonly #isAnswer: (cause: unknown) => boolean;

  /** `isAnswer`: whether it was the server that said so, of what a query threw. */
  constructor(pool: PostgresPool, isAnswer: (cause: unknown) => boolean) {
    this.options = pool.options;
    this.#pool = pool;
    this.#isAnswer = isAnswer;
  }

  async connect(): Promise<PostgresPoolClient> {
    return new AnsweringClient(await this.#pool.connect(), this.#isAnswer);
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

class AnsweringClient implements PostgresPoolClient {
  readonly #client: PostgresPoolClient;
  readonly #isAnswer: (cause: unknown) => boolean;
  /** What it said instead of an answer. */
  #fault: unknown;

  constructor(client: PostgresPoolClient, isAnswer: (cause: unknown) => boolean) {
    this.#client = client;
    this.#isAnswer = isAnswer;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    what: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    return typeof what === 'string' ? this.#ask(what, parameters) : this.#client.query(what);
  }

  /** A ROLLBACK after a silence is not waited for: it could only be the next. */
  async #ask<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      return await this.#client.query<R>(sql, parameters);
    } catch (cause) {
      // What the server refuses is an answer as well.
      if (!this.#isAnswer(cause)) this.#fault = cause;
      throw cause;
    }
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#fault !== undefined);
  }
}
