import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What each day that is over has, in few octets: to plan for a day costs more than to know that it has nothing. */
export const dayDigests: Migration = {
  async up(db) {
    const statements = [
      // By part: who looks for something reads the same part of each day, one beside the other.
      sql`create table audit_digest (
        part smallint not null,
        day date not null,
        bits bytea not null,
        primary key (part, day)
      )`,
      // Hashes do not compress, and of a long part one block is read.
      sql`alter table audit_digest alter column bits set storage external`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
