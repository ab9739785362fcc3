import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import type { Site } from '../config/site.ts';
import { programVersion } from '../program-version.ts';
import type { OpenSite } from './open-site.ts';
import { SiteLedger } from './site-ledger.ts';

/**
 * Opens the ledger of a site that has one; the log says why there is none.
 *
 * A ledger that is wanted and cannot be had is an error, and the gateway does not start: without it, what passes
 * would not be on record.
 */
export async function openLedger(
  bundle: GatewayBundle,
  state: OpenSite['state'],
  site: () => Site,
  log: Logger,
): Promise<SiteLedger | 'off' | 'failed'> {
  const off = reasonForNone(bundle, state, site());
  if (off !== undefined) {
    log.warn('audit-off', { reason: off });
    return 'off';
  }
  const { witness } = bundle;
  if (state === undefined || witness === undefined) return 'off';
  const opened = await SiteLedger.open({
    bundle,
    witness,
    site,
    state: state.store,
    store: state.ledger,
    feedCursors: state.feedCursors,
    bodies: state.bodies,
    programVersion: programVersion(),
    log,
  });
  if (opened.ok) return opened.value;
  log.error('audit-not-opened', { reason: opened.error });
  return 'failed';
}

function reasonForNone(
  { witness }: GatewayBundle,
  state: OpenSite['state'],
  { audit, proxies }: Site,
): string | undefined {
  if (!audit.enabled) return 'site.yaml says "audit: enabled: false"';
  if (state === undefined) return 'the site has no database: "database: files"';
  const rebundle = 'write the bundles anew with "sallyport bundle"';
  if (witness === undefined) return `the bundle has no witness.key; ${rebundle}`;
  // A proxy that cannot seal its records would refuse to be told of audit.
  const keyless = proxies.find(({ node }) => !witness.publicKeys.has(node));
  return keyless && `witnesses.json has no key of ${keyless.node}; ${rebundle}`;
}
