import { hash, X509Certificate } from 'node:crypto';
import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import type { Site } from '../../config/site.ts';

/** Base64 SHA-256 of the public key of the first certificate: how proxies name a key of ours. */
export function shownKey(chainPem: string): string {
  const spki = new X509Certificate(chainPem).publicKey.export({ type: 'spki', format: 'der' });
  return hash('sha256', spki, 'base64');
}

/** Which key of ours each partner is shown by a connection made now. */
export class ShownKeys {
  readonly #byIdentity: ReadonlyMap<string, string>;
  readonly #byPartner: ReadonlyMap<string, string | undefined>;

  constructor({ identities, partners }: Pick<Site, 'identities'> & PartnersShown) {
    this.#byIdentity = new Map(identities.map(({ name, chainPem }) => [name, shownKey(chainPem)]));
    this.#byPartner = new Map(
      partners.map(({ id, ownIdentity }) => [id, this.#byIdentity.get(ownIdentity)]),
    );
  }

  /**
   * Whether a live connection shows what a new one would.
   *
   * One that the partner opened asked for an identity by name, and would be shown that again: there it can be
   * the key of everybody, even if we show this partner the next one already when we dial.
   */
  isOfNow({ partner, direction, ownIdentity, ownKey }: Shown): boolean {
    if (this.#byPartner.get(partner) === ownKey) return true;
    return direction === 'inbound' && this.#byIdentity.get(ownIdentity) === ownKey;
  }
}

type Shown = Pick<FlowOpened, 'partner' | 'direction' | 'ownIdentity' | 'ownKey'>;

interface PartnersShown {
  readonly partners: readonly Pick<Site['partners'][number], 'id' | 'ownIdentity'>[];
}
