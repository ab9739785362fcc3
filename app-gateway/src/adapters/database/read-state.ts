import type { Kysely, Selectable } from 'kysely';
import type { IdentityRecord } from '../../domain/exchange/identity/identity-record.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { State } from '../../ports/state-store.ts';
import { present } from './present.ts';
import type { Tables } from './tables.ts';

/** The whole state as one moment saw it; partners, operators and nodes by name, identities by position. */
export function readState(db: Kysely<Tables>): Promise<State> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => ({
      revision: await readRevision(snapshot),
      partners: await readPartners(snapshot),
      identities: await readIdentities(snapshot),
      operators: await snapshot.selectFrom('operator').selectAll().orderBy('name').execute(),
      nodes: await readNodes(snapshot),
    }));
}

/** The revision alone: whether anything has changed. */
async function readRevision(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('siteRevision').select('revision').executeTakeFirstOrThrow();
  return row.revision;
}

async function readPartners(db: Kysely<Tables>): Promise<readonly PartnerRecord[]> {
  const partners = await db.selectFrom('partner').selectAll().orderBy('id').execute();
  const sets = await db.selectFrom('trustSet').selectAll().orderBy('position').execute();
  const shown = await db.selectFrom('presentation').selectAll().orderBy('position').execute();
  const setsOf = Map.groupBy(sets, ({ partner }) => partner);
  const shownTo = Map.groupBy(shown, ({ partner }) => partner);
  return partners.map((row) => ({
    ...present(row),
    trustSets: (setsOf.get(row.id) ?? []).map(({ partner: _, position: __, ...set }) =>
      present(set),
    ),
    presentations: (shownTo.get(row.id) ?? []).map(
      ({ partner: _, position: __, ...presentation }) => present(presentation),
    ),
  }));
}

async function readIdentities(db: Kysely<Tables>): Promise<readonly IdentityRecord[]> {
  const identities = await db
    .selectFrom('identity')
    .selectAll()
    .orderBy('position')
    .orderBy('name')
    .execute();
  const keys = await db.selectFrom('identityKey').selectAll().orderBy('position').execute();
  const keysOf = Map.groupBy(keys, ({ identity }) => identity);
  return identities.map((row) => ({
    ...row,
    keys: (keysOf.get(row.name) ?? []).map(({ identity: _, position: __, ...key }) => present(key)),
  }));
}

async function readNodes(db: Kysely<Tables>): Promise<readonly NodeRecord[]> {
  const nodes = await db.selectFrom('node').selectAll().orderBy('node').execute();
  const certificates = await db
    .selectFrom('nodeCertificate')
    .selectAll()
    .orderBy('position')
    .execute();
  const certificatesOf = Map.groupBy(certificates, ({ node }) => node);
  return nodes.map((row) => ({
    ...present(row),
    certificates: (certificatesOf.get(row.node) ?? []).map(certificateOf),
  }));
}

function certificateOf({ serial, notAfterMs }: Selectable<Tables['nodeCertificate']>) {
  return { serial, notAfterMs };
}
