import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How many records of each type every hour has: what is asked of millions of records is answered from few rows. */
export const typeCounts: Migration = {
  async up(db) {
    const statements = [
      // Hours are those of the records' own times, since 1970; the day is the one with which they are dropped.
      sql`create table audit_type_count (
        hour bigint not null,
        type smallint not null,
        day date not null,
        records bigint not null,
        primary key (hour, type, day)
      )`,
      sql`insert into audit_type_count (hour, type, day, records)
        select time_ms / 3600000, type, day, count(*) from audit_entry group by 1, 2, 3`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
