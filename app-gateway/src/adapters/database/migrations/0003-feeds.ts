import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How far each destination outside has come in the ledger. */
export const feeds: Migration = {
  async up(db) {
    await sql`create table audit_feed (
      destination text collate "C" primary key,
      next bigint not null check (next >= 0)
    )`.execute(db);
  },
};
