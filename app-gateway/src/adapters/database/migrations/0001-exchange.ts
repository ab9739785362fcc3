import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const NAME = sql`text collate "C"`;

/** Partners, identities, operators, nodes and their history. */
export const exchange: Migration = {
  async up(db) {
    const statements = [
      sql`create table site_revision (
        id integer primary key check (id = 1),
        revision bigint not null,
        event_sequence bigint not null
      )`,
      sql`insert into site_revision (id, revision, event_sequence) values (1, 0, 0)`,
      sql`create table partner (
        id ${NAME} primary key,
        settings jsonb not null,
        severed jsonb,
        received_sequence bigint not null,
        offered_sequence bigint not null
      )`,
      sql`create table trust_set (
        partner ${NAME} not null references partner on delete cascade,
        position integer not null,
        id ${NAME} not null,
        state text not null,
        anchors jsonb not null,
        intermediates jsonb not null,
        pins jsonb not null,
        signing_keys jsonb,
        fingerprint text not null,
        origin jsonb not null,
        received_at_ms bigint not null,
        verifications jsonb not null,
        staged_at_ms bigint,
        activated_at_ms bigint,
        retired_at_ms bigint,
        wrong_fingerprints bigint,
        primary key (partner, id)
      )`,
      sql`create table presentation (
        partner ${NAME} not null references partner on delete cascade,
        position integer not null,
        identity ${NAME} not null,
        key ${NAME} not null,
        state text not null,
        sequence bigint not null,
        offered_at_ms bigint not null,
        offer_expires_at_ms bigint,
        primary key (partner, identity, key)
      )`,
      sql`create table identity (
        name ${NAME} primary key,
        server_names jsonb not null,
        position integer not null
      )`,
      sql`create table identity_key (
        identity ${NAME} not null references identity on delete cascade,
        position integer not null,
        id ${NAME} not null,
        state text not null,
        kind text not null,
        spki text not null,
        request_pem text,
        chain_pem text,
        anchors_pem text,
        sealed_key text not null,
        created_at_ms bigint not null,
        not_after_ms bigint,
        activated_at_ms bigint,
        retired_at_ms bigint,
        primary key (identity, id)
      )`,
      sql`create table operator (
        name ${NAME} primary key,
        role text not null,
        public_key_pem text not null,
        is_disabled boolean not null,
        added_at_ms bigint not null,
        added_by text not null
      )`,
      sql`create table node (
        node ${NAME} primary key,
        role text not null,
        state text not null,
        hosts jsonb not null,
        revoked_at_ms bigint,
        reason text
      )`,
      sql`create table node_certificate (
        node ${NAME} not null references node on delete cascade,
        position integer not null,
        serial ${NAME} not null,
        not_after_ms bigint not null,
        primary key (node, serial)
      )`,
      sql`create table approval (
        operator ${NAME} not null,
        payload_sha256 ${NAME} not null,
        payload text not null,
        signature text not null,
        primary key (operator, payload_sha256)
      )`,
      sql`create table change_event (
        sequence bigint primary key,
        at_ms bigint not null,
        kind text not null,
        subject ${NAME} not null,
        detail jsonb not null,
        program text,
        operator ${NAME},
        payload_sha256 ${NAME},
        foreign key (operator, payload_sha256) references approval,
        check ((program is null) = (operator is not null)),
        check ((operator is null) = (payload_sha256 is null))
      )`,
      sql`create index change_event_subject on change_event (subject, sequence)`,
      sql`create table sighting (
        partner ${NAME} not null,
        direction text not null,
        key ${NAME} not null,
        spki ${NAME} not null,
        first_at_ms bigint not null,
        last_at_ms bigint not null,
        handshakes bigint not null,
        last_source text not null,
        last_proxy text not null,
        not_after_ms bigint,
        primary key (partner, direction, key, spki)
      )`,
      sql`create function refuse_change() returns trigger language plpgsql as $$
        begin
          raise exception '% is append-only', tg_table_name;
        end
      $$`,
      ...['change_event', 'approval'].map(
        (table) => sql`create trigger ${sql.ref(`${table}_is_append_only`)}
          before update or delete or truncate on ${sql.table(table)}
          for each statement execute function refuse_change()`,
      ),
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
