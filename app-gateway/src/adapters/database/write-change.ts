import { createHash } from 'node:crypto';
import type { Insertable, Kysely } from 'kysely';
import type { Approval, NewChangeEvent } from '../../domain/exchange/change-event.ts';
import type { IdentityRecord } from '../../domain/exchange/identity/identity-record.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import type { OperatorRecord } from '../../domain/exchange/operator/operator-record.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { StateChange } from '../../ports/state-store.ts';
import type { Tables } from './tables.ts';

/** Below the 65,535 parameters that one statement may have, whatever the table. */
const ROWS_PER_STATEMENT = 1000;

/** Writes whole records in place of those of the same name; children go with their parents. */
export async function writeRecords(db: Kysely<Tables>, change: StateChange): Promise<void> {
  await removePartners(db, change.removedPartners ?? []);
  await writePartners(db, change.partners ?? []);
  await writeIdentities(db, change.identities ?? []);
  await writeOperators(db, change.operators ?? []);
  await writeNodes(db, change.nodes ?? []);
}

/** Writes events under the numbers that follow `lastSequence`; their approvals must be on record. */
export async function writeEvents(
  db: Kysely<Tables>,
  events: readonly NewChangeEvent[],
  lastSequence: number,
): Promise<void> {
  await insertRows(
    events.map(({ atMs, kind, subject, detail, author }, index) => ({
      sequence: lastSequence + 1 + index,
      atMs,
      kind,
      subject,
      detail: JSON.stringify(detail),
      program: author.kind === 'program' ? author.node : null,
      operator: author.kind === 'operator' ? author.approval.operator : null,
      payloadSha256: author.kind === 'operator' ? sha256(author.approval.payload) : null,
    })),
    (rows) => db.insertInto('changeEvent').values(rows),
  );
}

/** Puts what operators signed on record; false when one of the texts was there before. */
export async function writeApprovals(
  db: Kysely<Tables>,
  events: readonly NewChangeEvent[],
): Promise<boolean> {
  const approvals = new Map<string, Insertable<Tables['approval']>>();
  for (const { author } of events) {
    if (author.kind !== 'operator') continue;
    const row = approvalRow(author.approval);
    approvals.set(`${row.operator} ${row.payloadSha256}`, row);
  }
  for (const row of approvals.values()) {
    const written = await db
      .insertInto('approval')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('operator')
      .execute();
    if (written.length === 0) return false;
  }
  return true;
}

/** The text and not the signature tells commands apart: one text can have several valid signatures. */
function approvalRow({ operator, payload, signature }: Approval): Insertable<Tables['approval']> {
  return { operator, payload, signature, payloadSha256: sha256(payload) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What was seen of a partner goes with it: a later partner of that name starts without evidence. */
async function removePartners(db: Kysely<Tables>, removed: readonly string[]): Promise<void> {
  if (removed.length === 0) return;
  await db.deleteFrom('partner').where('id', 'in', removed).execute();
  await db.deleteFrom('sighting').where('partner', 'in', removed).execute();
}

async function writePartners(
  db: Kysely<Tables>,
  partners: readonly PartnerRecord[],
): Promise<void> {
  if (partners.length === 0) return;
  const ids = partners.map(({ id }) => id);
  await db.deleteFrom('partner').where('id', 'in', ids).execute();
  await insertRows(
    partners.map(({ id, settings, severed, receivedSequence, offeredSequence }) => ({
      id,
      settings: JSON.stringify(settings),
      severed: severed === undefined ? null : JSON.stringify(severed),
      receivedSequence,
      offeredSequence,
    })),
    (rows) => db.insertInto('partner').values(rows),
  );
  await insertRows(partners.flatMap(trustSetRows), (rows) =>
    db.insertInto('trustSet').values(rows),
  );
  await insertRows(
    partners.flatMap(({ id, presentations }) =>
      presentations.map((shown, position) => ({
        partner: id,
        position,
        identity: shown.identity,
        key: shown.key,
        state: shown.state,
        sequence: shown.sequence,
        offeredAtMs: shown.offeredAtMs,
        offerExpiresAtMs: shown.offerExpiresAtMs ?? null,
      })),
    ),
    (rows) => db.insertInto('presentation').values(rows),
  );
}

function trustSetRows({ id, trustSets }: PartnerRecord): readonly Insertable<Tables['trustSet']>[] {
  return trustSets.map((set, position) => ({
    partner: id,
    position,
    id: set.id,
    state: set.state,
    anchors: JSON.stringify(set.anchors),
    intermediates: JSON.stringify(set.intermediates),
    pins: JSON.stringify(set.pins),
    signingKeys: set.signingKeys === undefined ? null : JSON.stringify(set.signingKeys),
    fingerprint: set.fingerprint,
    origin: JSON.stringify(set.origin),
    receivedAtMs: set.receivedAtMs,
    verifications: JSON.stringify(set.verifications),
    stagedAtMs: set.stagedAtMs ?? null,
    activatedAtMs: set.activatedAtMs ?? null,
    retiredAtMs: set.retiredAtMs ?? null,
    wrongFingerprints: set.wrongFingerprints ?? null,
  }));
}

async function writeIdentities(
  db: Kysely<Tables>,
  identities: readonly IdentityRecord[],
): Promise<void> {
  if (identities.length === 0) return;
  const names = identities.map(({ name }) => name);
  await db.deleteFrom('identity').where('name', 'in', names).execute();
  await insertRows(
    identities.map(({ name, serverNames, position }) => ({
      name,
      serverNames: JSON.stringify(serverNames),
      position,
    })),
    (rows) => db.insertInto('identity').values(rows),
  );
  await insertRows(identities.flatMap(identityKeyRows), (rows) =>
    db.insertInto('identityKey').values(rows),
  );
}

function identityKeyRows({
  name,
  keys,
}: IdentityRecord): readonly Insertable<Tables['identityKey']>[] {
  return keys.map((key, position) => ({
    identity: name,
    position,
    id: key.id,
    state: key.state,
    kind: key.kind,
    spki: key.spki,
    requestPem: key.requestPem ?? null,
    chainPem: key.chainPem ?? null,
    anchorsPem: key.anchorsPem ?? null,
    sealedKey: key.sealedKey,
    createdAtMs: key.createdAtMs,
    notAfterMs: key.notAfterMs ?? null,
    activatedAtMs: key.activatedAtMs ?? null,
    retiredAtMs: key.retiredAtMs ?? null,
  }));
}

async function writeOperators(
  db: Kysely<Tables>,
  operators: readonly OperatorRecord[],
): Promise<void> {
  if (operators.length === 0) return;
  const names = operators.map(({ name }) => name);
  await db.deleteFrom('operator').where('name', 'in', names).execute();
  await insertRows(
    operators.map(({ name, role, publicKeyPem, isDisabled, addedAtMs, addedBy }) => ({
      name,
      role,
      publicKeyPem,
      isDisabled,
      addedAtMs,
      addedBy,
    })),
    (rows) => db.insertInto('operator').values(rows),
  );
}

async function writeNodes(db: Kysely<Tables>, nodes: readonly NodeRecord[]): Promise<void> {
  if (nodes.length === 0) return;
  const names = nodes.map(({ node }) => node);
  await db.deleteFrom('node').where('node', 'in', names).execute();
  await insertRows(
    nodes.map(({ node, role, state, hosts, revokedAtMs, reason }) => ({
      node,
      role,
      state,
      hosts: JSON.stringify(hosts),
      revokedAtMs: revokedAtMs ?? null,
      reason: reason ?? null,
    })),
    (rows) => db.insertInto('node').values(rows),
  );
  await insertRows(
    nodes.flatMap(({ node, certificates }) =>
      certificates.map(({ serial, notAfterMs }, position) => ({
        node,
        position,
        serial,
        notAfterMs,
      })),
    ),
    (rows) => db.insertInto('nodeCertificate').values(rows),
  );
}

async function insertRows<Row>(
  rows: readonly Row[],
  insert: (rows: readonly Row[]) => { execute(): Promise<unknown> },
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    await insert(rows.slice(at, at + ROWS_PER_STATEMENT)).execute();
  }
}
