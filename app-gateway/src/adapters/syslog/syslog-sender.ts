import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { OwnCertificate } from '../../config/site.ts';

/** A syslog server over TLS (RFC 5425), and by what it is known. */
export interface SyslogServer {
  readonly host: string;
  readonly port: number;
  /** Name that its certificate must stand for; none: `host`. */
  readonly serverName?: string | undefined;
  readonly caPem: string;
  /** What we show to servers that ask who we are. */
  readonly identity?: OwnCertificate | undefined;
}

/** Why nothing, or not everything, was taken. */
export interface SyslogFailure {
  readonly code:
    | 'connect-failed'
    | 'connect-timeout'
    | 'connection-lost'
    | 'server-reads-nothing'
    | 'close-unanswered';
  /** Node's or OpenSSL's word for it. */
  readonly reason: string;
}

/** How long a server may keep us waiting. */
export const SYSLOG_TIMEOUTS = { connectMs: 10_000, writeMs: 30_000, closeMs: 5000 } as const;

type Outcome = Result<undefined, SyslogFailure>;

/** Dials; the connection is there when the server's certificate leads to the authority and stands for the name. */
export function openSyslog(
  server: SyslogServer,
  clock: Clock,
): Promise<Result<SyslogSender, SyslogFailure>> {
  const { host, port, serverName = host, caPem, identity } = server;
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ca: caPem,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      checkServerIdentity: (_: string, certificate: PeerCertificate) =>
        checkServerIdentity(serverName, certificate),
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ...(identity === undefined ? {} : { cert: identity.chainPem, key: identity.keyPem }),
    });
    const timer = clock.after(SYSLOG_TIMEOUTS.connectMs, () =>
      refuse('connect-timeout', 'ETIMEDOUT'),
    );
    const refuse = (code: SyslogFailure['code'], reason: string): void => {
      timer.stop();
      socket.destroy();
      resolve(err({ code, reason }));
    };
    const failed = (cause: Error): void => refuse('connect-failed', reasonOf(cause));
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      timer.stop();
      const sender = new SyslogSender(socket, clock);
      socket.off('error', failed);
      resolve(ok(sender));
    });
  });
}

/**
 * One connection to a syslog server. The protocol has no acknowledgement: what the kernel took may still be lost.
 *
 * The one thing that a server does tell is that it has read to the end, when it answers our closing (RFC 5425 §4.4).
 */
export class SyslogSender {
  readonly #socket: TLSSocket;
  readonly #clock: Clock;
  readonly #ended: Promise<Outcome>;
  #isClosing = false;
  #end: Outcome | undefined;

  constructor(socket: TLSSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#ended = new Promise((resolve) => {
      let reason = 'the server closed the connection';
      let hasEnded = false;
      socket.on('error', (cause) => {
        reason = reasonOf(cause);
      });
      socket.once('end', () => {
        hasEnded = this.#isClosing;
        if (!hasEnded) socket.destroy();
      });
      socket.once('close', (hadError) => {
        this.#end =
          hasEnded && !hadError ? ok(undefined) : err({ code: 'connection-lost', reason });
        resolve(this.#end);
      });
    });
    // A syslog server says nothing; whatever comes is read, so that its end is seen.
    socket.resume();
  }

  /** Hands octets over and waits until there is room for more. */
  async write(octets: Buffer): Promise<Outcome> {
    if (this.#end !== undefined || this.#isClosing) return this.#lost();
    if (this.#socket.write(octets)) return ok(undefined);
    const drained = new Promise<Outcome>((resolve) => {
      this.#socket.once('drain', () => resolve(ok(undefined)));
    });
    return await this.#within(SYSLOG_TIMEOUTS.writeMs, 'server-reads-nothing', drained);
  }

  /** Closes in good order. All went well when the server has read everything and closed its own side in answer. */
  async finish(): Promise<Outcome> {
    if (this.#end !== undefined) return this.#lost();
    this.#isClosing = true;
    this.#socket.end();
    return await this.#within(SYSLOG_TIMEOUTS.closeMs, 'close-unanswered', this.#ended);
  }

  /** Drops the connection; what was under way is lost. */
  abort(): void {
    this.#socket.destroy();
  }

  #lost(): Outcome {
    return this.#end?.ok === false
      ? this.#end
      : err({ code: 'connection-lost', reason: 'the connection was closed' });
  }

  async #within(
    timeoutMs: number,
    code: SyslogFailure['code'],
    outcome: Promise<Outcome>,
  ): Promise<Outcome> {
    let stop = (): void => undefined;
    const late = new Promise<Outcome>((resolve) => {
      const timer = this.#clock.after(timeoutMs, () => {
        resolve(err({ code, reason: `nothing for ${timeoutMs} ms` }));
        this.#socket.destroy();
      });
      stop = () => timer.stop();
    });
    const first = await Promise.race([outcome, this.#ended, late]);
    stop();
    return first;
  }
}

function reasonOf(cause: Error): string {
  return errorCode(cause) ?? cause.message;
}
