import { generateKeyPairSync } from 'node:crypto';
import type { RenewalRefusal } from '@sallyport/shared/channel/certificate-renewal.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import {
  renewalDueMs,
  renewalOverdueMs,
  renewalRetryMs,
} from '@sallyport/shared/x509/renewal-time.ts';
import { spkiDer } from '@sallyport/shared/x509/spki.ts';
import type { IssuedCertificate } from '../ports/channel-authority.ts';

export interface OwnChannelCertificateOptions {
  readonly issue: (spki: Buffer) => Promise<Result<IssuedCertificate, RenewalRefusal>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** A new one is there; new handshakes shall use it. */
  readonly renewed: (credentials: ChannelCredentials) => Promise<void>;
}

/** Longest sleep, so that a clock that is set forward is noticed. */
const LOOK_MS_MAX = 60_000;

/**
 * Keeps a gateway's own channel certificate young, with the authority in its own bundle.
 *
 * It stays in memory: after a restart a new one costs nothing but a signature.
 */
export class OwnChannelCertificate {
  readonly #options: OwnChannelCertificateOptions;
  #credentials: ChannelCredentials;
  #timer: Timer | undefined;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(initial: ChannelCredentials, options: OwnChannelCertificateOptions) {
    this.#credentials = initial;
    this.#options = options;
  }

  /** Renews at once when it is time, and from then on whenever it is. */
  async start(): Promise<void> {
    await this.#look();
  }

  stop(): void {
    this.#timer?.stop();
  }

  /** Which is to be shown where a bundle holds these: they, if younger or from another root, else what is in use. */
  chosen(given: ChannelCredentials): ChannelCredentials {
    if (given.caPem !== this.#credentials.caPem) return given;
    const [theirs, own] = [
      firstOfPem(given.certificatePem),
      firstOfPem(this.#credentials.certificatePem),
    ];
    const isOlder =
      theirs === undefined || (own !== undefined && theirs.notBeforeMs < own.notBeforeMs);
    return isOlder ? this.#credentials : given;
  }

  /** These are shown from now on, and the next certificate comes under their root. */
  use(credentials: ChannelCredentials): void {
    this.#credentials = credentials;
  }

  async #look(): Promise<void> {
    const { clock, random } = this.#options;
    const leaf = firstOfPem(this.#credentials.certificatePem);
    const nowMs = clock.wallMs();
    if (leaf !== undefined && nowMs >= renewalDueMs(leaf) && nowMs >= this.#notBeforeMs) {
      const isRenewed = await this.#renew(leaf);
      this.#failures = isRenewed ? 0 : this.#failures + 1;
      this.#notBeforeMs = isRenewed ? 0 : nowMs + renewalRetryMs(leaf, this.#failures, random());
    }
    const next = firstOfPem(this.#credentials.certificatePem);
    const dueMs = Math.max(next === undefined ? 0 : renewalDueMs(next), this.#notBeforeMs);
    const waitMs = Math.min(Math.max(dueMs - clock.wallMs(), 100), LOOK_MS_MAX);
    this.#timer = clock.after(waitMs, () => void this.#look());
  }

  async #renew(leaf: Certificate): Promise<boolean> {
    const { issue, renewed, log, clock } = this.#options;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const issued = await issue(spkiDer(publicKey));
    if (!issued.ok) {
      const ends = new Date(leaf.notAfterMs).toISOString();
      const isOverdue = clock.wallMs() >= renewalOverdueMs(leaf);
      log.warn('channel-certificate-not-renewed', { reason: issued.error, ends, isOverdue });
      return false;
    }
    this.#credentials = {
      certificatePem: issued.value.chainPem,
      keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      caPem: this.#credentials.caPem,
    };
    await renewed(this.#credentials);
    log.info('channel-certificate-renewed', {
      ends: new Date(issued.value.notAfterMs).toISOString(),
    });
    return true;
  }
}
