import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { AdminServer } from '../adapters/admin/admin-server.ts';
import { FileStateStore } from '../adapters/files/file-state-store.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { siteFiles } from '../adapters/files/site-files.ts';
import { ADMIN_SOCKET } from '../commands/admin-protocol.ts';
import { ALL_COMMANDS } from '../commands/all-commands.ts';
import { storeRefusal } from '../commands/change-state.ts';
import { clusterKeySeal, dayKeySeal } from '../commands/cluster-key-seal.ts';
import type { CommandContext, RunningSite } from '../commands/command-context.ts';
import { offerSigningKey } from '../commands/offer-signing-key.ts';
import type { Site } from '../config/site.ts';
import { bodyHashSalt } from '../domain/ledger-keys.ts';
import { BodyDesk } from '../ledger/bodies/body-desk.ts';
import { DayKeys } from '../ledger/bodies/day-keys.ts';
import { HoldDesk } from '../ledger/hold-desk.ts';
import type { Note } from '../ledger/own-stream.ts';
import { RebuildDesk } from '../ledger/search-rebuild.ts';
import type { BodyStore } from '../ports/body-store.ts';
import { channelAuthorities } from './channel-authorities.ts';
import { ledgerAccess } from './ledger-access.ts';
import type { OpenSite } from './open-site.ts';

/** What commands need of the program that runs. */
export interface AdminParts {
  readonly bundle: GatewayBundle;
  /** Who seals records, as the last reload left it. */
  readonly witness: () => GatewayBundle['witness'];
  /** Undefined where partners are kept in files: then commands only read. */
  readonly state: OpenSite['state'];
  readonly site: () => Site;
  readonly running: RunningSite;
  readonly issueChannelCertificate: CommandContext['issueChannelCertificate'];
  readonly nowMs: () => number;
  /** Puts on record what happens here; none where auditing is off. */
  readonly note: Note | undefined;
  /** Octets in this gateway's journal that are not in the database; none where auditing is off. */
  readonly journalWaitingBytes: (() => number) | undefined;
  readonly log: Logger;
}

/**
 * Opens the socket for commands. A gateway that cannot still carries messages: the log says why, and
 * `undefined` comes back.
 */
export async function openAdmin(parts: AdminParts): Promise<AdminServer | undefined> {
  const { bundle, log } = parts;
  const server = new AdminServer(ALL_COMMANDS, contextOf(parts), log);
  const path = join(bundle.folder, ADMIN_SOCKET);
  const opened = await server.listen(path);
  if (opened.ok) {
    log.info('admin-ready', { socket: path });
    return server;
  }
  log.error('admin-refused', { reason: opened.error });
  return undefined;
}

function contextOf({
  bundle,
  witness,
  state,
  site,
  running,
  issueChannelCertificate,
  nowMs,
  note,
  journalWaitingBytes,
}: AdminParts): CommandContext {
  const { folder, node, clusterKey } = bundle;
  const keys = state?.keys ?? clusterKeySeal(clusterKey);
  const desks = state &&
    note && {
      holds: new HoldDesk(state.ledger, note),
      bodies: bodyDesk(state.bodies, clusterKey, note),
      rebuild: new RebuildDesk({ store: state.ledger, note }),
    };
  const ledger = ledgerAccess(bundle, witness, state?.ledger, desks);
  return {
    store: state?.store ?? new FileStateStore(folder, node, nowMs),
    get site() {
      return site();
    },
    node,
    nowMs,
    authorities: channelAuthorities(bundle),
    keys,
    siteFiles: siteFiles(keys),
    offerSigningKeyPem: offerSigningKey(clusterKey),
    running,
    issueChannelCertificate,
    ...(ledger !== undefined && { ledger }),
    ...(state !== undefined && { archive: state.archive }),
    ...(journalWaitingBytes !== undefined && { journalWaitingBytes }),
    ...(state === undefined && { readOnly: storeRefusal({ code: 'read-only' }) }),
  };
}

function bodyDesk(store: BodyStore, clusterKey: Buffer, note: Note): BodyDesk {
  const keys = new DayKeys({ store, seal: dayKeySeal(clusterKey), random: randomBytes });
  return new BodyDesk({ store, keys, bodyHashSalt: bodyHashSalt(clusterKey), note });
}
