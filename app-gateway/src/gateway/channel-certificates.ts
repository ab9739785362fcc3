import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import type { Site } from '../config/site.ts';
import type { ChannelAuthority } from '../ports/channel-authority.ts';
import type { StateStore } from '../ports/state-store.ts';
import { CertificateDesk } from './certificate-desk.ts';
import { OwnChannelCertificate } from './own-channel-certificate.ts';

export interface ChannelCertificatesOptions {
  readonly bundle: GatewayBundle;
  readonly site: () => Site;
  readonly authority: ChannelAuthority | undefined;
  readonly store: StateStore | undefined;
  readonly random: () => number;
  readonly log: Logger;
  /** A certificate of our own is there; new handshakes shall use it. */
  readonly renewed: (credentials: ChannelCredentials) => Promise<void>;
}

/** All channel certificates that a gateway has to do with: those it issues to proxies, and its own. */
export class ChannelCertificates {
  readonly desk: CertificateDesk;
  readonly own: OwnChannelCertificate;

  constructor({
    bundle,
    site,
    authority,
    store,
    random,
    log,
    renewed,
  }: ChannelCertificatesOptions) {
    const { node, channel, channelCertificateLifeMs: lifeMs } = bundle;
    this.desk = new CertificateDesk({
      node,
      site,
      authority,
      store,
      lifeMs,
      nowMs: systemClock.wallMs,
      log,
    });
    this.own = new OwnChannelCertificate(channel, {
      issue: (spki) => this.desk.issue({ site: site().name, role: 'gateway', node }, spki),
      clock: systemClock,
      random,
      log,
      renewed,
    });
  }

  /** Answers a proxy that asks on its channel. */
  async answer(connection: ChannelConnection, exchange: number, payload: Buffer): Promise<void> {
    const answer = await this.desk.answer(connection.certified, payload);
    connection.sendJson(FrameType.certificateIssued, 0, exchange, answer);
  }
}
