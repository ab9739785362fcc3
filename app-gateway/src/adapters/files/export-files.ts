import type { SiteFileText } from '../../commands/command-context.ts';
import { formatPartnerFile } from '../../config/format-partner-file.ts';
import type { State } from '../../ports/state-store.ts';

/**
 * The state as files that a site folder takes beside its `site.yaml`: imported again they change nothing.
 *
 * Private keys are in no export: an identity's certificates are written, and `site.yaml` keeps naming the files
 * from which its first key came.
 */
export function exportFiles(state: State): readonly SiteFileText[] {
  const partners = state.partners.map((partner) => ({
    path: `partners/${partner.id}.yaml`,
    text: formatPartnerFile(partner),
  }));
  const certificates = state.identities.flatMap(({ name, keys }) =>
    keys.flatMap(({ id, state: keyState, chainPem }) =>
      chainPem === undefined || keyState === 'retired'
        ? []
        : [{ path: `identities/exported/${name}-${id}.crt`, text: chainPem }],
    ),
  );
  return [...partners, ...certificates];
}
