import { retryDelayMs } from '@sallyport/shared/channel/back-off.ts';
import { bracketed, hostPort } from '@sallyport/shared/net/host-port.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { OutgoingText } from '../../domain/core/local-reply.ts';
import { type HostHealth, type ProbePolicy, probed, UNTRIED } from '../../domain/host-health.ts';
import type { Link, Outgoing } from '../../domain/signalling.ts';
import { CommunityConnection, type CommunityTraffic } from './community-connection.ts';
import type { LaneHost } from './host-lane.ts';
import { HostLanes, type LostLane } from './host-lanes.ts';
import { InnerDial, type InnerPlace } from './inner-dial.ts';

/** One host of a community and how it is reached. */
export interface HostLinkOptions extends InnerPlace {
  readonly community: string;
  readonly probe: ProbePolicy & { readonly intervalMs: number; readonly timeoutMs: number };
  /** Our own name and port in the probe's Via. */
  readonly innerHost: string;
  readonly innerPort: number;
  readonly random: () => number;
  readonly changed: (link: HostLink, event: string, reason: string) => void;
  /** A connection ended while requests of partners waited on it. */
  readonly lost: (link: HostLink, lost: LostLane) => void;
}

/** Marks probes apart from the core's transactions; the core's branches start with a node's tag. */
export const PROBE_BRANCH = 'z9hG4bKprobe.';

/**
 * Keeps one connection to one inner host: dials, dials again, and asks with OPTIONS whether somebody is there.
 *
 * Without a connection the host is down; with one, its answers decide. Requests take lanes of their own beside it, so that
 * what a partner sends cannot end it.
 */
export class HostLink implements LaneHost {
  readonly key: string;
  /** The key alone, made once: what a community of one host has to offer. */
  readonly keys: readonly string[];
  readonly share = { held: 0, bytes: 0 };
  #options: HostLinkOptions;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  #connection: CommunityConnection | undefined;
  #current: InnerDial | undefined;
  readonly #lanes: HostLanes;
  #health: HostHealth = UNTRIED;
  #attempt = 0;
  #probeNumber = 0;
  #lookTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #answerTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Probes in a row behind which this connection brought nothing at all. */
  #silences = 0;
  /** What it had brought when the last probe went out. */
  #bytesBefore = 0;
  /** The connection before this one was given up for its silence: the host has to prove itself. */
  #wasSilent = false;
  /** Connections in a row that ended without an answer to any probe, or for want of one. */
  #unproven = 0;
  /** This connection has brought an answer. */
  #isProven = false;
  /** A connection with a host that was well has ended, and nobody knows yet whether there is another. */
  #isReturning = false;
  /** Why the last connection that was told of ended. */
  #toldFault = '';
  /** Why none could be made since there was one, as it was told. */
  readonly #toldObstacles = new Set<string>();

  constructor(options: HostLinkOptions, traffic: CommunityTraffic, index: MessageIndex) {
    this.#options = options;
    this.#traffic = traffic;
    this.#index = index;
    this.key = `${options.community}/${options.host}:${options.port}`;
    this.keys = [this.key];
    this.#lanes = new HostLanes(this, traffic, index, (lost) => this.#options.lost(this, lost));
  }

  get community(): string {
    return this.#options.community;
  }

  get isUp(): boolean {
    return this.#connection?.isOpen === true && this.#health.isUp;
  }

  /** It was up a moment ago, and is being dialled for the first time since: what cannot go elsewhere may wait for it. */
  get isReturning(): boolean {
    return this.#isReturning;
  }

  /** The one without requests. */
  get connection(): CommunityConnection | undefined {
    return this.#connection;
  }

  get isWorthDialling(): boolean {
    return this.isUp || this.#isReturning;
  }

  get place(): InnerPlace {
    return this.#options;
  }

  /** The link that carries a partner's request; undefined where it cannot be sent now. */
  send(partner: string, request: Outgoing): Link | undefined {
    return this.#lanes.send(partner, request);
  }

  question(): Outgoing {
    const { innerHost, innerPort, host, port } = this.#options;
    const number = ++this.#probeNumber;
    const place = hostPort(host, port);
    const inner = bracketed(innerHost);
    return new OutgoingText(
      `OPTIONS sip:${place};transport=tls SIP/2.0\r\n` +
        `Via: SIP/2.0/TLS ${inner}:${innerPort};branch=${PROBE_BRANCH}${number}\r\n` +
        `Max-Forwards: 70\r\nFrom: <sip:${inner}>;tag=p${number}\r\nTo: <sip:${place}>\r\n` +
        `Call-ID: probe-${number}-${this.key.replace(/[^A-Za-z0-9.-]/g, '-')}\r\nCSeq: ${number} OPTIONS\r\n` +
        'Content-Length: 0\r\n\r\n',
    );
  }

  /** Whether `host:port`, from a Contact or Route, means this host: by its configured name or its address. */
  matches(place: string): boolean {
    const { host, port } = this.#options;
    const address = this.#connection?.sourceAddress;
    return (
      place === hostPort(host, port) || (address !== undefined && place === hostPort(address, port))
    );
  }

  start(): void {
    this.#isStopped = false;
    this.#dial();
    this.#lookRegularly();
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#lookTimer);
    clearInterval(this.#probeTimer);
    clearTimeout(this.#answerTimer);
    clearTimeout(this.#retryTimer);
    if (this.#connection === undefined) this.#current?.giveUp('stopped');
    else this.#connection.close();
    this.#lanes.close();
  }

  /**
   * Takes over other settings for the same host.
   *
   * The next connection uses all of them. The one there is stays, unless its server is no longer who it should be.
   */
  renew(options: HostLinkOptions): void {
    const { intervalMs } = this.#options.probe;
    this.#options = options;
    const isOtherInterval = options.probe.intervalMs !== intervalMs;
    this.#lanes.judge();
    if (isOtherInterval) this.#lookRegularly();
    if (this.#connection === undefined || this.#current?.judge() === false) return;
    if (isOtherInterval) this.#probeRegularly();
  }

  /** The answer to a probe: anything but 503 says that somebody is there. On a lane it is enough that it came. */
  answered(from: CommunityConnection, status: number): void {
    if (from !== this.#connection) return;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    this.#silences = 0;
    this.#wasSilent = false;
    this.#isProven = true;
    this.#unproven = 0;
    this.#probed(status !== 503, `status-${status}`);
  }

  #dial(): void {
    this.#attempt++;
    this.#current = new InnerDial(this, {
      opened: (dial) => this.#opened(dial),
      ended: (dial) => this.#ended(dial),
    });
  }

  #opened({ socket }: InnerDial): void {
    this.#connection = new CommunityConnection(socket, this, this.#traffic, this.#index);
    this.#attempt = 0;
    this.#toldObstacles.clear();
    this.#silences = 0;
    this.#isProven = false;
    this.#isReturning = false;
    if (!this.#wasSilent) this.#health = UNTRIED;
    if (this.#isNews('')) this.#options.changed(this, 'community-host-connected', '');
    this.#probe();
    this.#probeRegularly();
  }

  #ended({ fault }: InnerDial): void {
    clearInterval(this.#probeTimer);
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    if (this.#isStopped) return;
    this.#isReturning = this.isUp && this.#isProven;
    if (this.#connection !== undefined) this.#lost(fault);
    else this.#unreachable(fault);
    const attempt = Math.max(this.#attempt + 1, this.#unproven);
    const delayMs = retryDelayMs(attempt, this.#options.random());
    this.#retryTimer = setTimeout(() => this.#dial(), delayMs).unref();
  }

  /** Each new reason once: behind a port that was closed there may be a server with the wrong certificate. */
  #unreachable(fault: string): void {
    if (this.#toldObstacles.has(fault)) return;
    this.#toldObstacles.add(fault);
    this.#options.changed(this, 'community-host-unreachable', fault);
  }

  /** A connection that was there is not any more; whoever takes connections and never answers is dialled ever later. */
  #lost(fault: string): void {
    this.#connection = undefined;
    if (!this.#isProven || this.#wasSilent) this.#unproven++;
    if (this.#isNews(fault)) this.#options.changed(this, 'community-host-lost', fault);
    this.#toldFault = fault;
  }

  /** The first try after a connection that proved nothing is told of; those behind it only where another end comes. */
  #isNews(fault: string): boolean {
    return this.#unproven <= 1 || (fault !== '' && fault !== this.#toldFault);
  }

  #lookRegularly(): void {
    const { intervalMs } = this.#options.probe;
    clearInterval(this.#lookTimer);
    const look = () => this.#lanes.look(this.#options.probe.failuresToDown);
    this.#lookTimer = setInterval(look, intervalMs).unref();
  }

  #probeRegularly(): void {
    const { intervalMs } = this.#options.probe;
    clearInterval(this.#probeTimer);
    this.#probeTimer = setInterval(() => this.#probe(), intervalMs).unref();
  }

  #probe(): void {
    if (this.#answerTimer !== undefined) return;
    const { probe } = this.#options;
    this.#bytesBefore = this.#current?.socket.bytesRead ?? 0;
    this.#connection?.send(this.question());
    this.#answerTimer = setTimeout(() => {
      this.#answerTimer = undefined;
      this.#unanswered();
    }, probe.timeoutMs).unref();
  }

  /**
   * After so many silences that the host counts as down, its connection is given up as well, unless it brought something
   * else: a host may be too busy to answer us.
   *
   * A firewall that has lost its state drops what it does not know: the host is well, and only this connection is dead,
   * which the kernel would find out after a quarter of an hour.
   */
  #unanswered(): void {
    this.#probed(false, 'no-answer');
    const isHeard = (this.#current?.socket.bytesRead ?? 0) > this.#bytesBefore;
    this.#silences = isHeard ? 0 : this.#silences + 1;
    if (this.#silences < this.#options.probe.failuresToDown) return;
    this.#wasSilent = true;
    this.#current?.giveUp('no-answer');
    this.#lanes.giveUpSilent();
  }

  #probed(isSuccess: boolean, reason: string): void {
    const before = this.#health.isUp;
    this.#health = probed(this.#health, isSuccess, this.#options.probe);
    if (before === this.#health.isUp) return;
    this.#options.changed(this, before ? 'community-host-down' : 'community-host-up', reason);
  }
}
