import { hash, X509Certificate } from 'node:crypto';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import type { Site, SitePartner } from '../../config/site.ts';
import type { HubPolicy } from './channel-hub.ts';

type PolicySite = Pick<Site, 'identities'> & {
  readonly partners: readonly Pick<SitePartner, 'id' | 'ownIdentity' | 'connectionReuse'>[];
};

type Shown = Pick<FlowOpened, 'partner' | 'direction' | 'ownIdentity' | 'ownKey'>;

/** Base64 SHA-256 of the public key of the first certificate: how proxies name a key of ours. */
export function shownKey(chainPem: string): string {
  const spki = new X509Certificate(chainPem).publicKey.export({ type: 'spki', format: 'der' });
  return hash('sha256', spki, 'base64');
}

/** Which live connections may carry new requests, by the site of now. */
export class ConnectionPolicy implements HubPolicy {
  #keys: ReadonlyMap<string, string> = new Map();
  #partners: ReadonlyMap<string, PolicySite['partners'][number]> = new Map();

  use({ identities, partners }: PolicySite): void {
    this.#keys = new Map(identities.map(({ name, chainPem }) => [name, shownKey(chainPem)]));
    this.#partners = new Map(partners.map((partner) => [partner.id, partner]));
  }

  reusesAlways(partner: string): boolean {
    return this.#partners.get(partner)?.connectionReuse === 'always';
  }

  /**
   * Whether a live connection shows what a new one would.
   *
   * One that the partner opened asked for an identity by name, and would be shown that again: there it can be
   * the key of everybody, even if we show this partner the next one already when we dial.
   */
  isOfNow({ partner, direction, ownIdentity, ownKey }: Shown): boolean {
    const dialledWith = this.#partners.get(partner)?.ownIdentity ?? '';
    if (this.#keys.get(dialledWith) === ownKey) return true;
    return direction === 'inbound' && this.#keys.get(ownIdentity) === ownKey;
  }
}
