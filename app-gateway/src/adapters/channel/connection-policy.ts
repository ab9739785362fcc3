import { X509Certificate } from 'node:crypto';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';
import { type PlainPartner, transportTo } from '../../config/plain-tcp.ts';
import type { Site, SitePartner } from '../../config/site.ts';
import { type NamedSite, OwnNames } from '../../domain/own-names.ts';
import type { OwnName } from '../../domain/signalling.ts';
import type { HubPolicy } from './channel-hub.ts';

type PolicySite = Pick<Site, 'identities'> &
  NamedSite & {
    readonly partners: readonly (Pick<SitePartner, 'id' | 'ownIdentity' | 'connectionReuse'> &
      PlainPartner)[];
  };

/** Base64 SHA-256 of the public key of the first certificate: how proxies name a key of ours. */
export function shownKey(chainPem: string): string {
  return spkiSha256(new X509Certificate(chainPem).publicKey);
}

const NO_NAMES = new OwnNames({ public: { host: 'invalid', port: 5061 }, proxies: [] });

/** Which live connections may carry new requests, by the site of now. */
export class ConnectionPolicy implements HubPolicy {
  #keys: ReadonlyMap<string, string> = new Map();
  #names = NO_NAMES;
  #partners: ReadonlyMap<string, PolicySite['partners'][number]> = new Map();

  use(site: PolicySite): void {
    const { identities, partners } = site;
    this.#names = new OwnNames(site);
    this.#keys = new Map(identities.map(({ name, chainPem }) => [name, shownKey(chainPem)]));
    this.#partners = new Map(partners.map((partner) => [partner.id, partner]));
  }

  transportTo(partner: string): OwnName['transport'] {
    const known = this.#partners.get(partner);
    return known === undefined ? 'tls' : transportTo(known);
  }

  nameOf(node: string, opened: FlowOpened): OwnName {
    if (opened.direction === 'outbound') return this.nameFor(node, opened.transport ?? 'tls');
    return this.#names.ofArrival(node, opened);
  }

  nameFor(node: string, transport: OwnName['transport']): OwnName {
    return this.#names.ofNode(node, transport);
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
  isOfNow(opened: FlowOpened): boolean {
    if (opened.transport === 'tcp') return true;
    const { partner, direction, ownIdentity, ownKey } = opened;
    const dialledWith = this.#partners.get(partner)?.ownIdentity ?? '';
    if (this.#keys.get(dialledWith) === ownKey) return true;
    return direction === 'inbound' && this.#keys.get(ownIdentity) === ownKey;
  }
}
