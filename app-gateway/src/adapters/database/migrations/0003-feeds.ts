import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const NAME = sql`text collate "C"`;

/** How far each destination outside has come in the ledger, and which node feeds it until when. */
export const feeds: Migration = {
  async up(db) {
    await sql`create table audit_feed (
      destination ${NAME} primary key,
      next bigint not null check (next >= 0),
      node ${NAME} not null,
      claimed_until timestamptz not null
    )`.execute(db);
  },
};
