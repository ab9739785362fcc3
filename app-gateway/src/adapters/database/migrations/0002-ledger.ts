import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const NAME = sql`text collate "C"`;

/** The ledger: records by day, the Merkle tree over them as tiles, what was signed about it, and holds. */
export const ledger: Migration = {
  async up(db) {
    const statements = [
      // Whoever writes holds the ledger's advisory lock first; this row says how far the ledger goes.
      sql`create table audit_head (
        id integer primary key check (id = 1),
        size bigint not null,
        root bytea not null,
        day date
      )`,
      // The root of the empty tree is the hash of nothing (RFC 9162 §2.1.1).
      sql`insert into audit_head (id, size, root) values (1, 0, sha256(''))`,
      // One run of one program. Ranges: [first, end) of what is in the ledger, so that nothing is in it twice.
      sql`create table audit_stream (
        id integer primary key,
        node ${NAME} not null,
        worker smallint not null,
        epoch bigint not null,
        ranges jsonb not null,
        unique (node, worker, epoch)
      )`,
      sql`create table audit_entry (
        index bigint not null,
        day date not null,
        time_ms bigint not null,
        seq bigint not null,
        request_seq bigint,
        stream integer not null,
        type smallint not null,
        status smallint,
        partner ${NAME},
        call_id ${NAME},
        from_user ${NAME},
        to_user ${NAME},
        address ${NAME},
        verdict ${NAME},
        record bytea not null,
        primary key (index, day)
      ) partition by range (day)`,
      sql`create index audit_entry_time on audit_entry (time_ms)`,
      sql`create index audit_entry_partner on audit_entry (partner, time_ms) where partner is not null`,
      sql`create index audit_entry_request on audit_entry (stream, request_seq) where request_seq is not null`,
      ...['call_id', 'from_user', 'to_user'].map(
        (column) => sql`create index ${sql.ref(`audit_entry_${column}`)}
          on audit_entry (hashtextextended(${sql.ref(column)}, 0)) where ${sql.ref(column)} is not null`,
      ),
      sql`create table audit_tile (
        level smallint not null,
        tile bigint not null,
        hashes bytea not null,
        primary key (level, tile)
      )`,
      // Hashes do not compress.
      sql`alter table audit_tile alter column hashes set storage external`,
      sql`create table audit_day (
        day date primary key,
        first_index bigint not null,
        end_index bigint not null,
        first_ms bigint not null,
        last_ms bigint not null,
        record_bytes bigint not null,
        dropped_at_ms bigint
      )`,
      sql`create table audit_checkpoint (
        size bigint primary key,
        at_ms bigint not null,
        note text not null
      )`,
      sql`create table audit_cosignature (
        size bigint not null references audit_checkpoint,
        name ${NAME} not null,
        line text not null,
        primary key (size, name)
      )`,
      sql`create table audit_hold (
        name ${NAME} primary key,
        first_day date not null,
        last_day date not null,
        reason text not null,
        set_by text not null,
        set_at_ms bigint not null,
        lifted_by text,
        lifted_at_ms bigint
      )`,
      // How far the history of changes was copied into the ledger, and who is at it.
      sql`create table audit_copy (
        id integer primary key check (id = 1),
        copied bigint not null,
        claimed bigint not null,
        claimed_by text not null,
        claimed_at_ms bigint not null
      )`,
      sql`insert into audit_copy values (1, 0, 0, '', 0)`,
      sql`create trigger audit_entry_is_append_only before update or delete on audit_entry
        for each row execute function refuse_change()`,
      ...['audit_checkpoint', 'audit_cosignature'].map(
        (table) => sql`create trigger ${sql.ref(`${table}_is_append_only`)}
          before update or delete or truncate on ${sql.table(table)}
          for each statement execute function refuse_change()`,
      ),
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
