import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { retryDelayMs } from '@sallyport/shared/channel/back-off.ts';
import { bracketed, hostPort } from '@sallyport/shared/net/host-port.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { OwnCertificate } from '../../config/site.ts';
import { OutgoingText } from '../../domain/core/local-reply.ts';
import { type HostHealth, type ProbePolicy, probed, UNTRIED } from '../../domain/host-health.ts';
import { CommunityConnection, type CommunityTraffic } from './community-connection.ts';
import { communityPeerFault } from './community-trust.ts';

/** One host of a community and how it is reached. */
export interface HostLinkOptions {
  readonly community: string;
  readonly host: string;
  readonly port: number;
  /** Name that its certificate must cover. */
  readonly serverName: string;
  readonly anchors: readonly Certificate[];
  readonly identity: OwnCertificate;
  readonly probe: ProbePolicy & { readonly intervalMs: number; readonly timeoutMs: number };
  /** Our own name and port in the probe's Via. */
  readonly innerHost: string;
  readonly innerPort: number;
  readonly random: () => number;
  readonly changed: (link: HostLink, event: string, reason: string) => void;
}

/** Marks probes apart from the core's transactions; the core's branches start with a node's tag. */
export const PROBE_BRANCH = 'z9hG4bKprobe.';
const CONNECT_TIMEOUT_MS = 5000;
export const GROUPS = 'X25519MLKEM768:X25519:P-256:P-384';

/**
 * Keeps one connection to one inner host: dials, dials again, and asks with OPTIONS whether somebody is there.
 *
 * Without a connection the host is down; with one, its answers decide.
 */
export class HostLink {
  readonly key: string;
  /** The key alone, made once: what a community of one host has to offer. */
  readonly keys: readonly string[];
  #options: HostLinkOptions;
  readonly #traffic: CommunityTraffic;
  readonly #index: MessageIndex;
  #connection: CommunityConnection | undefined;
  #socket: TLSSocket | undefined;
  #health: HostHealth = UNTRIED;
  #attempt = 0;
  #probeNumber = 0;
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
  /** Why the last connection that was told of ended. */
  #toldFault = '';
  /** Why the connection that is or was there ends. */
  #fault = 'connect-failed';

  constructor(options: HostLinkOptions, traffic: CommunityTraffic, index: MessageIndex) {
    this.#options = options;
    this.#traffic = traffic;
    this.#index = index;
    this.key = `${options.community}/${options.host}:${options.port}`;
    this.keys = [this.key];
  }

  get community(): string {
    return this.#options.community;
  }

  get isUp(): boolean {
    return this.#connection?.isOpen === true && this.#health.isUp;
  }

  get connection(): CommunityConnection | undefined {
    return this.#connection;
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
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#probeTimer);
    clearTimeout(this.#answerTimer);
    clearTimeout(this.#retryTimer);
    if (this.#connection === undefined) this.#socket?.destroy();
    else this.#connection.close();
  }

  /**
   * Takes over other settings for the same host.
   *
   * The next connection uses all of them. The one there is stays, unless its server is no longer who it should be.
   */
  renew(options: HostLinkOptions): void {
    const { intervalMs } = this.#options.probe;
    this.#options = options;
    if (this.#connection === undefined || this.#socket === undefined) return;
    const { anchors, serverName, probe } = options;
    const refused = communityPeerFault(this.#socket, anchors, [serverName], 'server', Date.now());
    if (refused !== undefined) {
      this.#fault = refused;
      this.#socket.destroy();
    } else if (probe.intervalMs !== intervalMs) {
      clearInterval(this.#probeTimer);
      this.#probeRegularly();
    }
  }

  /** The answer to a probe: anything but 503 says that somebody is there. */
  answered(status: number): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    this.#silences = 0;
    this.#wasSilent = false;
    this.#isProven = true;
    this.#unproven = 0;
    this.#probed(status !== 503, `status-${status}`);
  }

  #dial(): void {
    const { host, port, serverName, identity } = this.#options;
    this.#attempt++;
    const socket = connect({
      host,
      port,
      cert: identity.chainPem,
      key: identity.keyPem,
      ca: [],
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ecdhCurve: GROUPS,
      ...(isIP(serverName) === 0 && { servername: serverName }),
    });
    this.#socket = socket;
    this.#fault = 'connect-failed';
    const timeout = setTimeout(() => {
      this.#fault = 'connect-timeout';
      socket.destroy();
    }, CONNECT_TIMEOUT_MS);
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      this.#fault = cause.code ?? this.#fault;
    });
    socket.once('secureConnect', () => {
      clearTimeout(timeout);
      const { anchors, serverName: name, community } = this.#options;
      const refused = communityPeerFault(socket, anchors, [name], 'server', Date.now());
      if (refused !== undefined) {
        this.#fault = refused;
        socket.destroy();
        return;
      }
      this.#connection = new CommunityConnection(
        socket,
        community,
        this.key,
        this.#traffic,
        this.#index,
      );
      this.#attempt = 0;
      this.#silences = 0;
      this.#isProven = false;
      if (!this.#wasSilent) this.#health = UNTRIED;
      if (this.#isNews('')) this.#options.changed(this, 'community-host-connected', '');
      this.#probe();
      this.#probeRegularly();
    });
    socket.once('close', () => {
      clearTimeout(timeout);
      clearInterval(this.#probeTimer);
      clearTimeout(this.#answerTimer);
      this.#answerTimer = undefined;
      if (this.#isStopped) return;
      if (this.#connection !== undefined) this.#lost();
      else if (this.#attempt === 1) {
        this.#options.changed(this, 'community-host-unreachable', this.#fault);
      }
      const attempt = Math.max(this.#attempt + 1, this.#unproven);
      const delayMs = retryDelayMs(attempt, this.#options.random());
      this.#retryTimer = setTimeout(() => this.#dial(), delayMs).unref();
    });
  }

  /** A connection that was there is not any more; whoever takes connections and never answers is dialled ever later. */
  #lost(): void {
    this.#connection = undefined;
    if (!this.#isProven || this.#wasSilent) this.#unproven++;
    if (this.#isNews(this.#fault)) this.#options.changed(this, 'community-host-lost', this.#fault);
    this.#toldFault = this.#fault;
  }

  /** The first try after a connection that proved nothing is told of; those behind it only where another end comes. */
  #isNews(fault: string): boolean {
    return this.#unproven <= 1 || (fault !== '' && fault !== this.#toldFault);
  }

  #probeRegularly(): void {
    const { intervalMs } = this.#options.probe;
    this.#probeTimer = setInterval(() => this.#probe(), intervalMs).unref();
  }

  #probe(): void {
    if (this.#answerTimer !== undefined) return;
    const { innerHost, innerPort, host, port, probe } = this.#options;
    const number = ++this.#probeNumber;
    this.#bytesBefore = this.#socket?.bytesRead ?? 0;
    const place = hostPort(host, port);
    const inner = bracketed(innerHost);
    this.#connection?.send(
      new OutgoingText(
        `OPTIONS sip:${place};transport=tls SIP/2.0\r\n` +
          `Via: SIP/2.0/TLS ${inner}:${innerPort};branch=${PROBE_BRANCH}${number}\r\n` +
          `Max-Forwards: 70\r\nFrom: <sip:${inner}>;tag=p${number}\r\nTo: <sip:${place}>\r\n` +
          `Call-ID: probe-${number}-${this.key.replace(/[^A-Za-z0-9.-]/g, '-')}\r\nCSeq: ${number} OPTIONS\r\n` +
          'Content-Length: 0\r\n\r\n',
      ),
    );
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
    const isHeard = (this.#socket?.bytesRead ?? 0) > this.#bytesBefore;
    this.#silences = isHeard ? 0 : this.#silences + 1;
    if (this.#silences < this.#options.probe.failuresToDown) return;
    this.#wasSilent = true;
    this.#fault = 'no-answer';
    this.#socket?.destroy();
  }

  #probed(isSuccess: boolean, reason: string): void {
    const before = this.#health.isUp;
    this.#health = probed(this.#health, isSuccess, this.#options.probe);
    if (before === this.#health.isUp) return;
    this.#options.changed(this, before ? 'community-host-down' : 'community-host-up', reason);
  }
}
