import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { FileSiteSource } from '../adapters/files/file-site-source.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { readSiteFolder } from '../adapters/files/site-folder.ts';
import { clusterKeySeal } from '../commands/cluster-key-seal.ts';
import type { KeySeal } from '../commands/command-context.ts';
import { checkDatabase } from '../config/check-database.ts';
import type { SiteProblem } from '../config/site-problem.ts';
import type { BodyStore } from '../ports/body-store.ts';
import type { FeedCursors } from '../ports/feed-cursors.ts';
import type { LedgerStore } from '../ports/ledger-store.ts';
import type { SiteSource } from '../ports/site-source.ts';
import type { StateArchive } from '../ports/state-archive.ts';
import type { StateStore } from '../ports/state-store.ts';

/** Where a running gateway has its site from. */
export interface OpenSite {
  readonly source: SiteSource;
  /** None where partners are kept in files alone: then nothing can be exchanged. */
  readonly state:
    | {
        readonly store: StateStore;
        readonly ledger: LedgerStore;
        readonly feedCursors: FeedCursors;
        readonly bodies: BodyStore;
        readonly archive: StateArchive;
        readonly keys: KeySeal;
      }
    | undefined;
}

/** Opens the database that a bundle's `site.yaml` names, if any; each problem says what to do. */
export async function openSite(
  { folder, node, clusterKey }: GatewayBundle,
  nowMs: () => number,
): Promise<Result<OpenSite, readonly SiteProblem[]>> {
  const { parsed, problems } = await readSiteFolder(folder);
  if (parsed === undefined) return err(problems);
  const unfit = checkDatabase(parsed).filter(({ severity }) => severity === 'error');
  if (unfit.length > 0) return err(unfit);
  const database = parsed.site.content.database ?? { kind: 'embedded' };
  if (database.kind === 'files') {
    return ok({ source: new FileSiteSource(folder, nowMs), state: undefined });
  }
  // A gateway without a database does not spend a tenth of a second and 20 MB on what speaks with one.
  const { openStateStore } = await import('../adapters/database/open-state-store.ts');
  const { StateSiteSource } = await import('../adapters/database/state-site-source.ts');
  const opened = await openStateStore(database, folder);
  if (!opened.ok) {
    const { code, message, next } = opened.error;
    return err([parsed.site.source.problem('error', ['database'], `${code}: ${message}; ${next}`)]);
  }
  const store = opened.value;
  const keys = clusterKeySeal(clusterKey);
  return ok({
    source: new StateSiteSource({ folder, store, keys, node, nowMs }),
    state: {
      store,
      ledger: store.ledger,
      feedCursors: store.feedCursors,
      bodies: store.bodies,
      archive: store.archive,
      keys,
    },
  });
}
