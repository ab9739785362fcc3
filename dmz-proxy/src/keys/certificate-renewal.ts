import { generateKeyPairSync } from 'node:crypto';
import {
  decodeCertificateIssued,
  knowsRenewal,
} from '@sallyport/shared/channel/certificate-renewal.ts';
import { EXCHANGE_MAX, FrameType } from '@sallyport/shared/channel/frame.ts';
import { PROTOCOL_VERSIONS } from '@sallyport/shared/channel/hello.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { encodeCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { formatChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import {
  renewalDueMs,
  renewalOverdueMs,
  renewalRetryMs,
} from '@sallyport/shared/x509/renewal-time.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { Counters } from '../health/counters.ts';
import {
  acceptIssued,
  currentCredentials,
  keepRenewed,
  type OwnCredentials,
} from './channel-credentials.ts';

/** A channel as far as a certificate can be asked for on it. */
export type RenewalChannel = Pick<ChannelConnection, 'sendJson' | 'peer' | 'isAvailable'>;

export interface CertificateRenewalOptions {
  readonly bundle: Bundle;
  readonly worker: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly counters: Counters;
  readonly channels: () => readonly RenewalChannel[];
  /** New handshakes shall use these. */
  readonly use: (credentials: OwnCredentials) => void;
}

interface Pending {
  readonly exchange: number;
  readonly keyPem: string;
  readonly timeout: Timer;
}

const ANSWER_TIMEOUT_MS = 10_000;
/** Longest sleep, so that a clock that is set forward is noticed. */
const LOOK_MS_MAX = 60_000;
const LOOK_MS_MIN = 100;

/**
 * Keeps this host's channel certificate young: at two thirds of its life it asks a gateway for the next one.
 *
 * The key is made here and never leaves. Workers share what one of them got: each asks only when its own turn has
 * come and the spool holds nothing younger. Open channels stay as they are.
 */
export class CertificateRenewal {
  readonly #options: CertificateRenewalOptions;
  #bundle: Bundle;
  #current: OwnCredentials | undefined;
  #pending: Pending | undefined;
  #timer: Timer | undefined;
  #exchange = 0;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(initial: OwnCredentials | undefined, options: CertificateRenewalOptions) {
    this.#options = options;
    this.#bundle = options.bundle;
    this.#current = initial;
  }

  /** Looks at once and then whenever it may be time. */
  start(): void {
    this.#look();
  }

  stop(): void {
    this.#timer?.stop();
    this.#pending?.timeout.stop();
    this.#pending = undefined;
  }

  /** A bundle was read anew: it may hold a younger certificate, or trust another root. */
  reload(bundle: Bundle): void {
    this.#bundle = bundle;
    this.#takeUp(currentCredentials(bundle, this.#options.clock.wallMs()));
  }

  /** Seconds until the certificate ends, for the metrics; 0 when it has, or there is none. */
  get secondsLeft(): number {
    const endMs = this.#current?.leaf.notAfterMs ?? 0;
    return Math.max(0, Math.floor((endMs - this.#options.clock.wallMs()) / 1000));
  }

  /** A gateway's answer; one that nobody waits for is dropped. */
  answered(exchange: number, bytes: Buffer, start: number, end: number): void {
    const pending = this.#pending;
    if (pending?.exchange !== exchange) return;
    this.#pending = undefined;
    pending.timeout.stop();
    const answer = decodeCertificateIssued(bytes, start, end);
    if (!answer.ok) return this.#failed('answer-malformed');
    const { chain, refusal } = answer.value;
    if (chain === undefined) return this.#failed(refusal ?? 'answer-malformed');
    const atMs = this.#options.clock.wallMs();
    const issued = acceptIssued(this.#bundle, chain, pending.keyPem, atMs);
    if (!issued.ok) return this.#failed(issued.error);
    if (!keepRenewed(this.#bundle, this.#options.worker, issued.value)) {
      // Good until the next start all the same.
      this.#options.log.warn('channel-certificate-not-kept', { reason: 'spool-not-writable' });
    }
    this.#options.counters.add('certificate-renewed');
    this.#takeUp(issued.value);
  }

  #look(): void {
    this.#timer?.stop();
    const nowMs = this.#options.clock.wallMs();
    if (this.#pending === undefined && nowMs >= this.#turnMs()) {
      const shared = currentCredentials(this.#bundle, nowMs);
      const isYounger =
        shared !== undefined &&
        shared.leaf.notBeforeMs > (this.#current?.leaf.notBeforeMs ?? Number.NEGATIVE_INFINITY);
      if (isYounger) this.#takeUp(shared);
      else this.#ask();
    }
    const waitMs = this.#turnMs() - this.#options.clock.wallMs();
    const boundedMs = Math.min(Math.max(waitMs, LOOK_MS_MIN), LOOK_MS_MAX);
    this.#timer = this.#options.clock.after(boundedMs, () => this.#look());
  }

  /** When this worker looks for the next certificate: one after the other within a quarter of the time there is. */
  #turnMs(): number {
    if (this.#current === undefined) return this.#notBeforeMs;
    const { leaf } = this.#current;
    const { workers } = this.#bundle.config;
    const dueMs = renewalDueMs(leaf);
    const shareMs = ((leaf.notAfterMs - dueMs) / 4) * (this.#options.worker / workers);
    return Math.max(dueMs + shareMs, this.#notBeforeMs);
  }

  #ask(): void {
    const channels = this.#options
      .channels()
      .filter((channel) => channel.isAvailable && knowsRenewal(PROTOCOL_VERSIONS, channel.peer));
    const channel = channels[this.#failures % Math.max(channels.length, 1)];
    if (channel === undefined) return this.#failed('no-gateway');
    const { site, node } = this.#bundle.config;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const uri = formatChannelIdentity({ site, role: 'proxy', node });
    const request = encodeCertificationRequest(privateKey, `${node} proxy of ${site}`, uri);
    this.#exchange = this.#exchange === EXCHANGE_MAX ? 1 : this.#exchange + 1;
    const exchange = this.#exchange;
    const message = { request: request.toString('base64') };
    if (!channel.sendJson(FrameType.certificateRequest, 0, exchange, message)) {
      return this.#failed('not-sent');
    }
    this.#pending = {
      exchange,
      keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      timeout: this.#options.clock.after(ANSWER_TIMEOUT_MS, () => {
        this.#pending = undefined;
        this.#failed('no-answer');
      }),
    };
  }

  #takeUp(credentials: OwnCredentials | undefined): void {
    if (credentials === undefined) return;
    const isOther = credentials.certificatePem !== this.#current?.certificatePem;
    this.#current = credentials;
    this.#failures = 0;
    this.#notBeforeMs = 0;
    this.#options.use(credentials);
    if (!isOther) return;
    const ends = new Date(credentials.leaf.notAfterMs).toISOString();
    this.#options.log.info('channel-certificate-renewed', { ends });
    if (this.#timer !== undefined) this.#look();
  }

  #failed(reason: string): void {
    const { clock, counters, log, random } = this.#options;
    this.#failures++;
    counters.add(`certificate-not-renewed:${reason}`);
    const nowMs = clock.wallMs();
    const leaf = this.#current?.leaf ?? { notBeforeMs: nowMs, notAfterMs: nowMs };
    this.#notBeforeMs = nowMs + renewalRetryMs(leaf, this.#failures, random());
    const ends = new Date(leaf.notAfterMs).toISOString();
    const isOverdue = nowMs >= renewalOverdueMs(leaf);
    log.warn('channel-certificate-not-renewed', { reason, ends, isOverdue });
  }
}
