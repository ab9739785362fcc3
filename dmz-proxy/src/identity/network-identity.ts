import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { NetworkIdentity } from './identity.ts';
import type { Partner, PartnerTable } from './partner.ts';

/** Why an address without TLS is nobody to us. */
export type NetworkFault = 'identity-unknown' | 'identity-ambiguous' | 'identity-source-network';

const NO_HOSTS: ReadonlySet<string> = new Set();

/**
 * Finds which partner a connection without TLS belongs to: the one whose record allows plain TCP and whose networks hold
 * the address.
 *
 * Nothing else is known of the peer, so that all who can send from those networks are that partner. Two partners with
 * one network are refused with the site's files; were there two all the same, it is neither.
 */
export function identifyByNetwork(
  { plain }: Pick<PartnerTable, 'plain'>,
  address: string,
): Result<NetworkIdentity, NetworkFault> {
  let found: Partner | undefined;
  for (const partner of plain) {
    if (partner.sourceNetworks?.contains(address) !== true) continue;
    if (found !== undefined) return err('identity-ambiguous');
    found = partner;
  }
  if (found === undefined) return err('identity-unknown');
  return ok({ partner: found, domains: found.domains, hosts: NO_HOSTS });
}

/** Whether an address without TLS is (still) that very partner's: of a connection that is open, or that we have opened. */
export function identifyPartnerByNetwork(
  table: Pick<PartnerTable, 'plain'>,
  { id }: Pick<Partner, 'id'>,
  address: string,
): Result<NetworkIdentity, NetworkFault> {
  const found = identifyByNetwork(table, address);
  return found.ok && found.value.partner.id !== id ? err('identity-source-network') : found;
}
