import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnsweringPool } from '@sallyport/app-gateway/adapters/database/answering-pool.ts';
import type { PostgresPool, PostgresQueryResult } from 'kysely';

const REFUSED = new Error('duplicate key');
const SILENT = new Error('Query read timeout');

/** A pool of one connection that answers as it is told, and writes down what it hears. */
function poolThat(answers: readonly (Error | undefined)[]) {
  const left = [...answers];
  const heard: string[] = [];
  const pool: PostgresPool = {
    options: { max: 1 },
    end: () => Promise.resolve(),
    connect: () =>
      Promise.resolve({
        query: ((sql: string) => {
          heard.push(sql);
          const answer = left.shift();
          return answer === undefined ? Promise.resolve({ rows: [] }) : Promise.reject(answer);
        }) as () => Promise<PostgresQueryResult<never>> & never,
        release: (destroy) => heard.push(destroy === true ? 'destroyed' : 'kept'),
      }),
  };
  return { pool: new AnsweringPool(pool, (cause) => cause === REFUSED), heard };
}

describe('connections to PostgreSQL', () => {
  //  answers to two queries   what of the connection is heard
  const table: readonly (readonly [string, readonly (Error | undefined)[], readonly string[]])[] = [
    ['answered', [undefined, undefined], ['begin', 'rollback', 'kept']],
    ['refused by the server', [REFUSED, undefined], ['begin', 'rollback', 'kept']],
    ['silent', [SILENT], ['begin', 'destroyed']],
    ['silent at the second', [undefined, SILENT], ['begin', 'rollback', 'destroyed']],
  ];
  for (const [what, answers, expected] of table) {
    it(`${what}: ${expected.at(-1)}`, async () => {
      const { pool, heard } = poolThat(answers);
      const client = await pool.connect();
      for (const sql of ['begin', 'rollback']) {
        await client
          .query(sql, [])
          .catch((cause: unknown) => assert.ok(answers.includes(cause as Error)));
      }
      client.release();
      assert.deepEqual(heard, expected);
    });
  }

  it('are closed where their user wants it, and are the pool’s own otherwise', async () => {
    const { pool, heard } = poolThat([]);
    (await pool.connect()).release(true);
    assert.deepEqual(heard, ['destroyed']);
    assert.deepEqual(pool.options, { max: 1 });
    await pool.end();
  });
});
