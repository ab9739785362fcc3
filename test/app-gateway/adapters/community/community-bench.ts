import { X509Certificate } from 'node:crypto';
import type {
  CommunityConnection,
  CommunityTraffic,
} from '@sallyport/app-gateway/adapters/community/community-connection.ts';
import { CommunityPool } from '@sallyport/app-gateway/adapters/community/community-pool.ts';
import {
  HostLink,
  type HostLinkOptions,
} from '@sallyport/app-gateway/adapters/community/host-link.ts';
import { InnerListener } from '@sallyport/app-gateway/adapters/community/inner-listener.ts';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import type { Link } from '@sallyport/app-gateway/domain/signalling.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { LIMITS } from '../../domain/core/core-stage.ts';
import {
  type InnerServer,
  innerAuthority,
  type Shown,
  type Speaker,
  shownBy,
} from './inner-server.ts';

/** Who the parts of a bench are. */
export const gateway = await shownBy(innerAuthority, 'gateway.inner.example');
export const sipServer = await shownBy(innerAuthority, 'sip.inner.example');
export const anchors = certificatesOfPem(innerAuthority.certificatePem);
export const SETTINGS = {
  host: '127.0.0.1',
  port: 0,
  identity: gateway,
  communities: [{ id: 'staff', anchors, names: ['sip.inner.example'] }],
};
export const PROBE = { intervalMs: 60_000, timeoutMs: 5000, failuresToDown: 1, successesToUp: 1 };

/** The pool with its owner's ear, and links that tell what happens to them. */
export class Bench {
  readonly heard: string[] = [];
  readonly events: string[] = [];
  readonly origins: CommunityConnection[] = [];
  readonly pool: CommunityPool;
  readonly #index = new MessageIndex(LIMITS);
  #check: (() => void) | undefined;

  constructor() {
    this.pool = new CommunityPool({
      request: (index, from) => {
        this.origins.push(from);
        this.#hear(`${from.peer} ${index.method()}`);
      },
      response: (index, peer) => this.#hear(`${peer} ${index.status}`),
      linkLost: (link) => this.#hear(`lost ${link.remote}`),
    });
  }

  /** Sends a partner's request, whose answer somebody waits for. */
  send(link: HostLink, partner: string, text: string): Link | undefined {
    const used = this.pool.send(link.key, partner, new OutgoingText(text));
    if (used !== undefined) {
      used.lastWaiting = { number: 1, partner, before: undefined, after: undefined };
    }
    return used;
  }

  /** A link that is up, and the server's end of its first connection. */
  async connected(server: InnerServer): Promise<{ link: HostLink; main: Speaker }> {
    const link = this.link(await server.listen());
    this.pool.replaceLinks([link]);
    const main = await server.accepted();
    await this.until(() => link.isUp);
    return { link, main };
  }

  link(port: number, change: Partial<HostLinkOptions> = {}): HostLink {
    return new HostLink(this.options(port, change), this.pool, this.#index);
  }

  options(port: number, change: Partial<HostLinkOptions> = {}): HostLinkOptions {
    return {
      community: 'staff',
      host: '127.0.0.1',
      port,
      serverName: 'sip.inner.example',
      anchors,
      identity: gateway,
      probe: PROBE,
      innerHost: 'gateway.inner.example',
      innerPort: 5061,
      random: () => 0,
      changed: (_link, event, reason) => {
        this.events.push(reason === '' ? event : `${event} ${reason}`);
        this.#check?.();
      },
      lost: (_link, { partners, requests, reason }) => {
        this.events.push(`lost ${requests} of ${partners}: ${reason}`);
        this.#check?.();
      },
      ...change,
    };
  }

  /** A listener that is open. */
  async listener(): Promise<InnerListener> {
    const tell = (event: string) => {
      this.events.push(event);
      this.#check?.();
    };
    const listener = new InnerListener(
      {
        refused: (_address, reason) => tell(reason),
        lost: (address, community, reason) => tell(`${community} at ${address} lost: ${reason}`),
      },
      this.pool as CommunityTraffic,
      this.#index,
    );
    (await listener.prepare(SETTINGS)).take();
    return listener;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (!condition()) return;
        this.#check = undefined;
        resolve();
      };
      this.#check();
    });
  }

  #hear(what: string): void {
    this.heard.push(what);
    this.#check?.();
  }
}

/** Whether the other end of a connection showed that certificate. */
export function showed(speaker: Speaker, { chainPem }: Shown): boolean {
  return speaker.shown?.fingerprint256 === new X509Certificate(chainPem).fingerprint256;
}
