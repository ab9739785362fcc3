import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';
import type { KeySeal } from '../../commands/command-context.ts';
import type { CutOffs } from '../../config/cut-off.ts';
import type { OwnIdentity, Site } from '../../config/site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import type { ChangeEvent } from '../../domain/exchange/change-event.ts';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import { keyName } from '../../domain/exchange/identity/identity-keys.ts';
import type { IdentityKey } from '../../domain/exchange/identity/identity-record.ts';
import type { SiteSource } from '../../ports/site-source.ts';
import type { State, StateStore, StoreFailure } from '../../ports/state-store.ts';
import { cutOffsOf, siteOf } from '../files/file-site-source.ts';
import { importDifference } from '../files/import-difference.ts';
import { readSiteFolder, type SiteFolder } from '../files/site-folder.ts';
import { DATABASE, joinState } from './join-state.ts';
import { StateLineage } from './state-lineage.ts';

/** What a gateway leaves as soon as it has a ledger to write into. */
const WRITTEN_BEFORE = join('run', 'audit', 'epoch');

/** What a site of files and database is made of. */
export interface StateSiteOptions {
  /** With `site.yaml`, as a gateway's bundle has it. */
  readonly folder: string;
  readonly store: StateStore;
  readonly keys: KeySeal;
  /** Name of the gateway that writes the first import. */
  readonly node: string;
  readonly nowMs: () => number;
}

/**
 * Adapter. A site whose hosts and addresses stand in `site.yaml`, and whose partners and identities stand in
 * the database.
 *
 * An empty database takes in what the folder has, once; from then on partners' files in the folder are not
 * looked at. The version is the newest change of either. A database that does not go on from what was read of it before
 * is refused, until the gateway is started anew; an empty one beside records of an earlier one, at the start too: the site
 * would begin anew with keys that were retired since, and without those who may change that.
 */
export class StateSiteSource implements SiteSource {
  readonly #options: StateSiteOptions;
  readonly #lineage: StateLineage;

  constructor(options: StateSiteOptions) {
    this.#options = options;
    this.#lineage = new StateLineage(options.store);
  }

  async load(): Promise<Result<Site, readonly SiteProblem[]>> {
    const { folder, keys, nowMs } = this.#options;
    const read = await readSiteFolder(folder);
    const state = await this.#loadState(read);
    if (!state.ok) return state;
    const lost = await this.#lineage.lost();
    if (!lost.ok) return err([unanswered(lost.error)]);
    if (lost.value !== undefined) return err([setBack(lost.value)]);
    if (read.parsed === undefined) return err(read.problems);
    const site = siteOf(joinState(read, state.value, keys, nowMs()), nowMs());
    if (!site.ok) return site;
    const version = Math.max(site.value.version, state.value.revision);
    const identities = site.value.identities.map((identity) => named(identity, state.value));
    const revokedNodes = revokedIn(state.value, site.value);
    return ok(
      Object.freeze({
        ...site.value,
        identities: Object.freeze(identities),
        version,
        revokedNodes,
      }),
    );
  }

  async cutOffs(): Promise<CutOffs> {
    const { folder, store, nowMs } = this.#options;
    const read = await readSiteFolder(folder);
    // Partners' files are of before the database: what they say of whom was undone since.
    const parsed = read.parsed && { ...read.parsed, partners: [] };
    const file = cutOffsOf({ ...read, parsed }, nowMs());
    const state = await store.load();
    if (!state.ok) return file;
    const { revision, partners, nodes } = state.value;
    const severed = partners.filter((one) => one.severed !== undefined).map(({ id }) => id);
    return {
      revision: Math.max(file.revision, revision),
      severed: [...file.severed, ...severed],
      revoked: [...file.revoked, ...revokedNames(nodes)],
    };
  }

  async #loadState(read: SiteFolder): Promise<Result<State, readonly SiteProblem[]>> {
    const { store } = this.#options;
    const state = await store.load();
    if (!state.ok) return err([unanswered(state.error)]);
    if (state.value.revision > 0) return state;
    if (existsSync(join(this.#options.folder, WRITTEN_BEFORE))) return err([lost()]);
    const imported = await this.#importFirst(state.value, read);
    if (!imported.ok) return imported;
    const fresh = await store.load();
    return fresh.ok ? fresh : err([unanswered(fresh.error)]);
  }

  async #importFirst(
    empty: State,
    read: SiteFolder,
  ): Promise<Result<undefined, readonly SiteProblem[]>> {
    const { store, keys, node, nowMs } = this.#options;
    const checked = siteOf(read, nowMs());
    if (!checked.ok) return checked;
    if (read.parsed === undefined) return err(read.problems);
    const difference = importDifference(
      empty,
      { parsed: read.parsed, named: read.named },
      {
        author: { kind: 'program', node },
        nowMs: nowMs(),
        seal: (privateKeyPem, label) => keys.seal(privateKeyPem, label),
      },
    );
    if (!difference.ok) return difference;
    if (difference.value.change === undefined) return ok(undefined);
    const done = await store.commit(empty.revision, difference.value.change, nowMs());
    // Another gateway that starts with the same database was first: then it has the same files.
    if (done.ok || done.error.code === 'conflict') return ok(undefined);
    return err([unanswered(done.error)]);
  }
}

/** With the name that sightings of its key are recorded under. */
function named(identity: OwnIdentity, { identities }: State): OwnIdentity {
  const spki = spkiSha256(new X509Certificate(identity.chainPem).publicKey);
  for (const { name, keys } of identities) {
    const isShownAs = ({ id }: IdentityKey) => [name, `${name}-${id}`].includes(identity.name);
    const known = keys.find((one) => one.spki === spki && isShownAs(one));
    if (known !== undefined)
      return Object.freeze({ ...identity, keyName: keyName(name, known.id) });
  }
  return identity;
}

/** Those of the file and those of the database. */
function revokedIn({ nodes }: State, site: Site): readonly string[] {
  return [...new Set([...site.revokedNodes, ...revokedNames(nodes)])].sort();
}

function revokedNames(nodes: State['nodes']): readonly string[] {
  return nodes.filter(({ state }) => state === 'revoked').map(({ node }) => node);
}

function setBack({ sequence, atMs, kind, subject }: ChangeEvent): SiteProblem {
  const change = `change ${sequence} (${kind}, ${subject}, ${utcText(atMs)})`;
  return {
    severity: 'error',
    file: DATABASE,
    path: '',
    message: `was set back: it has lost ${change}, and may let in again whom somebody has cut off; what was in force stays in force, and who is cut off now is cut off. Decide again what was lost (sallyport events list), then restart this gateway`,
  };
}

function lost(): SiteProblem {
  return {
    severity: 'error',
    file: DATABASE,
    path: '',
    message:
      'is empty, and this gateway has had one: its records are in run/audit. Bring that one back (sallyport restore); to begin anew on purpose, without partners and operators and with the keys that lie in the bundle, put run/audit aside first',
  };
}

function unanswered(failure: StoreFailure): SiteProblem {
  const reason = failure.code === 'unavailable' ? failure.reason : failure.code;
  return {
    severity: 'error',
    file: DATABASE,
    path: '',
    message: `does not answer: ${reason}; what was in force stays in force`,
  };
}
