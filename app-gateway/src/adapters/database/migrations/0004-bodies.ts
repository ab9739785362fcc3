import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Bodies of messages, sealed, and the key of each day; both live as long as the records of their day. */
export const bodies: Migration = {
  async up(db) {
    const statements = [
      // A row without a key says that it was erased: nobody makes another one for that day.
      sql`create table audit_day_key (
        day date primary key,
        sealed_key text,
        erased_at_ms bigint
      )`,
      sql`create table audit_body (
        hash bytea primary key,
        day date not null,
        octets bytea not null
      )`,
      // What is encrypted does not compress.
      sql`alter table audit_body alter column octets set storage external`,
      sql`create index audit_body_day on audit_body (day)`,
      sql`create trigger audit_body_is_append_only before update on audit_body
        for each row execute function refuse_change()`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
