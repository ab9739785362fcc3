import { encodeSipTarget, type SipTarget } from '@sallyport/shared/channel/delivery.ts';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import { CREDIT_BYTES_MIN } from '@sallyport/shared/channel/hello.ts';
import {
  type ChannelConnection,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import type { ProxySite } from './proxy-site.ts';

/** A frame as the gateway got it. */
export interface Received {
  readonly type: number;
  readonly flow: number;
  readonly exchange: number;
  readonly text: string;
}

/** Nobody is this late on a busy machine; shorter than any wait of the programs that ends by a timer of 30 s. */
const WAIT_MS = 20_000;

/** The far end of a channel: records what comes and says what the test tells it to. */
export class FakeGateway {
  readonly frames: Received[] = [];
  readonly #dialer: ChannelDialer;
  readonly #waiting = new Set<() => void>();
  /** Answers each request at once when set. */
  respond: ((frame: Received) => string | undefined) | undefined;
  #connection: ChannelConnection | undefined;
  ready = false;
  closedReason: string | undefined;
  isProxyDraining = false;
  failures: string[] = [];

  private constructor(dialer: (gateway: FakeGateway) => ChannelDialer) {
    this.#dialer = dialer(this);
    this.#dialer.start();
  }

  static async connect(site: ProxySite, port: number, node = 'gateway-1'): Promise<FakeGateway> {
    const credentials = await site.gatewayCredentials(node);
    const gateway = new FakeGateway((self) => self.#dialerTo(site, port, node, credentials));
    await gateway.until(() => gateway.ready, 'channel');
    return gateway;
  }

  #dialerTo(
    site: ProxySite,
    port: number,
    node: string,
    credentials: { readonly certificatePem: string; readonly privateKeyPem: string },
  ): ChannelDialer {
    const own = {
      protocolVersions: [1],
      role: 'gateway',
      site: 'acme',
      node,
      worker: 0,
      workers: 1,
      creditBytes: 8 * CREDIT_BYTES_MIN,
      flowCreditBytes: CREDIT_BYTES_MIN,
    } as const;
    return new ChannelDialer(
      {
        host: '127.0.0.1',
        port,
        credentials: () => ({
          certificatePem: credentials.certificatePem,
          keyPem: credentials.privateKeyPem,
          caPem: site.siteAuthority.certificatePem,
        }),
        expected: { site: 'acme', role: 'proxy' },
        random: () => 0.5,
        failed: (reason) => this.failures.push(reason),
        own,
        clock: systemClock,
        limits: DEFAULT_CHANNEL_LIMITS,
        flush: 'every-turn',
      },
      (connection) => {
        this.#connection = connection;
        return {
          ready: () => {
            this.ready = true;
            this.#look();
          },
          frame: (type, _flags, flow, exchange, bytes, start, end) => {
            const text = bytes.toString('latin1', start, end);
            this.#take({ type, flow, exchange, text }, end - start);
          },
          flowWritable: () => undefined,
          draining: () => {
            this.isProxyDraining = true;
            this.#look();
          },
          closed: (reason) => {
            this.closedReason = reason;
            this.#look();
          },
        };
      },
    );
  }

  /** Sends a signed snapshot and waits for the proxy's verdict. */
  async configure(
    payload: Buffer,
  ): Promise<{ accepted: boolean; version: number; reason?: string }> {
    const before = this.frames.length;
    this.#send(FrameType.snapshot, 0, 0, 0, payload);
    const result = await this.frame(FrameType.snapshotResult, before);
    return JSON.parse(result.text) as { accepted: boolean; version: number; reason?: string };
  }

  send(flow: number, exchange: number, text: string, isFinal = false): void {
    const flags = isFinal ? FLAG_FINAL : 0;
    this.#send(FrameType.sip, flags, flow, exchange, Buffer.from(text, 'latin1'));
  }

  sendTo(target: SipTarget, exchange: number, text: string): void {
    const payload = Buffer.concat([encodeSipTarget(target), Buffer.from(text, 'latin1')]);
    this.#send(FrameType.sipTo, 0, 0, exchange, payload);
  }

  /** Sends an audit frame. */
  sendAudit(type: number, payload: Buffer): void {
    this.#connection?.sendParts(type, 0, payload);
  }

  closeFlow(flow: number, reason: string): void {
    this.#connection?.sendJson(FrameType.closeFlow, flow, 0, { reason });
  }

  /** The next frame of a type, among those that came after the first `since`. */
  async frame(type: number, since = 0): Promise<Received> {
    const find = () => this.frames.slice(since).find((frame) => frame.type === type);
    await this.until(() => find() !== undefined, `frame ${type}`);
    return find() as Received;
  }

  async until(isTrue: () => boolean, what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, WAIT_MS);
    const look = () => {
      if (isTrue()) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(look);
    if (!isTrue()) {
      const seen = this.frames.map(({ type, text }) => `${type} ${text.slice(0, 120)}`).join('\n');
      throw new Error(`no ${what}; failures ${this.failures.join()}; frames:\n${seen}`);
    }
  }

  /** Ends the channel for good. */
  stop(): void {
    this.#dialer.stop('test-over');
  }

  #send(type: number, flags: number, flow: number, exchange: number, payload: Buffer): void {
    this.#connection?.send(type, flags, flow, exchange, payload, 0, payload.length);
  }

  #take(frame: Received, bytes: number): void {
    this.frames.push(frame);
    if (frame.type === FrameType.sip) {
      this.#connection?.consumed(frame.flow, bytes);
      const answer = frame.exchange > 0 ? this.respond?.(frame) : undefined;
      if (answer !== undefined) this.send(frame.flow, frame.exchange, answer, true);
    }
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
